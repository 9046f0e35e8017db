"""The batches whose outcome is not known: where each stands, and below it all that was tried and heard."""

from __future__ import annotations

import streamlit as st

from dashboards import words
from dashboards.session import Here
from dashboards.widgets.table import Column, Row, table
from data.rules import reasons
from data.use_cases import evidence
from data.use_cases.evidence import Batch, Happening

BATCHES = (("batch", "number"), ("range", "code"), ("attempts", "number"), ("last", "time"), ("why", "wide"))
HISTORY = (("batch", "number"), ("at", "time"), ("what", "text"), ("result", "text"), ("why", "wide"))


def draw(here: Here, run_id: int) -> None:
    """Draw both tables, closed until somebody asks."""
    found = evidence.of_run(here.who, run_id)
    with st.expander(here.say("evidence"), icon=":material/help:"):
        st.caption(here.say("evidence_help"))
        table(here, _columns(here, BATCHES), [_batch(here, one) for one in found.batches], key="evidence")
        st.caption(here.say("evidence_history"))
        rows = [_happening(here, one) for one in found.history]
        table(here, _columns(here, HISTORY), rows, key="evidence_history")
        if found.left_out:
            st.caption(here.say("evidence_more", n=here.count(found.left_out)))


def _columns(here: Here, named: tuple[tuple[str, str], ...]) -> list[Column]:
    return [Column(name, here.say(f"evidence_{name}"), kind) for name, kind in named]


def _batch(here: Here, one: Batch) -> Row:
    return {
        "batch": here.count(one.id),
        "range": words.plain(f"{one.pos_from}–{one.pos_from + one.n - 1}", here.language),
        "attempts": here.count(one.attempt),
        "last": here.moment(one.first_sent_at),
        "why": reasons.say(one.why, here.language) if one.why else "–",
    }


def _happening(here: Here, one: Happening) -> Row:
    """An attempt has a number and an outcome, with the status of its answer; evidence has its kind alone."""
    label = one.label(here.language)
    status = f" (HTTP {words.plain(one.http_status, here.language)})" if one.http_status else ""
    attempt = one.attempt and here.say("evidence_attempt", n=here.count(one.attempt))
    return {
        "batch": here.count(one.batch_id),
        "at": here.moment(one.at),
        "what": attempt or label,
        "result": label + status if attempt else "–",
        "why": reasons.say(one.why, here.language) if one.why else "–",
    }
