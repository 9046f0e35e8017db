"""Numbers that must not be written to: for one account, or for everybody (R1.21, P13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.tables import suppression

if TYPE_CHECKING:
    import polars as pl

REASONS = ("opt_out", "blacklist", "operator")


def add(
    c: Connection, numbers: Iterable[int], *, account_id: int | None, why: str, source: str, now: datetime
) -> int:
    """Suppress numbers that are not suppressed yet; return how many were added."""
    assert why in REASONS, why
    wanted = set(numbers)
    scope = (
        suppression.c.account_id.is_(None) if account_id is None else suppression.c.account_id == account_id
    )
    has = set(c.scalars(sa.select(suppression.c.msisdn).where(scope, suppression.c.lifted_at.is_(None))))
    rows = [
        {"account_id": account_id, "msisdn": number, "why": why, "source": source, "at": now}
        for number in sorted(wanted - has)
    ]
    if rows:
        c.execute(sa.insert(suppression), rows)
    return len(rows)


def lift(c: Connection, number: int, *, account_id: int | None, now: datetime) -> int:
    """End the suppression of a number; return how many entries ended."""
    scope = (
        suppression.c.account_id.is_(None) if account_id is None else suppression.c.account_id == account_id
    )
    statement = sa.update(suppression).where(
        scope, suppression.c.msisdn == number, suppression.c.lifted_at.is_(None)
    )
    return c.execute(statement.values(lifted_at=now)).rowcount


def newest(c: Connection) -> int:
    """Return the highest id given out so far; a run stores it with its set."""
    return int(c.scalar(sa.select(sa.func.coalesce(sa.func.max(suppression.c.id), 0))) or 0)


def history(c: Connection, number: int, *, account_id: int) -> list[dict[str, Any]]:
    """Return every entry about a number that concerns an account, lifted ones too, oldest first."""
    s = suppression.c
    mine = sa.or_(s.account_id.is_(None), s.account_id == account_id)
    query = sa.select(suppression).where(s.msisdn == number, mine).order_by(s.id)
    return [dict(row) for row in c.execute(query).mappings()]


def numbers(c: Connection, account_id: int | None, *, after: int = 0) -> pl.DataFrame:
    """Return `msisdn` (UInt64) of everybody suppressed for this account, of entries newer than `after`."""
    import polars as pl

    rows = c.scalars(_NUMBERS, {"account": account_id, "after": after})
    return pl.DataFrame({"msisdn": list(rows)}, schema={"msisdn": pl.UInt64})


def among(c: Connection, account_id: int | None, asked: pl.Series) -> pl.DataFrame:
    """Return `msisdn` (UInt64) of those of the `asked` numbers (UInt64) that are suppressed for this account.

    Each is looked up by its number: ids do not commit in the order in which they were given out, so what is
    newer than an id that was seen is not all that came since.
    """
    import polars as pl

    if c.dialect.name == "postgresql":
        rows = c.scalars(_AMONG_ARRAY, {"account": account_id, "asked": asked.to_list()})
    else:
        text = f"[{asked.cast(pl.String).str.join(',').item()}]" if asked.len() else "[]"
        rows = c.scalars(_AMONG_JSON, {"account": account_id, "asked": text})
    return pl.DataFrame({"msisdn": list(rows)}, schema={"msisdn": pl.UInt64})


_HOLDS = sa.and_(
    suppression.c.lifted_at.is_(None),
    sa.or_(suppression.c.account_id.is_(None), suppression.c.account_id == sa.bindparam("account")),
)  # account None equals no row, so that only what holds for everybody is left
_NUMBERS = sa.select(suppression.c.msisdn).where(_HOLDS, suppression.c.id > sa.bindparam("after")).distinct()


def _among(asked: sa.ColumnElement[int]) -> sa.Select[tuple[int]]:
    """One probe of the index a number, however long the list is."""
    return sa.select(asked).where(sa.exists().where(suppression.c.msisdn == asked, _HOLDS))


_AMONG_JSON = _among(sa.func.json_each(sa.bindparam("asked", type_=sa.String)).table_valued("value").c.value)
_AMONG_ARRAY = _among(
    sa.func.unnest(sa.bindparam("asked", type_=sa.ARRAY(sa.BigInteger))).column_valued("value")
)
