"""One composer for every kind of send; only how recipients are chosen differs (R1.2, CMP-1)."""

from __future__ import annotations

import streamlit as st

from dashboards import living, words
from dashboards.audiences import BUILD
from dashboards.drafts import Addition, Draft
from dashboards.session import Here, escaped, show_problem
from dashboards.widgets import audience_picker, jalali_input, slice_picker, summary
from dashboards.widgets.composer import composer
from data import clock
from data.errors import ChaparError
from data.rules import inputs
from data.rules.inputs.campaign import Campaign
from data.rules.unseen import is_blank
from data.store import population
from data.use_cases import lines as line_cases
from data.use_cases import messages
from data.use_cases.lines import Line
from targeting.orders import counting
from targeting.orders.counting import Asked

OWN_KINDS = ("quick", "file")
ASKED = inputs.labels(Campaign)  # one order has one model, whatever door it comes through


def show(kind: str, here: Here) -> None:
    """Draw the page of one kind."""
    draft = _draft(here, kind)
    st.title(words.kind(kind, here.language), anchor=here.anchor)
    st.caption(here.say(f"about_{kind}"))
    if kind not in OWN_KINDS and population.current() is None:
        st.warning(here.say("no_population"), icon=":material/database:")
        st.code(BUILD, language="bash")
        return
    lines = line_cases.own(here.who)
    if kind not in OWN_KINDS:  # rented numbers get adverts, which no service line carries
        lines = [line for line in lines if line.kind == "ad"] or lines
    if kind == "gender_age":
        lines = [line for line in lines if "demographic" in line.can] or lines
    if not lines:
        st.warning(here.say("no_line"), icon=":material/sim_card_alert:")
        return
    left, right = st.columns([1.85, 1], gap="medium")
    with left:
        _recipients(here, draft)
        line, text = _message(here, draft, lines)
        when = _when(here, draft)
    with right, st.container(border=True, key="card_summary"):
        order = summary.Order(draft, line, text, when)
        summary.draw(here, order)


def _draft(here: Here, kind: str) -> Draft:
    """Keep one draft a kind and account: an admin who acts as another account starts with an empty one."""
    key = f"draft_{here.account_id}_{kind}"
    if key not in st.session_state:
        st.session_state[key] = Draft(kind)
    draft: Draft = st.session_state[key]
    return draft


def _recipients(here: Here, draft: Draft) -> None:
    with st.container(border=True, key="card_recipients"):
        st.subheader(here.say("recipients"), anchor=False)
        living.fragment(_picker)(here, draft)
        _listed(here, draft)


def _picker(here: Here, draft: Draft) -> None:
    """Draw the form of the kind with its live count; only this part runs again while a shape is dragged."""
    try:
        choice = audience_picker.pick(here, draft.kind)
        found = counting.counted(here.who, Asked(draft.kind, {"any": [choice.node]})) if choice else None
    except ChaparError as problem:
        show_problem(here, problem)
        choice = found = None
    with st.container(horizontal=True, vertical_alignment="center", key="live_count"):
        with st.container(width="stretch"):
            _live(here, found)
        many = found.count.matched if found and not found.hidden else 0
        if (
            st.button(here.say("add"), icon=":material/add:", disabled=not many, type="primary", key="add")
            and choice
            and found
        ):
            draft.fields = tuple(dict.fromkeys((*draft.fields, *choice.fields)))
            draft.add(Addition(choice.node, words.opening(choice.label), many, found.count.at_most))
            st.rerun()


def _live(here: Here, found: counting.Counted | None) -> None:
    if found is None:
        st.caption(here.say("choose_first"))
        return
    if found.hidden:
        st.subheader(here.say("fewer_than", n=here.count(summary.min_cell())), anchor=False)
        st.caption(here.say("fewer_than_help"))
        return
    matched = here.say("matched", n=here.count(found.count.matched))
    st.subheader(here.bound(matched, found.count.at_most), anchor=False)
    if found.as_of:
        st.caption(here.say("as_of", date=words.day(found.as_of, here.language)))
    elif found.count.snapshot:
        st.caption(here.say("as_of_unknown"))


def _listed(here: Here, draft: Draft) -> None:
    """Show each addition with its own count and a way to take it out again (R1.3, R1.5)."""
    if not draft.additions:
        return
    for place, one in enumerate(draft.additions):
        with st.container(horizontal=True, vertical_alignment="center", key=f"addition_{place}"):
            st.markdown(f":material/group: {escaped(one.label)}", width="stretch")
            st.badge(here.bound(here.count(one.matched), one.at_most), color="green")
            if st.button(here.say("remove"), key=f"remove_{place}", icon=":material/close:", type="tertiary"):
                draft.remove(place)
                st.rerun()
    slice_picker.pick(here, draft)


def _message(here: Here, draft: Draft, lines: list[Line]) -> tuple[Line, str]:
    with st.container(border=True, key="card_message"):
        st.subheader(here.say("message"), anchor=False)
        line = st.selectbox(
            ASKED["line"].say(here.language), lines, key="line", format_func=lambda one: _line(here, one)
        )
        text = composer(here, key=f"text_{draft.token}", sizes=line.tariff.sizes, fields=draft.fields,
                        advert=line.kind == "ad")  # fmt: skip
        if draft.fields and not is_blank(text) and draft.tree:
            _preview(here, draft, text, line)
    return line, text


def _preview(here: Here, draft: Draft, text: str, line: Line) -> None:
    with st.expander(here.say("preview"), icon=":material/visibility:"):
        try:
            asked = Asked(draft.kind, draft.tree or {})
            for number, bank, merged in counting.samples(here.who, asked, text, line):
                st.caption(words.plain(messages.shown(number, bank=bank), here.language))
                st.text(merged)
        except ChaparError as problem:
            show_problem(here, problem)


def _line(here: Here, line: Line) -> str:
    kind, tariff = here.say(f"line_{line.kind}"), line.tariff
    if tariff.latin_price_rials == tariff.price_rials:
        price = here.rials(tariff.price_rials)
    else:
        price = here.say(
            "line_prices", persian=here.rials(tariff.price_rials), latin=here.rials(tariff.latin_price_rials)
        )
    return f"{words.plain(line.name, here.language)} – {kind} – {price}"


def _when(here: Here, draft: Draft) -> summary.When:
    with st.container(border=True, key="card_when"):
        when, title_of = ASKED["start_at"].say(here.language), ASKED["title"]
        st.subheader(when, anchor=False)
        now, later = here.say("when_now"), here.say("when_later")
        chosen = st.segmented_control(
            when, [now, later], default=now, key="when_mode", label_visibility="collapsed"
        )
        start_at = jalali_input.moment(here, key="start", now=clock.now()) if chosen == later else None
        title = st.text_input(
            title_of.say(here.language), key=f"title_{draft.token}", max_chars=title_of.chars_max,
            placeholder=here.say("title_hint"), help=title_of.help(here.language),
        )  # fmt: skip
    return summary.When(title.strip(), start_at)
