"""Spool segments that were drained, and what arrived and could not be understood."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.store.tables import quarantine as quarantine_table
from data.store.tables import spool_segment

if TYPE_CHECKING:
    import polars as pl

BODY_CHARS_MAX = 20_000
ROWS_MAX = 1_000  # of one pass: others wait while the table is written
CUT = " … (cut; the whole is in the lake, under quarantine/)"
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


def forget_segments(c: Connection, *, before: datetime, still: list[str]) -> None:
    """Forget segments drained before a moment: their names hold the time and never come again; all but
    `still`, those that could not be deleted yet.
    """
    old = sa.delete(spool_segment).where(spool_segment.c.drained_at < before)
    c.execute(old.where(spool_segment.c.name.not_in(still[:NAMES_AT_ONCE])))


def quarantine(c: Connection, rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Keep the first ROWS_MAX of what could not be understood: segment, gateway, kind, body, why."""
    if rows:
        kept = [{name: _kept(text) for name, text in row.items()} | {"at": now} for row in rows[:ROWS_MAX]]
        c.execute(sa.insert(quarantine_table), kept)


def too_much(refused: pl.DataFrame) -> bool:
    """Say whether unreadable bodies (`body`) are too many or too long for the table: the lake keeps them."""
    too_long = (refused["body"].str.len_chars() > BODY_CHARS_MAX).any()
    return refused.height > ROWS_MAX or bool(too_long)


def _kept(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    whole = text if len(text) <= BODY_CHARS_MAX else text[:BODY_CHARS_MAX] + CUT
    return whole.replace("\0", "\\x00")


def totals(c: Connection) -> dict[str, int]:
    """Return how many receipts came, of no known message, repeated, forged, with names of two messages, and
    how many bodies nobody could read, over the segments that are remembered.
    """
    names = ("receipts", "unmatched", "duplicates", "quarantined", "forged", "contradicted")
    sums = c.execute(sa.select(*(sa.func.sum(spool_segment.c[name]) for name in names))).one()
    return {name: int(total or 0) for name, total in zip(names, sums, strict=True)}


def last_quarantined(c: Connection) -> tuple[str, str] | None:
    """Return the gateway and the reason of the last body that nobody could read."""
    t = quarantine_table.c
    row = c.execute(sa.select(t.gateway, t.why).order_by(t.id.desc()).limit(1)).one_or_none()
    return None if row is None else (row.gateway, row.why)
