"""What is to be done and when: the one list that Prefect's deployments, `chapar worker`, the watchdog of
`chapar up` and docs/flows.md are made of.

A job with `every` is a shift: tick after tick with a pause of so many seconds. A job with `cron` (by
the clock of CHAPAR_TIMEZONE) is a chore, done once each time. The flow of a job has its name, in
flows/<name>.py; without Prefect the step itself is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from data import clock
from data.records import processes
from data.rules import cron as cron_times
from data.settings import settings
from data.store import operations
from flows.steps import chores, housekeeping, shifts
from flows.steps.shifts import Say, Shift
from flows.steps.toolbox import Toolbox

TICK: Final = 0.0  # as often as CHAPAR_FLOWS__TICK_SECONDS says
FACT = "timetable:{name}"


@dataclass(frozen=True, slots=True)
class Job:
    """One job. A shift's step is `step(box, stopping=…)` and returns how much was done, or a list of it; the
    worker adds it up under `counts`. A chore's step takes nothing, returns figures to be told, or raises.
    """

    name: str
    step: Callable[..., Any]
    every: float | None = None
    cron: str | None = None
    counts: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of its flow


JOBS: Final = (
    Job("inbound", shifts.hear, every=TICK, counts="inbound"),  # first: who opts out is left out of the rest
    Job("campaign", shifts.plan, every=TICK, counts="runs"),
    Job("dispatch", shifts.send, every=TICK, counts="messages"),
    Job("receipts", shifts.receive, every=TICK, counts="receipts"),
    Job("audit", chores.audit, cron="17 * * * *"),
    Job("housekeeping", housekeeping.tidy, cron="40 3 * * *"),
    Job("population", chores.population, cron="10 2 * * 5", parameters={"anew": False}),
)


def job(name: str) -> Job:
    """Return the job of that name."""
    return next(one for one in JOBS if one.name == name)


def shift_jobs() -> tuple[Job, ...]:
    """Return the jobs that somebody must be at all the time."""
    return tuple(one for one in JOBS if one.every is not None)


def shift_names() -> list[str]:
    """Return the kinds of shift there are, for the watchdog."""
    return [one.name for one in shift_jobs()]


def chore_jobs() -> tuple[Job, ...]:
    """Return the jobs that come by the clock."""
    return tuple(one for one in JOBS if one.cron is not None)


def pause(one: Job) -> float:
    """Return the seconds between two ticks of a shift."""
    return one.every or settings().flows.tick_seconds


def work_shift(name: str, say: Say, *, tell: Callable[[Any], None] | None = None) -> int:
    """Work one shift at a job in this process; `tell` hears what each tick did. Returns how much was done."""
    one = job(name)

    def tick(box: Toolbox, turn: Shift) -> int:
        came = one.step(box, stopping=turn.over)
        if tell:
            tell(came)
        return amount(came)

    return Shift(name, say, pause(one)).work(tick)


def amount(came: Any) -> int:
    """Return how much a step did: a number as it is, a list by its length."""
    return came if isinstance(came, int) else len(came)


def claim(one: Job) -> bool:
    """Say whether a chore's time has come, and take it if so: of several workers one does it.

    A home that hears of the chore for the first time waits for its next time.
    """
    assert one.cron, one.name
    now, key = clock.now(), FACT.format(name=one.name)
    with operations.reading() as c:
        if not _is_due(one.cron, processes.fact(c, key), now):
            return False
    with operations.writing() as c:
        last = processes.fact(c, key, lock=True)
        if not _is_due(one.cron, last, now):
            return False
        processes.set_fact(c, key, now.isoformat())
    return last is not None


def begun(name: str) -> None:
    """Say that a chore begins now, whoever does it, so that no worker does it again."""
    with operations.writing() as c:
        processes.set_fact(c, FACT.format(name=name), clock.now().isoformat())


def _is_due(cron: str, last: str | None, now: datetime) -> bool:
    if last is None:
        return True
    return cron_times.next_after(cron, datetime.fromisoformat(last), settings().timezone) <= now
