"""Slices already taken of a set, so that the next row can be proposed and a series never repeats a number
(R1.14).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records.runs import Run
from data.store.tables import run as run_table
from data.store.tables import slice_taken


@dataclass(frozen=True, slots=True)
class Taken:
    """A slice: which set, from which row on, how many."""

    audience_hash: str
    series: str | None
    row: int
    taken: int


def take(c: Connection, run: Run, taken: Taken, *, now: datetime) -> None:
    """Remember a slice when its run begins."""
    c.execute(
        sa.insert(slice_taken).values(
            account_id=run.account_id, audience_hash=taken.audience_hash, snapshot=run.snapshot,
            series=taken.series,
            row=taken.row, taken=taken.taken, run_id=run.id, at=now,
        )
    )  # fmt: skip


def next_row(c: Connection, account_id: int, audience_hash: str) -> int:
    """Return the first row that this account has not taken of a set yet."""
    t = slice_taken.c
    query = sa.select(sa.func.max(t.row + t.taken)).where(
        t.account_id == account_id, t.audience_hash == audience_hash
    )
    return int(c.scalar(query) or 1)


def sets_of_series(c: Connection, account_id: int, series: str) -> list[str]:
    """Return the recipient sets (paths in the lake) that a series has used."""
    query = (
        sa.select(run_table.c.set_path).join(slice_taken, slice_taken.c.run_id == run_table.c.id)
        .where(slice_taken.c.account_id == account_id, slice_taken.c.series == series)
        .where(run_table.c.set_path.is_not(None))
    )  # fmt: skip
    return list(c.scalars(query))
