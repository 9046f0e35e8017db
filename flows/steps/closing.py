"""The end of a run: every batch is terminal and its own books agree, or it is not closed (protocol.md
2.6).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data import clock
from data.errors import Broken
from data.records import campaigns, runs
from data.records.runs import Run
from data.rules import status
from data.store import operations
from data.store.tables import batch, ledger_entry


def close_complete() -> int:
    """Close the runs whose batches have all come to an end; return how many."""
    with operations.reading() as c:
        complete = [run for run in runs.in_states(c, ("running", "paused", "closing")) if not _open(c, run)]
    for run in complete:
        with operations.writing() as c:
            _close(c, run)
    return len(complete)


def money_of(c: Connection, run_id: int) -> tuple[int, int]:
    """Return what a run took out of spendable credit for messages, and what of it was given back or
    captured.
    """
    e = ledger_entry.c
    taken = sa.func.coalesce(
        sa.func.sum(sa.case((e.key == f"run:{run_id}:hold", e.amount_rials), else_=0)), 0
    )
    ended = sa.or_(
        e.key.like("batch:%:capture"), e.key.like("batch:%:release"), e.key.like("batch:%:suppressed:%")
    )
    ends = sa.func.coalesce(sa.func.sum(sa.case((ended, e.amount_rials), else_=0)), 0)
    row = c.execute(sa.select(taken, ends).where(e.run_id == run_id)).one()
    return int(row[0]), int(row[1])


def _open(c: Connection, run: Run) -> bool:
    waiting = batch.c.state.not_in(sorted(status.BATCH_FINAL))
    return c.scalar(sa.select(batch.c.id).where(batch.c.run_id == run.id, waiting).limit(1)) is not None


def _close(c: Connection, run: Run) -> None:
    taken, ended = money_of(c, run.id)
    if taken != ended:
        raise Broken(
            f"run {run.id}: {taken} rials were reserved but {ended} came to an end; nothing was closed"
        )
    to = "cancelled" if run.cancel_at else "closed"
    now = clock.now()
    if runs.move(c, run.id, to=to, expected=("running", "paused", "closing"), closed_at=now):
        campaigns.end(c, run.campaign_id)
        runs.touch_settlement(c, [run.id], at=now)
