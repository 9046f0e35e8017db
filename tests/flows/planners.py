"""Audiences of own numbers, what was sent of them, and planners that work at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import polars as pl
from desk import FIRST_NUMBER, Desk, together

from data.facts import recipients
from data.store import lake
from data.use_cases.floor import Who
from flows.steps import planning, starting
from targeting.orders import counting
from targeting.orders.counting import Asked


def own(n: int, *, first: int = 0) -> dict[str, Any]:
    """An audience of consecutive own numbers."""
    numbers = [f"0{FIRST_NUMBER + first + i - 980_000_000_000}" for i in range(n)]
    return {"any": [{"kind": "numbers", "numbers": numbers}]}


def planned_at_once(d: Desk, audiences: list[dict[str, Any]], monkeypatch: Any) -> None:
    """Plan one campaign an audience at once; each planner has chosen its set before any of them commits."""
    for audience in audiences:
        d.campaign(audience=audience)
    started, box = starting.start_due(), d.box
    chosen_together(len(started), monkeypatch)
    states = together(len(started), lambda i: planning.plan(box, started[i]))
    assert set(states) <= {"running", "closed"}, states


def chosen_together(planners: int, monkeypatch: Any) -> None:
    """Let so many planners go on only when each of them has chosen its first set."""
    gate, chosen, real = threading.Barrier(planners), threading.local(), recipients.write_set

    def wait(frame: pl.DataFrame) -> Any:
        if not getattr(chosen, "once", False):
            chosen.once = True
            gate.wait(30)
        return real(frame)

    monkeypatch.setattr(recipients, "write_set", wait)


def sent(d: Desk, run_id: int) -> list[int]:
    path = d.of(run_id).set_path
    return [] if path is None else recipients.numbers(lake.lake_root() / path)["msisdn"].to_list()


def had(d: Desk, run_id: int) -> int | None:
    steps = {step["step"]: step["removed"] for step in d.of(run_id).waterfall or []}
    return steps.get("already_sent")


def proposed(d: Desk, audience: dict[str, Any], kind: str = "area") -> int:
    return counting.next_row(Who(d.account_id), Asked(kind, audience))
