"""One campaign from order to last receipt: states, money, every message, controls (R2.5-R2.10)."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboards import audiences, living, words
from dashboards.session import Here, escaped
from dashboards.widgets import controls, figures, listing, message_table, summary
from data import clock
from data.rules import reasons, status
from data.use_cases import messages, reports
from data.use_cases.reports import Report

REFRESH_SECONDS = 2.0
WAITING_SECONDS = 30.0  # between two runs nothing moves but the clock
REFRESH_SHARE = 5.0  # a report that takes long to read is read less often
TAB_NAMES = ("overview", "messages", "audience")


def show(here: Here) -> None:
    """Draw the report of the campaign named in the address."""
    asked = st.query_params.get("id", "")
    if not asked.isdigit():
        st.switch_page(st.session_state["pages"]["reports"])
    campaign_id, named = int(asked), st.query_params.get("run", "")
    began = clock.monotonic()
    found = reports.report(here.who, campaign_id, run_id=int(named) if named.isdigit() else None)
    least = REFRESH_SECONDS if found.is_moving else WAITING_SECONDS
    pause = max(least, REFRESH_SHARE * (clock.monotonic() - began))
    _heading(here, found)
    run_id = _runs(here, found)
    every = None if found.is_final else pause
    living.fragment(_progress, every=every)(here, campaign_id, run_id, found.is_final)
    overview, every_message, audience = st.tabs([here.say(f"tab_{name}") for name in TAB_NAMES])
    with overview:
        living.fragment(_charts, every=None if found.is_final else 2 * pause)(here, campaign_id, run_id)
        _order(here, found)
    with every_message:
        message_table.draw(here, found)
    with audience:
        _audience(here, found)


def _heading(here: Here, found: Report) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.title(escaped(found.campaign.title), anchor=False)
            number = words.plain(found.campaign.id, here.language)
            st.caption(
                f"{words.kind(found.campaign.kind, here.language)} · {here.say('campaign_number', n=number)}"
            )
        st.page_link(
            st.session_state["pages"]["reports"],
            label=here.say("back_to_reports"),
            icon=":material/list_alt:",
        )


def _runs(here: Here, found: Report) -> int | None:
    """Let one of the runs be chosen where there are several; return its id, None for whichever is newest."""
    if len(found.runs) < 2 or found.run is None:
        return None
    known = {
        one.id: f"{here.moment(one.due_at)} · {listing.state_label(one.state, here.language)}"
        for one in found.runs
    }
    newest = next(iter(known))
    chosen = st.selectbox(
        here.say("run"), list(known), index=list(known).index(found.run.id), format_func=known.__getitem__,
        key=f"run_{found.campaign.id}_{newest}",
    )  # fmt: skip
    if chosen != found.run.id:
        st.query_params["run"] = str(chosen)
        st.rerun()
    return None if "run" not in st.query_params else found.run.id


def _progress(here: Here, campaign_id: int, run_id: int | None, was_final: bool) -> None:
    """Draw state, progress and figures; runs again by itself until the campaign is at its end."""
    found = reports.report(here.who, campaign_id, run_id=run_id)
    if found.is_final and not was_final:
        st.rerun()
    with st.container(border=True, key="card_progress"):
        with st.container(horizontal=True, vertical_alignment="center"):
            listing.state_badge(here, found.state)
            if found.run and found.state != found.run.state:
                listing.state_badge(here, found.run.state)
            if found.next_at:
                st.caption(here.say("next_at", when=here.moment(found.next_at)))
            if found.campaign.held_rials:
                st.caption(here.say("held", rials=here.rials(found.campaign.held_rials)))
            if found.newest and found.newest.never:
                st.caption(here.say("never_opens"))
            if found.run and found.run.why:
                st.caption(escaped(reasons.say(found.run.why, here.language)))
            st.space("stretch")
            if found.run and found.run.cancel_at and found.run.state not in status.RUN_FINAL:
                st.caption(here.say("stopping"))
            controls.draw(here, campaign_id)
        _bar(here, found)
        _figures(here, found)


def _bar(here: Here, found: Report) -> None:
    if not found.newest:
        when = found.campaign.next_due_at or found.campaign.start_at
        waiting = here.say("waiting_start", when=here.moment(when)) if when else here.say("is_draft")
        st.progress(0.0, text=waiting)
        return
    total, states = found.newest.run.n, found.newest.states.items()
    whole = here.bound(here.count(total), found.newest.at_most)
    done = sum(many for state, many in states if state in status.FINAL)
    sent = sum(many for state, many in states if state not in ("queued", "unknown"))
    if not total:
        st.progress(0.0, text=here.say("preparing"))
        return
    st.progress(
        done / total,
        text=here.say("progress", sent=here.count(sent), done=here.count(done), total=whole),
    )


def _figures(here: Here, found: Report) -> None:
    one = found.newest
    reached = words.percent(one.delivered, one.run.n, here.language) if one and one.run.n else "–"
    cards = (
        ("column_recipients", here.bound(here.count(one.run.n), one.at_most) if one else "–"),
        ("column_parts", here.bound(here.count(one.run.parts), one.at_most) if one else "–"),
        ("column_price", here.bound(here.rials(one.money.price), one.at_most) if one else "–"),
        ("column_net", here.rials(one.money.net) if one else "–"),
        ("column_delivered", reached),
    )
    with st.container(key="cards_figures"):
        columns = st.columns(len(cards))
    for column, (name, value) in zip(columns, cards, strict=True):
        column.metric(here.say(name), value)
    if one and one.money.charged:
        charged, refunded = here.rials(one.money.charged), here.rials(one.money.refunded)
        st.caption(
            here.say("money_so_far", charged=charged, refunded=refunded, net=here.rials(one.money.net))
        )


def _charts(here: Here, campaign_id: int, run_id: int | None) -> None:
    found = reports.report(here.who, campaign_id, run_id=run_id).newest
    if not found or not found.states:
        return
    left, right = st.columns([1.4, 1], gap="medium")
    with left, st.container(border=True, key="card_states"):
        st.subheader(here.say("chart_states"), anchor=False)
        figures.states(here, found.states)
    with right, st.container(border=True, key="card_operators"):
        st.subheader(here.say("chart_operators"), anchor=False)
        names = {audiences.operator_name(name, here.language): many for name, many in found.operators.items()}
        figures.operators(here, names)


def _order(here: Here, found: Report) -> None:
    with st.container(border=True, key="card_order"):
        st.subheader(here.say("message"), anchor=False)
        st.text(words.isolated(found.campaign.text))
        kind = here.say(f"line_{found.line.kind}")
        started = found.run.started_at if found.run else found.campaign.start_at
        facts = (
            (here.say("line"), f"{words.plain(found.line.name, here.language)} ({kind})"),
            (here.say("started"), here.moment(started)),
            (here.say("ordered_by"), found.campaign.created_by.removeprefix("user:")),
        )
        st.caption(escaped(" · ".join(f"{name}: {value}" for name, value in facts)))
        if found.line.stopped_why:
            why = reasons.say(found.line.stopped_why, here.language)
            st.warning(escaped(here.say("line_stopped", why=why)), icon=":material/warning:")
    told = found.run and found.run.n and found.newest and not found.newest.veiled
    if found.run and told and here.may(messages.export):
        address = "/download/messages.csv?" + urlencode({"campaign": found.campaign.id, "run": found.run.id})
        st.link_button(here.say("download"), address, icon=":material/download:")


def _audience(here: Here, found: Report) -> None:
    if found.run and found.run.waterfall:
        st.subheader(here.say("waterfall"), anchor=False)
        if found.newest and found.newest.at_most:
            st.caption(here.say("bounds"))
        summary.waterfall(here, found.run.waterfall, key="report_waterfall")
        st.caption(here.say("snapshot", name=found.run.snapshot or "–"))
    with st.expander(here.say("conditions"), icon=":material/data_object:"):
        st.json(found.campaign.audience, expanded=3)
