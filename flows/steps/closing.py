"""The end of a run: every batch is terminal and its own books agree, or it is not closed (protocol.md
2.6).
"""

from __future__ import annotations

from data import clock
from data.errors import Broken
from data.records import campaigns, ledger_sums, runs, surplus
from data.records.runs import Run
from data.store import operations
from data.store.operations import Connection

ACTOR = "close"


def close_complete() -> int:
    """Close the runs whose batches have all come to an end; return how many."""
    with operations.reading() as c:
        live = runs.in_states(c, runs.HOLDING)
        complete = [run for run in live if not runs.has_open_batch(c, run.id)]
    for run in complete:
        with operations.writing() as c:
            _close(c, run)
    return len(complete)


def _close(c: Connection, run: Run) -> None:
    to = "cancelled" if run.cancel_at else "closed"
    now = clock.now()
    if not runs.move(c, run.id, to=to, expected=runs.HOLDING, closed_at=now):
        return
    surplus.give_back(c, run, actor=ACTOR, now=now)
    taken, ended = ledger_sums.taken_and_ended(c, run.id)
    if taken != ended:
        raise Broken(
            f"run {run.id}: {taken} rials were reserved but {ended} came to an end; nothing was closed",
            f"اجرای {run.id}: {taken} ریال نگه داشته شد ولی {ended} ریال به سرانجام رسید؛ چیزی بسته نشد",
        )
    campaigns.end(c, run.campaign_id)
    runs.touch_settlement(c, [run.id], at=now)
