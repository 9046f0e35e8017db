"""The dispatch loop: claim a group, call each batch in a thread, settle what has gathered (protocol.md
2.1a).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from data import clock
from data.records import batch_queue, lines, processes, runs
from data.records.hours import opens_at
from data.store import operations
from flows.steps import closing, holding
from flows.steps.calling import Called, call, judge
from flows.steps.claiming import claim
from flows.steps.outcomes import Dispatched
from flows.steps.recovering import recover
from flows.steps.settling import Answer, settle
from flows.steps.toolbox import Toolbox

RECOVER_EVERY_SECONDS = 5.0
GROUPS_IN_FLIGHT = 2  # one is called while the other is settled
Progress = Callable[[int], None]


def tick(
    box: Toolbox, *, progress: Progress | None = None, stopping: Callable[[], bool] | None = None
) -> Dispatched:
    """Recover, then work until nothing is due now, then close what is complete.

    Once `stopping` says so nothing more is claimed; what is in flight is still settled. A held home sends
    nothing.
    """
    say = progress or (lambda _: None)
    heartbeat()
    if holding.is_held():
        return Dispatched()
    found = recover(box)
    say(found.messages)
    done = _work(box, say, stopping or (lambda: False))
    closing.close_complete()
    return found + done


def heartbeat() -> None:
    """Say that somebody dispatches."""
    with operations.writing() as c:
        processes.announce(c, "dispatch", now=clock.now())


def _work(box: Toolbox, progress: Progress, stopping: Callable[[], bool]) -> Dispatched:
    group, threads = box.settings.dispatch.group, GROUPS_IN_FLIGHT * box.settings.dispatch.group
    done, in_flight = Dispatched(), set[Future[Called]]()
    recovered_at = clock.monotonic()
    with ThreadPoolExecutor(threads, thread_name_prefix="call") as pool:
        while True:
            free = len(in_flight) <= threads - group and not stopping()
            fresh = claim(box, limit=group) if free else []
            in_flight |= {pool.submit(call, one, box.gateways[one.run.gateway]) for one in fresh}
            if not in_flight:
                return done
            answers, in_flight = _gather(in_flight, box.settings.dispatch.settle_ms / 1000)
            fresh_done = settle(answers)
            if clock.monotonic() - recovered_at > RECOVER_EVERY_SECONDS:
                fresh_done += recover(box)
                recovered_at = clock.monotonic()
            done += fresh_done
            progress(fresh_done.messages)


def _gather(in_flight: set[Future[Called]], seconds: float) -> tuple[list[Answer], set[Future[Called]]]:
    """Wait for the first answer, then a moment for those that come with it."""
    wait(in_flight, return_when=FIRST_COMPLETED)
    ready, left = wait(in_flight, timeout=seconds)
    return judge([future.result() for future in ready]), left


def open_now() -> dict[str, int]:
    """Return how many batches are ready, sending, unknown."""
    with operations.reading() as c:
        return runs.open_batches(c)


def next_due_at() -> datetime | None:
    """Return when something may be done next: a retry, a look-up, or the opening of a line's hours."""
    with operations.reading() as c:
        due = batch_queue.next_due(c)
    opening, still = waiting_until(), open_now()
    if opening is None and never() and not (still["sending"] or still["unknown"]):
        return None
    return max(due, opening) if due and opening else due


def waiting_until(run_id: int | None = None) -> datetime | None:
    """Return the next opening when every run with something to send (or this one) waits for its hours, else
    None. Those whose hours never come are named by `never`.
    """
    now = clock.now()
    openings = [at for at in _openings(run_id, now).values() if at is not None]
    return min(openings) if openings and min(openings) > now else None


def never(run_id: int | None = None) -> list[int]:
    """Return the runs with something to send (or this one) whose hours will never come as they stand."""
    return [one for one, at in _openings(run_id, clock.now()).items() if at is None]


def _openings(run_id: int | None, now: datetime) -> dict[int, datetime | None]:
    with operations.reading() as c:
        return {
            run.id: opens_at(run, lines.get(c, run.line_id), now=now)
            for run in runs.in_states(c, ("running",))
            if run_id in (None, run.id) and runs.open_batches(c, [run.id])["ready"]
        }
