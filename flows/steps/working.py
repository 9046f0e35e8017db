"""The worker: every job of the timetable in a plain loop, until a signal; it ends after its tick."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import inf
from types import FrameType
from typing import Any

from data import clock
from data.errors import ChaparError, Retryable
from data.settings import settings
from data.store import operations
from flows import terminal, timetable
from flows.steps import holding
from flows.steps.company import Company
from flows.steps.toolbox import open_toolbox
from flows.timetable import Job
from gateways import config

FAILURES_IN_A_ROW_MAX = 30
CHORES_EVERY_SECONDS = 30.0  # so often it is asked whether a chore's time has come


def work(*, once: bool) -> dict[str, Any]:
    """Do the timetable until told to stop, or held; return what was done: ticks, what each shift counts,
    chores, and why it is held if so.
    """
    done: dict[str, Any] = {"ticks": 0, **{job.counts: 0 for job in timetable.shift_jobs()}, "chores": 0}
    with ExitStack() as stack:
        asked = stack.enter_context(_asked_to_stop())
        if _needs_company():
            stack.enter_context(Company())
        chores, rounds, failures = stack.enter_context(_chores()), Rounds(), 0
        while not (held := holding.told()):
            failures = failures + 1 if not _tick(done, rounds, asked) else 0
            if failures > FAILURES_IN_A_ROW_MAX:
                raise Retryable(f"the store was busy {failures} times in a row", "پایگاه داده مشغول است")
            done["chores"] = chores.look()
            if once or asked.wait(settings().flows.tick_seconds):
                break
    done["chores"] = chores.begun
    return done | (held or {})


@dataclass(slots=True)
class Rounds:
    """When each shift had its last tick here (monotonic seconds)."""

    last: dict[str, float] = field(default_factory=dict)

    def due(self) -> list[Job]:
        """Return the shifts whose pause is over, and begin it anew for them."""
        now = clock.monotonic()
        found = [
            job for job in timetable.shift_jobs()
            if now - self.last.get(job.name, -inf) >= (job.every or 0)
        ]  # fmt: skip
        self.last |= {job.name: now for job in found}
        return found


def _tick(done: dict[str, Any], rounds: Rounds, asked: threading.Event) -> bool:
    """One pass over every shift, cut short when asked to stop; False when the store was busy."""
    try:
        box = open_toolbox()
        for job in rounds.due():
            done[job.counts] += timetable.amount(job.step(box, stopping=asked.is_set))
    except Retryable as error:
        terminal.say(f"worker: {error.en}")
        return False
    done["ticks"] += 1
    return True


@dataclass(slots=True)
class Chores:
    """What comes by the clock, one after the other beside the ticks: an audit holds nobody's message up."""

    pool: ThreadPoolExecutor
    looked_at: float = -inf
    begun: int = 0
    under_way: list[tuple[Job, Future[Any]]] = field(default_factory=list)

    def look(self) -> int:
        """Begin the chores whose time has come, tell of those that failed; return how many began so far."""
        if clock.monotonic() - self.looked_at >= CHORES_EVERY_SECONDS:
            self.looked_at = clock.monotonic()
            for job in filter(_claimed, timetable.chore_jobs()):
                self.under_way.append((job, self.pool.submit(job.step)))
                self.begun += 1
        self.tell([one for one in self.under_way if one[1].done()])
        return self.begun

    def tell(self, over: list[tuple[Job, Future[Any]]]) -> None:
        """Say what chores that are over found wrong; waits for those that are not."""
        for job, came in over:
            self.under_way.remove((job, came))
            if error := came.exception():
                said = error.en if isinstance(error, ChaparError) else f"{type(error).__name__}: {error}"
                terminal.say(f"{job.name}: {said}")


def _claimed(job: Job) -> bool:
    try:
        return timetable.claim(job)
    except Retryable as error:  # the store is busy; the next look finds it due again
        terminal.say(f"{job.name}: {error.en}")
        return False


@contextmanager
def _chores() -> Iterator[Chores]:
    with ThreadPoolExecutor(1, thread_name_prefix="chore") as pool:
        chores = Chores(pool)
        yield chores
        chores.tell(list(chores.under_way))


def _needs_company() -> bool:
    """A gateway that is only simulated, and not simulated yet, needs its server and a receiver beside us."""
    with operations.reading() as c:
        found = config.load_settings(c)
    return any(given.adapter == "simulator" and not given.base for given in found.values())


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    asked = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {name: signal.signal(name, stop) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
