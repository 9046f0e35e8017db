"""Batches of which more may have been sent than any row tells: put among the unknown before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records import ledger
from data.records.batches import CHUNK_ROWS, Batch
from data.records.ledger import Entry
from data.store.tables import attempt, batch, run

HOLDING = ("running", "paused", "closing")
WHY = "this home was put back from a copy: what was sent after it was taken is not known"


@dataclass(frozen=True, slots=True)
class Promised:
    """A gateway as it is configured now: what an unseen attempt was made at, and when it is quiet there."""

    gateway: str
    fingerprint: str
    gateway_class: str
    quiet_at: datetime


def set_aside(c: Connection, found: Iterable[Promised], *, now: datetime, horizon_at: datetime) -> int:
    """Make every batch that is ready or sending unknown, with its money; return how many there were.

    An unseen attempt cannot be older than the last one that is known: from then on counts the time in which a
    gateway repeats harmlessly. Batches whose gateway is not configured are left: nothing is sent for them.
    """
    known = c.scalar(sa.select(sa.func.max(attempt.c.claimed_at, type_=attempt.c.claimed_at.type)))
    return sum(_of_gateway(c, one, known=known, now=now, horizon_at=horizon_at) for one in found)


def aside_entry(batch: Batch, account_id: int) -> Entry:
    """Move a batch's money aside while its outcome is not known."""
    held, unknown = ledger.held(account_id), ledger.unknown(account_id)
    key = f"batch:{batch.id}:unknown:{batch.moves + 1}"
    return Entry(key, held, unknown, batch.amount_rials, batch.run_id, batch.id)


def _of_gateway(
    c: Connection, at: Promised, *, known: datetime | None, now: datetime, horizon_at: datetime
) -> int:
    mine = (run.c.gateway == at.gateway) & run.c.state.in_(HOLDING) & batch.c.state.in_(("ready", "sending"))
    columns = [batch.c[name] for name in Batch.__slots__]
    query = (
        sa.select(run.c.account_id, run.c.started_at, *columns).join(run, run.c.id == batch.c.run_id)
        .where(mine).order_by(batch.c.id).with_for_update(of=batch)
    )  # fmt: skip
    rows = [(row[0], row[1], Batch(*row[2:])) for row in c.execute(query)]
    for start in range(0, len(rows), CHUNK_ROWS):
        part = rows[start : start + CHUNK_ROWS]
        ledger.post(c, [aside_entry(one, account) for account, _, one in part], actor="release", now=now)
        values = [
            {
                "b_id": one.id,
                "b_first": one.first_sent_at or max(filter(None, (began, known)), default=now),
                "b_class": min(one.gateway_class or at.gateway_class, at.gateway_class),
                "b_mark": one.fingerprint or at.fingerprint, "b_now": now, "b_quiet": at.quiet_at,
                "b_horizon": one.horizon_at or horizon_at,
            }
            for _, began, one in part
        ]  # fmt: skip
        c.execute(_ASIDE, values)
    return len(rows)


_ASIDE = (
    sa.update(batch)
    .where(batch.c.id == sa.bindparam("b_id"), sa.or_(batch.c.state == "ready", batch.c.state == "sending"))
    .values(
        state="unknown", token=None, lease_until=None, owner_host=None, owner_pid=None, owner_started=None,
        amb=True, why=WHY, moves=batch.c.moves + 1, version=batch.c.version + 1,
        ready_at=sa.bindparam("b_now", type_=batch.c.ready_at.type),
        quiet_at=sa.bindparam("b_quiet", type_=batch.c.ready_at.type),
        first_sent_at=sa.bindparam("b_first", type_=batch.c.ready_at.type),
        horizon_at=sa.bindparam("b_horizon", type_=batch.c.ready_at.type),
        fingerprint=sa.bindparam("b_mark"), gateway_class=sa.bindparam("b_class"),
    )
)  # fmt: skip
