"""Audit: every invariant recomputed; a breach fails the flow run, so that it shows."""

from __future__ import annotations

from typing import Any

from prefect import flow

from flows import artifacts, timetable
from flows.steps import auditing, chores
from flows.tasks import step


@flow(name="audit")
def audit() -> dict[str, Any]:
    """Recompute the books and the facts; raise Broken where they do not agree."""
    timetable.begun("audit")
    found = recompute()
    figures = {name: found[name] for name in ("ok", "balanced", "accounts", "entries", "posted_rials")}
    artifacts.of_figures("audit", figures, "حسابرسی · audit")
    chores.refuse_breaches(found)
    return found  # type: ignore[no-any-return]


@step("recompute every invariant")
def recompute() -> dict[str, Any]:
    """Read everything, write nothing."""
    return auditing.audit()
