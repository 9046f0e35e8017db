"""The list of campaigns, as the home page and the reports show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from dashboards import words
from dashboards.session import Here
from dashboards.widgets import controls
from dashboards.widgets.table import Column, Row, table
from data.rules import status

TEXT_CHARS = 60
if TYPE_CHECKING:
    from data.use_cases.reports import Listed

Badge = Literal["green", "red", "blue", "orange", "gray"]
BADGES: dict[str, Badge] = {"good": "green", "bad": "red", "busy": "blue", "wait": "orange"}
TONES = {
    "closed": "good",
    "ended": "good",
    "running": "busy",
    "planning": "busy",
    "approved": "busy",
    "active": "busy",
    "closing": "busy",
    "scheduled": "wait",
    "paused": "wait",
    "in_review": "wait",
    "draft": "wait",
    "refused_funds": "bad",
    "missed": "bad",
    "rejected": "bad",
    "cancelled": "plain",
    "stopped": "plain",
}
COLUMNS = (
    ("number", "code"),
    ("title", "wide"),
    ("time", "time"),
    ("line", "code"),
    ("recipients", "number"),
    ("delivered", "share"),
    ("price", "number"),
    ("net", "number"),
    ("state", "state"),
    ("view", "action"),
)


def campaigns(here: Here, rows: Sequence[Listed], *, key: str, choose: bool = False) -> None:
    """Draw the rows; "view" opens the report of one; chosen ones raise a bar of their verbs."""
    columns = [Column(name, here.say(f"column_{name}"), kind) for name, kind in COLUMNS]
    choose = choose and controls.offered(here)
    said = table(here, columns, [_row(here, row) for row in rows], key=key, choose=choose)
    if said.open is not None:
        open_report(int(said.open))
    known = {str(row.id): row.id for row in rows}
    chosen = [known[one] for one in said.chosen if one in known]
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{key}_bar"):
            many = here.say("campaigns_chosen", n=here.count(len(chosen)))
            st.markdown(f"**{many}**", width="stretch")
            controls.draw(here, *chosen)


def state_badge(here: Here, state: str) -> None:
    """Draw the state of a run or campaign in the colour of its meaning."""
    st.badge(state_label(state, here.language), color=BADGES.get(TONES.get(state, ""), "gray"))


def state_label(state: str, language: str) -> str:
    """Return the word for the state of a run or campaign."""
    persian, english = status.RUN_LABELS.get(state) or status.CAMPAIGN_LABELS[state]
    return persian if language == "fa" else english


def open_report(campaign_id: int) -> None:
    """Go to the report of a campaign."""
    st.switch_page(st.session_state["pages"]["report"], query_params={"id": str(campaign_id)})


def _row(here: Here, row: Listed) -> Row:
    at, then = here.moment(row.at), here.moment(row.next_at)
    return {
        "id": str(row.id),
        "number": words.plain(row.id, here.language),
        "name": row.title or words.plain(row.id, here.language),
        "title": {"text": row.title or row.text[:TEXT_CHARS], "sub": words.kind(row.kind, here.language)},
        "time": {"text": at, "sub": here.say("next_at", when=then)} if row.next_at else at,
        "line": words.plain(row.line, here.language),
        "recipients": here.bound(here.count(row.recipients), row.at_most),
        "delivered": {
            "text": words.percent(row.delivered, row.recipients or 0, here.language),
            "percent": 100 * row.delivered / row.recipients if row.recipients else 0,
        },
        "price": here.bound(here.rials(row.money.price), row.at_most) if row.money else "–",
        "net": here.rials(row.money.net) if row.money else "–",
        "state": {
            "text": state_label(row.shown_state, here.language),
            "tone": TONES.get(row.shown_state, "plain"),
        },
        "view": row.id,
    }
