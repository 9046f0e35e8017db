"""Housekeeping: sweep up what nobody names, what was replaced, what has expired."""

from __future__ import annotations

from prefect import flow

from flows import artifacts, timetable
from flows.steps import housekeeping as sweeping
from flows.tasks import step


@flow(name="housekeeping")
def housekeeping() -> dict[str, int]:
    """Sweep everything once; return how much of what went."""
    timetable.begun("housekeeping")
    swept = tidy()
    artifacts.of_figures("housekeeping", swept, "رفت‌وروب · swept")
    return swept  # type: ignore[no-any-return]


@step("tidy up")
def tidy() -> dict[str, int]:
    """Sweep lake, snapshots, spool and sessions."""
    return sweeping.tidy()
