"""Reports of everything sent, by kind, with one filter bar whose state stands in the address (R2.1-R2.4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from dashboards import words
from dashboards.session import Here
from dashboards.widgets import jalali_input, listing
from data import clock
from data.rules import status
from data.rules.persian import digits
from data.use_cases import lines, reports
from data.use_cases.reports import Filter

PAGE_ROWS = 20
STATES = tuple(dict.fromkeys(("draft", "scheduled", "active", *status.RUN_STATES, "stopped")))


def show(here: Here) -> None:
    """Draw filters, the list, and its pages."""
    st.title(here.say("page_reports"), anchor=here.anchor)
    kind = _kind(here)
    wanted = _filters(here, kind)
    place = int(st.session_state.get("reports_page", 1))
    with st.spinner(here.say("loading")):
        found = reports.search(here.who, wanted, limit=PAGE_ROWS, offset=(place - 1) * PAGE_ROWS)
    st.caption(here.say("found", n=here.count(found.total)))
    listing.campaigns(here, found.rows, key=f"reports_{kind}_{place}", choose=True)
    pages = -(-found.total // PAGE_ROWS)
    if pages > 1:
        st.pagination(pages, key="reports_page")


def _kind(here: Here) -> str:
    kinds = dict(here.once("kinds", lambda: reports.kinds(here.who)))
    asked = st.query_params.get("kind", "")
    options = ["all", *kinds]
    chosen = st.pills(
        here.say("column_kind"),
        options,
        default=asked if asked in kinds else "all",
        key=f"kind_{asked}",
        format_func=lambda kind: (
            f"{words.kind(kind, here.language)} ({here.count(kinds[kind])})"
            if kind in kinds
            else here.say("all")
        ),
        label_visibility="collapsed",
    )
    return str(chosen or "all")


def _filters(here: Here, kind: str) -> Filter:
    with st.expander(here.say("search"), icon=":material/search:"):
        first, second = st.columns(2), st.columns(4)
        text = first[0].text_input(here.say("search_text"), key="search_text", max_chars=80)
        number = first[1].text_input(here.say("search_id"), key="search_id", max_chars=12)
        own = {line.name: line.id for line in lines.own(here.who)}
        line = second[0].selectbox(
            here.say("column_line"), [None, *own], format_func=_any(here), key="search_line"
        )
        state = second[1].selectbox(
            here.say("column_state"),
            [None, *STATES],
            key="search_state",
            format_func=lambda one: (
                here.say("any") if one is None else listing.state_label(one, here.language)
            ),
        )
        since, until = _range(here, second[2], second[3])
    plain = digits(number).strip()
    return reports.days(
        kind=None if kind == "all" else kind,
        text=text.strip() or None,
        id=int(plain) if plain.isdigit() else None,
        line_id=own.get(line or ""),
        state=state,
        since=since,
        until=until,
    )


def _range(here: Here, left: Any, right: Any) -> tuple[date | None, date | None]:
    today = words.figures.local(clock.now()).date()
    with left:
        since = jalali_input.optional_day(
            here, here.say("search_since"), key="search_since", around=today - timedelta(days=30)
        )
    with right:
        until = jalali_input.optional_day(here, here.say("search_until"), key="search_until", around=today)
    return since, until


def _any(here: Here) -> Any:
    return lambda one: here.say("any") if one is None else words.plain(one, here.language)
