"""Spool segments that were drained, and what arrived and could not be understood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.store.tables import quarantine as quarantine_table
from data.store.tables import spool_segment

BODY_CHARS_MAX = 20_000
NAMES_AT_ONCE = 10_000  # a question takes 32,766 parameters in SQLite


def drained(c: Connection, names: list[str]) -> set[str]:
    """Return which of these segments were drained already."""
    asked = [names[at : at + NAMES_AT_ONCE] for at in range(0, len(names), NAMES_AT_ONCE)]
    found = (sa.select(spool_segment.c.name).where(spool_segment.c.name.in_(some)) for some in asked)
    return {name for one in found for name in c.scalars(one)}


def claim_segments(c: Connection, rows: list[dict[str, Any]], *, now: datetime) -> bool:
    """Mark segments as drained by this transaction; False when another one did so first."""
    if drained(c, [row["name"] for row in rows]):
        return False
    try:
        with c.begin_nested():  # where two may write at once, the key decides
            c.execute(sa.insert(spool_segment), [row | {"drained_at": now} for row in rows])
    except IntegrityError:
        return False
    return True


def forget_segments(c: Connection, *, before: datetime) -> None:
    """Forget segments drained before a moment: their names hold the time and never come again."""
    c.execute(sa.delete(spool_segment).where(spool_segment.c.drained_at < before))


def quarantine(c: Connection, rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Keep what could not be understood: segment, gateway, kind, body, why."""
    if rows:
        kept = [{name: _kept(text) for name, text in row.items()} | {"at": now} for row in rows]
        c.execute(sa.insert(quarantine_table), kept)


def _kept(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text[:BODY_CHARS_MAX].replace("\0", "\\x00")


def totals(c: Connection) -> dict[str, int]:
    """Return how many receipts came, were unmatched, repeated, and how much lies in quarantine."""
    s = spool_segment.c
    sums = c.execute(sa.select(sa.func.sum(s.receipts), sa.func.sum(s.duplicates))).one()
    held = c.scalar(sa.select(sa.func.count()).select_from(quarantine_table))
    return {"receipts": int(sums[0] or 0), "duplicates": int(sums[1] or 0), "quarantined": int(held or 0)}
