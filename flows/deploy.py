"""Every flow with its timetable, one line each; `python -m flows.deploy` serves them until told to end.

Times are Asia/Tehran. Shifts follow one another: the next begins as one ends, and takes its place.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prefect import Flow, serve
from prefect.deployments import run_deployment
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from data import clock
from data.settings import settings
from flows.audit import audit
from flows.campaign import campaign
from flows.dispatch import dispatch
from flows.housekeeping import housekeeping
from flows.population import population
from flows.receipts import receipts

NAME = "timetable"
SHIFTS = ("campaign", "dispatch", "receipts")
POLL_SECONDS, RUNS_MAX = 5, 12


def timetable() -> list[tuple[Flow[..., Any], Schedule, dict[str, Any]]]:
    """Return the flows, when they run, and their parameters."""
    return [
        (campaign, _shifts(), {}),
        (dispatch, _shifts(), {}),
        (receipts, _shifts(), {}),
        (audit, _cron("17 * * * *"), {}),
        (housekeeping, _cron("40 3 * * *"), {}),
        (population, _cron("10 2 * * 5"), {"anew": False}),
    ]


def deployments() -> list[RunnerDeployment]:
    """Return what is to be served."""
    made = [
        one.to_deployment(NAME, schedule=when, parameters=given, entrypoint_type=EntrypointType.MODULE_PATH)
        for one, when, given in timetable()
    ]
    return [one for one in made if isinstance(one, RunnerDeployment)]


def main() -> int:
    """Serve the timetable until SIGINT, which also pauses it; runs are child processes of this one."""
    begin_first_shifts()
    serve(*deployments(), limit=RUNS_MAX, print_starting_message=False, query_seconds=POLL_SECONDS)
    return 0


def begin_first_shifts() -> None:
    """Ask for a first shift of each kind at once; the timetable brings the next."""
    for one in deployments():
        if one.flow_name in SHIFTS:
            one.apply()
            run_deployment(f"{one.flow_name}/{NAME}", timeout=0)


def _cron(when: str) -> Schedule:
    return Cron(when, timezone=settings().timezone)


def _shifts() -> Schedule:
    return Interval(
        timedelta(minutes=settings().flows.shift_minutes), anchor_date=clock.now(),
        timezone=settings().timezone,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
