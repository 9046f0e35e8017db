"""Which batches wait for what: to be asked about, to be sent again, for their hour; how busy lines are."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records.batches import CHUNK_ROWS, Batch, of_row
from data.store.tables import batch, line, run


def to_ask_about(c: Connection, *, now: datetime, limit: int) -> list[Batch]:
    """Return unknown batches whose time to be looked at has come, the longest waiting first."""
    query = sa.select(batch).where(batch.c.state == "unknown", batch.c.ready_at <= now)
    return [of_row(row) for row in c.execute(query.order_by(batch.c.ready_at, batch.c.id).limit(limit))]


def waiting_to_resend(c: Connection) -> list[Batch]:
    """Return ready batches of which an earlier attempt's answer is missing."""
    query = sa.select(batch).where(batch.c.state == "ready", batch.c.amb.is_(sa.true()))
    return [of_row(row) for row in c.execute(query.order_by(batch.c.id).limit(CHUNK_ROWS))]


def sending_by_line(c: Connection) -> dict[int, int]:
    """Return how many batches of each line are with a gateway now."""
    query = (
        sa.select(run.c.line_id, sa.func.count()).join(run, run.c.id == batch.c.run_id)
        .where(batch.c.state == "sending").group_by(run.c.line_id)
    )  # fmt: skip
    return dict(c.execute(query).all())


def next_due(c: Connection) -> datetime | None:
    """Return when the next batch may be claimed or asked about, or None."""
    asked = (batch.c.state == "unknown") & run.c.state.in_(("running", "paused", "closing"))
    sent = (batch.c.state == "ready") & (run.c.state == "running") & line.c.stopped_at.is_(None)
    query = (
        sa.select(sa.func.min(batch.c.ready_at)).join(run, run.c.id == batch.c.run_id)
        .join(line, line.c.id == run.c.line_id).where(asked | sent)
    )  # fmt: skip
    found: datetime | None = c.scalar(query)
    return found


def fall(c: Connection, batch_id: int, *, to: str) -> None:
    """Hold a batch to a lower class from now on; it never rises again."""
    lower = sa.or_(batch.c.gateway_class.is_(None), batch.c.gateway_class > to)
    c.execute(sa.update(batch).where(batch.c.id == batch_id, lower).values(gateway_class=to))
