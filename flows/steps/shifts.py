"""A shift: tick after tick until its time is over, somebody asks it to stop, or a newer shift takes over.

Shifts that overlap are harmless, leases decide who may send (decisions 2); of several at once, as after an
outage of the scheduler, all but the newest end after their tick.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf

from data import clock
from data.errors import Retryable
from data.records import processes
from data.settings import settings
from data.store import operations
from flows.steps import (
    asking,
    dispatching,
    hearing,
    holding,
    planning,
    receiving,
    refunding,
    replying,
    starting,
)
from flows.steps.toolbox import Toolbox, open_toolbox

STOP_FACT = "shifts_asked_to_stop_at"
NAME_CHARS_MAX = 80
LOOK_EVERY_SECONDS, EXIT_ORPHAN = 1.0, 1
HANDOVER_SECONDS = 60.0  # a shift waits so long for the next one, so that there is always somebody
FAILURES_IN_A_ROW_MAX = 10
Tick = Callable[[Toolbox, "Shift"], int]
Say = Callable[[str], None]
Stopping = Callable[[], bool]


def plan(box: Toolbox, *, stopping: Stopping | None = None) -> list[int]:  # noqa: ARG001 (a tick is short)
    """Start what is due and plan it; return the ids of the runs planned now."""
    if holding.is_held():
        return []
    starting.start_due()
    return planning.plan_due(box)


def send(box: Toolbox, *, stopping: Stopping | None = None) -> int:
    """Recover, send what is due now, close what is complete; return the messages handed over."""
    return dispatching.tick(box, stopping=stopping).messages


def receive(box: Toolbox, *, stopping: Stopping | None = None) -> int:  # noqa: ARG001
    """Ask for what is not brought, bring receipts in and settle what is due; return how many there were."""
    asking.ask_due(box)
    heard = receiving.drain(box)
    refunding.settle_due()
    return heard.receipts


def hear(box: Toolbox, *, stopping: Stopping | None = None) -> int:  # noqa: ARG001
    """Take in what people wrote and queue the answers that are owed; return how many messages there were."""
    heard = hearing.drain(box)
    replying.answer(box)
    return heard.inbound


@dataclass(slots=True)
class Shift:
    """The turn of this process at one kind of work on this host."""

    name: str
    say: Say
    pause: float = field(default_factory=lambda: settings().flows.tick_seconds)  # between two ticks
    ends_at: float = field(default_factory=lambda: clock.monotonic() + _seconds())
    began: str = field(default_factory=lambda: clock.now().isoformat())
    parent: int = field(default_factory=os.getppid)
    looked_at: float = -inf
    why: str | None = None  # why it is over

    def work(self, tick: Tick) -> int:
        """Tick until the shift is over; return the sum of what ticks returned. A busy store is waited for."""
        with operations.writing() as c:
            processes.announce(c, _row(self.name), now=clock.now())  # this is how it takes over
        done, failures = 0, 0
        while True:
            try:
                done += tick(open_toolbox(), self)
                failures = 0
            except Retryable as error:
                failures += 1
                self.say(f"{self.name}: {error.en}")
                if failures >= FAILURES_IN_A_ROW_MAX:
                    raise
            if self.over():
                self.say(f"{self.name}: {self.why}")
                return done
            clock.sleep(self.pause)

    def over(self) -> bool:
        """Say whether to stop; looked at once a second, which is also the heartbeat of a long tick."""
        if self.why is None and clock.monotonic() - self.looked_at >= LOOK_EVERY_SECONDS:
            self.looked_at = clock.monotonic()
            self.why = self._reason()
        return self.why is not None

    def _reason(self) -> str | None:
        if os.getppid() != self.parent:
            os._exit(EXIT_ORPHAN)  # our runner was killed: nobody is left to tell, and all is committed
        if clock.monotonic() >= self.ends_at:
            return "the shift is over"
        with operations.writing() as c:
            asked = processes.fact(c, STOP_FACT)
            if asked and asked > self.began:
                return "asked to stop"
            if not processes.is_mine(c, _row(self.name)):
                return "a newer shift has taken over"
            processes.announce(c, _row(self.name), now=clock.now())
        return None


def ask_to_stop() -> None:
    """End every shift that has begun, each after its tick."""
    with operations.writing() as c:
        processes.set_fact(c, STOP_FACT, clock.now().isoformat())


def absent(names: list[str]) -> list[str]:
    """Return those of these kinds of shift that no process of this host works at."""
    with operations.reading() as c:
        alive = {row["name"] for row in processes.listing(c) if row["alive"]}
    return [name for name in names if _row(name) not in alive]


def silent(names: list[str], seconds: float) -> list[str]:
    """Return those of these kinds of shift that did not say for so long that they live."""
    with operations.reading() as c:
        seen = {row["name"]: row["seen_at"] for row in processes.listing(c)}
    since = clock.now() - timedelta(seconds=seconds)
    return [name for name in names if _row(name) not in seen or seen[_row(name)] < since]


def _seconds() -> float:
    return settings().flows.shift_minutes * 60 + HANDOVER_SECONDS


def _row(name: str) -> str:
    return f"shift:{name}:{socket.gethostname()}"[:NAME_CHARS_MAX]
