"""Answers to people's own messages: a row each from the moment it is owed, taken by a run, or not given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.tables import reply

AT_ONCE = 20_000  # answers of one run
WAITING = pl.Schema({"inbound_id": pl.Int64(), "msisdn": pl.UInt64(), "reply": pl.String()})


def owe(c: Connection, rows: list[dict[str, Any]]) -> None:
    """Enter answers to messages that were just entered: waiting, or dropped with its reason."""
    if rows:
        c.execute(sa.insert(reply), rows)


def waiting_lines(c: Connection) -> list[int]:
    """Return the lines that owe an answer."""
    query = sa.select(reply.c.line_id).where(reply.c.state == "waiting").distinct()
    return list(c.scalars(query.order_by(reply.c.line_id)))


def waiting(c: Connection, line_id: int) -> pl.DataFrame:
    """Return the answers that a line owes, oldest first, at most AT_ONCE: WAITING."""
    t = reply.c
    query = sa.select(t.inbound_id, t.msisdn, t.text).where(t.state == "waiting", t.line_id == line_id)
    rows = [tuple(row) for row in c.execute(query.order_by(t.inbound_id).limit(AT_ONCE))]
    return pl.DataFrame(rows, schema=WAITING, orient="row")


def move(
    c: Connection, inbound_ids: list[int], *, to: str, run_id: int | None = None, why: str | None = None
) -> int:
    """Say what became of answers that wait; return how many still did."""
    moved = 0
    for at in range(0, len(inbound_ids), _NAMED_MAX):
        some = reply.c.inbound_id.in_(inbound_ids[at : at + _NAMED_MAX])
        change = sa.update(reply).where(some, reply.c.state == "waiting")
        moved += c.execute(change.values(state=to, run_id=run_id, why=why)).rowcount
    return moved


def lacked_credit(c: Connection, line_id: int, *, since: datetime) -> bool:
    """Say whether an answer of a line was not given for want of credit since a moment."""
    t = reply.c
    query = sa.select(t.inbound_id).where(t.state == "no_credit", t.line_id == line_id, t.at >= since)
    return c.scalar(query.limit(1)) is not None


def of_message(c: Connection, inbound_id: int) -> dict[str, Any] | None:
    """Return the answer owed to a message, or None."""
    row = c.execute(sa.select(reply).where(reply.c.inbound_id == inbound_id)).mappings().first()
    return dict(row) if row else None


_NAMED_MAX = 10_000  # a question takes 32,766 parameters in SQLite
