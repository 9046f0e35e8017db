"""The account's own numbers: typed, up to a limit, or in a file (R1.30-R1.32, R1.59-R1.62)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import audiences, words
from dashboards.session import Here, show_problem
from dashboards.widgets.table import Column, table
from data.errors import ChaparError
from data.settings import settings

REJECTS_SHOWN = 20


def typed(here: Here) -> tuple[Any, ...] | None:
    """A box of numbers, separated by anything; accepted and rejected are shown at once."""
    most = settings().quick.max_numbers
    text = st.text_area(
        here.say("numbers"),
        key="numbers",
        height=150,
        placeholder=here.say("numbers_hint"),
        help=here.say("numbers_help", n=here.count(most)),
    )
    if not text.strip():
        return None
    found = audiences.numbers_of_text(text)
    _report(here, found)
    if len(found.numbers) > most:
        st.error(here.say("numbers_too_many", n=here.count(most)), icon=":material/edit:")
        st.page_link(
            st.session_state["pages"]["send-file"],
            label=here.say("page_send_file"),
            icon=":material/upload_file:",
        )
        return None
    if not found.numbers:
        return None
    return {"kind": "numbers", "numbers": found.numbers}, here.say(
        "label_numbers", n=here.count(len(found.numbers))
    )


def uploaded(here: Here) -> tuple[Any, ...] | None:
    """A CSV file: its column of numbers, its other columns as fields, and what was rejected and why."""
    st.caption(here.say("file_help"))
    st.download_button(
        here.say("file_sample"),
        audiences.SAMPLE_CSV.encode("utf-8-sig"),
        "chapar-sample.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    file = st.file_uploader(here.say("file"), type=["csv", "txt", "tsv"], key="upload")
    if file is None:
        return None
    try:
        with st.spinner(here.say("file_reading")):
            upload, found = audiences.take_upload(here.account_id, file.getvalue())
    except ChaparError as problem:
        show_problem(here, problem)
        return None
    _report(here, found)
    if found.rejected:
        address = f"/download/rejects.csv?upload={upload}"
        st.link_button(here.say("rejects_file"), address, icon=":material/download:")
    if not found.accepted:
        return None
    node = {"kind": "file", "upload": upload} | ({"column": found.column} if found.column else {})
    return node, here.say("label_file", name=file.name, n=here.count(found.accepted)), found.fields


def _report(here: Here, found: audiences.Numbers) -> None:
    with st.container(horizontal=True, gap="small"):
        st.badge(here.say("accepted", n=here.count(found.accepted)), icon=":material/check:", color="green")
        if found.duplicates:
            st.badge(
                here.say("duplicates", n=here.count(found.duplicates)),
                icon=":material/content_copy:",
                color="gray",
            )
        if found.rejected:
            st.badge(here.say("rejected", n=here.count(found.rejected)), icon=":material/block:", color="red")
    if not found.rejects:
        return
    with st.expander(here.say("rejects")):
        columns = [
            Column("line", here.say("column_row"), "number"),
            Column("input", here.say("column_input"), "code"),
            Column("reason", here.say("column_reason"), "wide"),
        ]
        rows = [
            {
                "line": here.count(line),
                "input": words.plain(value, here.language),
                "reason": audiences.reason(reason, here.language),
            }
            for line, value, reason in found.rejects[:REJECTS_SHOWN]
        ]
        table(here, columns, rows, key="rejects")
