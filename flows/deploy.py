"""Every job of the timetable as a Prefect deployment; `python -m flows.deploy` serves them until told to end.

Times are Asia/Tehran. Shifts follow one another: the next begins as one ends, and takes its place.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from prefect import Flow, serve
from prefect.deployments import run_deployment
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from data import clock
from data.settings import settings
from flows import timetable
from flows.timetable import Job

NAME = "timetable"
POLL_SECONDS, RUNS_MAX = 5, 12


def flow_of(job: Job) -> Flow[..., Any]:
    """Return the flow of a job: it has the job's name, in the module of that name."""
    found = getattr(import_module(f"flows.{job.name}"), job.name)
    assert isinstance(found, Flow), job.name
    return found


def deployments() -> list[RunnerDeployment]:
    """Return what is to be served."""
    made: list[RunnerDeployment] = []
    for job in timetable.JOBS:
        one = flow_of(job).to_deployment(
            NAME, schedule=_when(job), parameters=dict(job.parameters),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )  # fmt: skip
        assert isinstance(one, RunnerDeployment), "an event loop runs in this thread: nothing would be served"
        made.append(one)
    return made


def main() -> int:
    """Serve the timetable until SIGINT, which also pauses it; runs are child processes of this one."""
    begin_first_shifts()
    serve(*deployments(), limit=RUNS_MAX, print_starting_message=False, query_seconds=POLL_SECONDS)
    return 0


def begin_first_shifts() -> None:
    """Ask for a first shift of each kind at once; the timetable brings the next."""
    for one in deployments():
        if one.flow_name in timetable.shift_names():
            one.apply()
            run_deployment(f"{one.flow_name}/{NAME}", timeout=0)


def _when(job: Job) -> Schedule:
    zone = settings().timezone
    if job.cron:
        return Cron(job.cron, timezone=zone)
    long = timedelta(minutes=settings().flows.shift_minutes)
    return Interval(long, anchor_date=clock.now(), timezone=zone)


if __name__ == "__main__":
    raise SystemExit(main())
