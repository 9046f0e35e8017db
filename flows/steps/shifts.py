"""A shift: one tick after the other until the time is over, somebody asks it to stop, or a newer shift takes over.

Shifts that overlap are harmless, leases decide who may send (decisions 2); of several at once, as after an
outage of the scheduler, all but the newest end after their tick.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from data import clock
from data.errors import Retryable
from data.records import processes
from data.settings import settings
from data.store import operations
from flows.steps import dispatching, planning, receiving, refunding, starting
from flows.steps.toolbox import Toolbox, open_toolbox

STOP_FACT = "shifts_asked_to_stop_at"
NAME_CHARS_MAX = 80
FAILURES_IN_A_ROW_MAX = 10
Tick = Callable[[Toolbox], int]
Say = Callable[[str], None]


def plan(box: Toolbox) -> list[int]:
    """Start what is due and plan it; return the ids of the runs planned now."""
    starting.start_due()
    return planning.plan_due(box)


def send(box: Toolbox) -> int:
    """Recover, send what is due now, close what is complete; return the messages handed over."""
    return dispatching.tick(box).messages


def receive(box: Toolbox) -> int:
    """Bring receipts in and settle what is due; return how many there were."""
    heard = receiving.drain(box)
    refunding.settle_due()
    return heard.receipts


@dataclass(slots=True)
class Shift:
    """The turn of this process at one kind of work on this host."""

    name: str
    say: Say
    ends_at: float = field(default_factory=lambda: clock.monotonic() + settings().flows.shift_minutes * 60)
    began: str = field(default_factory=lambda: clock.now().isoformat())
    parent: int = field(default_factory=os.getppid)

    def work(self, tick: Tick) -> int:
        """Tick until the shift is over; return the sum of what the ticks returned. A busy store is waited for."""
        self._take_over()
        done, failures = 0, 0
        while True:
            try:
                done += tick(open_toolbox())
                failures = 0
            except Retryable as error:
                failures += 1
                self.say(f"{self.name}: {error.en}")
                if failures >= FAILURES_IN_A_ROW_MAX:
                    raise
            if why := self._over():
                self.say(f"{self.name}: {why}")
                return done
            clock.sleep(settings().flows.tick_seconds)

    def _take_over(self) -> None:
        with operations.writing() as c:
            processes.announce(c, _row(self.name), now=clock.now())

    def _over(self) -> str | None:
        """Say why the shift is over, or None; going on is also its heartbeat."""
        if clock.monotonic() >= self.ends_at:
            return "the shift is over"
        if os.getppid() != self.parent:
            return "the process that started it is gone"
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


def seconds_silent(name: str) -> float | None:
    """Return the seconds since a kind of shift on this host last said that it lives, or None when it never did."""
    with operations.reading() as c:
        seen = [row["seen_at"] for row in processes.listing(c) if row["name"] == _row(name)]
    return (clock.now() - seen[0]).total_seconds() if seen else None


def lives(name: str) -> bool:
    """Say whether the process of a kind of shift on this host is there."""
    with operations.reading() as c:
        return any(row["alive"] for row in processes.listing(c) if row["name"] == _row(name))


def _row(name: str) -> str:
    return f"shift:{name}:{socket.gethostname()}"[:NAME_CHARS_MAX]
