"""Following one run to its end: send until every batch is terminal, listen until every message is final."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from data import clock
from data.facts import messages
from data.records import batches, runs
from data.rules import status
from data.settings import settings
from data.store import operations
from flows import terminal
from flows.steps import dispatching, holding, receiving, refunding
from flows.steps.toolbox import open_toolbox

NAP_SECONDS = 0.2
PATIENCE = timedelta(seconds=60)
SOON = timedelta(seconds=5)  # longer graces are left to the next shift
Bar = Callable[[int, int], None]


@dataclass(slots=True)
class Retrying:
    """Tells the person at the terminal why a run is tried again and again: once for each new reason."""

    run_id: int
    told: str | None = None

    def tell(self) -> None:
        """Look at what was sent back to wait, the oldest batch first."""
        with operations.reading() as c:
            waiting = batches.in_state(c, "ready", run_id=self.run_id, limit=1)
            why = waiting[0].why if waiting else None
            if why and why != self.told:
                terminal.say(f"gateway {runs.get(c, self.run_id).gateway}: {why}; trying again")
        self.told = why or self.told


def send_all(run_id: int, *, progress: Bar) -> int:
    """Dispatch until the run is over or must wait long (hours, a horizon); return what was handed over."""
    total, sent, retrying = _size(run_id), 0, Retrying(run_id)

    def count(fresh: int) -> None:
        nonlocal sent
        sent += fresh
        progress(min(sent, total), total)

    while True:
        dispatching.tick(open_toolbox(), progress=count)
        retrying.tell()
        waits = dispatching.waiting_until(run_id) or dispatching.never(run_id)
        if is_over(run_id) or waits or holding.is_held():
            return sent
        clock.sleep(NAP_SECONDS)


def hear_all(run_id: int, *, progress: Bar) -> int:
    """Drain until all is final or no receipt came for `receipts.idle_seconds`; return the receipts."""
    heard, heard_at = 0, clock.monotonic()
    while True:
        fresh = receiving.drain(open_toolbox()).receipts
        heard += fresh
        if fresh:
            heard_at = clock.monotonic()
        refunding.settle_due()
        final, total = finals(run_id)
        progress(final, total)
        if final == total or clock.monotonic() - heard_at > settings().receipts.idle_seconds:
            settle_refunds(run_id)
            return heard
        clock.sleep(NAP_SECONDS)


def settle_refunds(run_id: int) -> None:
    """Let the refunds follow the last receipts, where they are due soon."""
    while True:
        refunding.settle_due()
        with operations.reading() as c:
            at = runs.get(c, run_id).settle_at
        if at is None or at > clock.now() + SOON:
            return
        clock.sleep(NAP_SECONDS)


def is_over(run_id: int) -> bool:
    """Say whether a run is final or paused, or nothing can be done for it within `PATIENCE`."""
    with operations.reading() as c:
        run = runs.get(c, run_id)
    if run.state in status.RUN_FINAL or run.state == "paused":
        return True
    due = dispatching.next_due_at()
    return due is None or due > clock.now() + PATIENCE


def finals(run_id: int) -> tuple[int, int]:
    """Return how many messages of a run are final, and how many it has."""
    with operations.reading() as c:
        found = messages.sources(c, [run_id])
    counts = messages.by_state(found, now=clock.now())
    return sum(n for state, n in counts.items() if state in status.FINAL), sum(counts.values())


def settled_so_far() -> dict[int, int]:
    """Return how often each run that is not over, or has refunds open, was settled."""
    with operations.reading() as c:
        return {run.id: run.settlements for run in runs.in_states(c, (*runs.OPEN, "closed", "cancelled"))}


def changed_since(before: dict[int, int]) -> list[int]:
    """Return the runs that were settled since `before`."""
    return [run_id for run_id, times in settled_so_far().items() if times != before.get(run_id, 0)]


def _size(run_id: int) -> int:
    with operations.reading() as c:
        return runs.get(c, run_id).n
