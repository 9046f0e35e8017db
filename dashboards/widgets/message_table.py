"""Every message of a run, a page at a time; rented numbers masked (R2.7, R16.9)."""

from __future__ import annotations

import streamlit as st

from dashboards import audiences, words
from dashboards.session import Here
from dashboards.widgets import evidence
from dashboards.widgets.table import Column, Row, table
from data.rules import status
from data.use_cases import messages
from data.use_cases.messages import Wanted
from data.use_cases.reports import Report

PAGE_ROWS = 50
GOOD, BAD, BUSY = "good", "bad", "busy"


def draw(here: Here, found: Report) -> None:
    """Draw filters, the table and its pages."""
    run = found.run
    if found.newest is None or run is None or not run.n:
        st.info(here.say("no_messages"))
        return
    if found.newest.veiled:
        st.info(here.say("veiled"))
        if "unknown" in found.newest.states:
            evidence.draw(here, run.id)
        return
    columns = st.columns([1, 1])
    state = columns[0].selectbox(
        here.say("column_state"),
        [None, *found.newest.states],
        key="message_state",
        format_func=lambda one: here.say("any") if one is None else status.label(one, here.language),
    )
    number = columns[1].text_input(here.say("search_number"), key="message_number", max_chars=20)
    wanted = f"{state}|{number}"
    place = int(st.session_state.get(f"messages_{wanted}", 1))
    with st.spinner(here.say("loading")):
        page = messages.page(
            here.who, run.id, Wanted(state, number), offset=(place - 1) * PAGE_ROWS, limit=PAGE_ROWS
        )
    st.caption(here.say("found_messages", n=here.count(page.total)))
    table(here, _columns(here), [_row(here, row) for row in page.rows], key="messages")
    pages = -(-page.total // PAGE_ROWS)
    if pages > 1:
        st.pagination(pages, key=f"messages_{wanted}")
    if "unknown" in found.newest.states:
        evidence.draw(here, run.id)


def _columns(here: Here) -> list[Column]:
    named = (
        ("pos", "number"),
        ("number", "code"),
        ("operator", "text"),
        ("parts", "number"),
        ("charged", "number"),
        ("refunded", "number"),
        ("state", "state"),
        ("sent_at", "time"),
        ("heard_at", "time"),
        ("gid", "code"),
    )
    return [Column(name, here.say(f"column_{name}"), kind) for name, kind in named]


def _row(here: Here, row: Row) -> Row:
    state = str(row["state"])
    tone = GOOD if state in status.DELIVERED else BUSY if state not in status.FINAL else BAD
    return {
        "pos": here.count(row["pos"]),
        "number": words.plain(row["number"], here.language),
        "operator": audiences.operator_name(row["operator"], here.language),
        "parts": here.count(row["parts"]),
        "charged": here.count(row["charged_rials"]),
        "refunded": here.count(row["refunded_rials"]),
        "state": {"text": status.label(state, here.language), "tone": "wait" if state == "unknown" else tone},
        "sent_at": here.moment(row["sent_at"]),
        "heard_at": here.moment(row["heard_at"]),
        "gid": row["gid"] or "–",
    }
