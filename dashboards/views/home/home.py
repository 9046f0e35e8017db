"""The home page: welcome, credit, today's counts, thirty days of activity, recent campaigns (R0.2-R0.7)."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboards import words
from dashboards.audiences import BUILD
from dashboards.session import Here, attempt, escaped
from dashboards.widgets import figures, listing
from data import clock
from data.store import population
from data.use_cases import money, reports, sessions
from gateways.use_cases import home
from gateways.use_cases.standings import standings

DAYS = 30
RECENT = 5
TODAY = ("sent", "delivered", "failed", "received")


def show(here: Here) -> None:
    """Draw the page."""
    _welcome(here)
    _held(here)
    with st.spinner(here.say("loading")):
        recent = reports.search(here.who, reports.Filter(), limit=RECENT)
        daily = reports.daily(here.who, DAYS)
    _gateways(here)
    _credit(here)
    if not recent.rows:
        _nothing_yet(here)
        return
    _today(here, daily)
    with st.container(border=True, key="card_activity"):
        st.subheader(here.say("activity"), anchor=False)
        figures.activity(here, daily)
    st.subheader(here.say("recent"), anchor=False)
    listing.campaigns(here, recent.rows, key="recent")


def _welcome(here: Here) -> None:
    today = words.figures.local(clock.now()).date()
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.title(escaped(here.say("welcome", name=here.viewer.user.display_name)), anchor=False)
            st.caption(words.day(today, here.language, long=True))
        if not here.viewer.acting and here.viewer.is_admin:
            _show_the_demo(here)


def _show_the_demo(here: Here) -> None:
    """Offer an administrator the demo's panel with one press: the own account has sent nothing."""
    if any(one.name == sessions.DEMO for one in sessions.accounts_to_see(here.who)) and st.button(
        here.say("act_as_demo"), icon=":material/visibility:", help=here.say("act_as_demo_help")
    ):
        sessions.act_as(here.who, sessions.DEMO)
        st.rerun()


def _held(here: Here) -> None:
    """Say that nothing is sent from this home, if so; why, and how that is mended, is its administrators'."""
    shown = attempt(here, lambda: home.show(here.who))
    if shown is None or shown.why is None:
        return
    mender = here.viewer.is_admin and not here.viewer.acting
    told = shown.why[here.language != "fa"] if mender else here.say("held_note")
    st.error(escaped(told), icon=":material/pause_circle:")


def _gateways(here: Here) -> None:
    """Tell an administrator which gateways are not what they claim, or were never proven to be."""
    if not here.viewer.is_admin or here.viewer.acting:
        return
    for one in attempt(here, partial(standings, here.who)) or []:
        told = escaped(f"{one.gateway}: {one.say(here.language)}")
        if one.state == "failed":
            st.warning(told, icon=":material/cell_tower:")
        elif one.state == "declared":
            st.caption(f":material/cell_tower: {told}")


def _credit(here: Here) -> None:
    has = here.once("balances", lambda: money.balances(here.who))
    cards = (("available", has.available), ("held", has.held), ("unknown", has.unknown))
    with st.container(key="cards_credit"):
        columns = st.columns(3)
    for column, (name, amount) in zip(columns, cards, strict=True):
        column.metric(
            here.say(f"credit_{name}"), here.rials(amount), border=True, help=here.say(f"credit_{name}_help")
        )


def _today(here: Here, daily: pl.DataFrame) -> None:
    today = daily.row(-1, named=True)
    with st.container(key="cards_today"):
        columns = st.columns(len(TODAY))
    for column, name in zip(columns, TODAY, strict=True):
        column.metric(here.say(f"today_{name}"), here.count(today[name]), border=True)


def _nothing_yet(here: Here) -> None:
    with st.container(border=True, key="card_nothing_yet"):
        st.subheader(here.say("empty_title"), anchor=False)
        if population.current() is not None:
            st.markdown(here.say("empty_ready"))
            if st.button(here.say("empty_button"), type="primary", icon=":material/send:"):
                st.switch_page(st.session_state["pages"]["send-area"])
        else:
            st.markdown(here.say("empty_no_data"))
            st.code(f"make demo\n{BUILD}", language="bash")
