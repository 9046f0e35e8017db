"""The slice of a list that is sent to: a named series, from which row, how many, and «the next ones»."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.drafts import Draft
from dashboards.session import Here, show_problem
from data.errors import ChaparError
from data.rules.unseen import is_blank
from targeting.orders import counting
from targeting.orders.counting import Asked
from targeting.tree import SERIES_MAX

STEP = 100


def pick(here: Here, draft: Draft) -> None:
    """Draw the slice of a draft and keep what is chosen in it (R1.12-R1.14)."""
    with st.expander(here.say("slice"), icon=":material/content_cut:"):
        st.caption(here.say("slice_help"))
        series = st.text_input(
            here.say("series"), value=draft.series or "", max_chars=SERIES_MAX,
            help=here.say("series_help"), key=f"series_{draft.set_key}",
        )  # fmt: skip
        draft.series = None if is_blank(series) else series.strip()
        _rows(here, draft)
        _next_ones(here, draft)


def _rows(here: Here, draft: Draft) -> None:
    total = sum(one.matched for one in draft.additions)
    columns = st.columns(2)
    row = columns[0].number_input(
        here.say("row"), 1, max(1, total) + 1, value=draft.row, step=1, key=_row_key(draft)
    )
    count = columns[1].number_input(
        here.say("count"), 1, None, value=draft.count, step=STEP,
        key=f"count_{draft.set_key}", placeholder=here.say("all"),
    )  # fmt: skip
    draft.row, draft.count = int(row), None if count is None else int(count)


def _next_ones(here: Here, draft: Draft) -> None:
    """Offer the row where the next slice of this list or series begins, if some of it was sent."""
    try:
        proposed = counting.next_row(here.who, Asked(draft.kind, draft.tree or {}))
    except ChaparError as problem:
        show_problem(here, problem)
        return
    if proposed == 1:
        return
    st.info(here.say("next_row", n=here.count(proposed)), icon=":material/skip_next:")
    total = sum(one.matched for one in draft.additions)
    if proposed <= total:
        st.button(
            here.say("next_ones"), icon=":material/skip_next:", key="next_ones",
            on_click=_go_on, args=(_row_key(draft), proposed), disabled=draft.row == proposed,
        )  # fmt: skip


def _go_on(key: str, row: int) -> None:
    """Write the row into its box before the page is drawn again."""
    state: Any = st.session_state
    state[key] = row


def _row_key(draft: Draft) -> str:
    return f"row_{draft.set_key}"
