"""T6, T11 and restart: lost owners, stopped runs, late resends; the same code runs at every tick (2.7)."""

from __future__ import annotations

import logging

from data import clock
from data.facts import submissions
from data.failpoints import failpoint
from data.records import batch_queue, batches, ledger, processes, runs, surplus
from data.records.batches import Batch
from data.records.runs import Run
from data.store import lake, operations
from data.store.frozen import ChangedError
from data.store.operations import Connection
from flows.steps.claiming import ACTOR, rows_of
from flows.steps.outcomes import Dispatched, Ended, facts_of, plain_results, unknown_entry
from flows.steps.resolving import resolve_all
from flows.steps.toolbox import Toolbox, may_resend

_log = logging.getLogger("chapar.dispatch")


def recover(box: Toolbox) -> Dispatched:
    """One pass: what was lost becomes unknown, what is unknown is asked about, what was stopped is
    released. Returns what asking brought to its end.
    """
    _reap()
    failpoint("recover.inside")
    release_cancelled()
    _recall_late_resends(box)
    return resolve_all(box)


def _reap() -> None:
    """T6: a batch whose lease is over, or whose owner on this host is gone, is unknown; never ready again."""
    now = clock.now()
    with operations.reading() as c:
        lost = [b.id for b in batches.in_state(c, "sending") if _is_lost(b)]
    if not lost:
        return
    with operations.writing() as c:
        for batch in batches.locked(c, lost).values():
            if batch.state == "sending" and _is_lost(batch):
                _post_unknown(c, batch)
                batches.to_unknown(
                    c, batch.id, why="the sending process is gone", lost=True, ended=False, look_at=now
                )
        failpoint("reap.inside")


def _is_lost(batch: Batch) -> bool:
    over = batch.lease_until is not None and batch.lease_until < clock.now()
    return over or (batch.owner is not None and processes.is_gone(batch.owner))


def _post_unknown(c: Connection, batch: Batch) -> None:
    run = runs.get(c, batch.run_id)
    ledger.post(c, [unknown_entry(batch, run.account_id)], actor=ACTOR, now=clock.now())


def release_cancelled() -> None:
    """T11: batches of a stopped run that never left are given back; those that may have left are settled
    first.
    """
    with operations.reading() as c:
        stopped = [run for run in runs.in_states(c, runs.OPEN) if run.cancel_at is not None]
        waiting = {run.id: batches.of_run(c, run.id, states=("ready",)) for run in stopped}
    for run in stopped:
        clean = [b for b in waiting[run.id] if not b.amb]
        if clean:
            _cancel(run, clean)
        for batch in (b for b in waiting[run.id] if b.amb):
            _back_to_unknown(batch, why="stopped while an answer is missing")


def _cancel(run: Run, found: list[Batch]) -> None:
    try:
        rows = [rows_of(run, b) for b in found]
    except ChangedError as changed:  # whose money it is stands in the set
        _log.error("run %d cannot be given back: %s", run.id, changed.en)
        return
    ended = [
        Ended(b, plain_results(r["pos"], state="cancelled"), r) for b, r in zip(found, rows, strict=True)
    ]
    written = submissions.write(facts_of(ended, at=clock.now()))
    with operations.writing() as c:
        now_are = batches.locked(c, [b.id for b in found])
        if any(b.state != "ready" or b.amb for b in now_are.values()):
            return  # one of them moved meanwhile: the next pass looks again, the file stays an orphan
        entries = [
            ledger.Entry(
                f"batch:{b.id}:release", ledger.held(run.account_id), ledger.available(run.account_id),
                b.amount_rials, run.id, b.id,
            )
            for b in now_are.values()
        ]  # fmt: skip
        ledger.post(c, entries, actor=ACTOR, now=clock.now())
        surplus.give_back(c, run, actor=ACTOR, now=clock.now())
        batches.end(
            c, list(now_are), to="cancelled", now=clock.now(), expected=("ready",), why="stopped by a person"
        )
        lake.record(c, written, run_ids=[run.id], now=clock.now())


def _recall_late_resends(box: Toolbox) -> None:
    """A resend that waited (paused, closed hours, stopped line) until the gateway forgot its reference is
    none.
    """
    with operations.reading() as c:
        late = [
            b
            for b in batch_queue.waiting_to_resend(c)
            if not may_resend(box, runs.get(c, b.run_id), b, now=clock.now())
        ]
    for batch in late:
        _back_to_unknown(batch, why="the time in which it could be sent again is over")


def _back_to_unknown(batch: Batch, *, why: str) -> None:
    """A batch that waits to be sent again, while an answer is missing, is not sent but asked about."""
    with operations.writing() as c:
        now_is = batches.locked(c, [batch.id])[batch.id]
        if now_is.state == "ready" and now_is.amb:
            _post_unknown(c, now_is)
            batches.to_unknown(c, batch.id, why=why, lost=False, ended=True, look_at=clock.now())
