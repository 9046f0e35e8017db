"""Operators and mobile prefixes in columns: a table indexed by the leading digits, one look-up a number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from data.rules.operators import OTHER, Prefix, prefixes


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the leading `width` digits of a national number of `digits` digits say."""

    digits: int
    width: int
    first: int  # country code and `width` zeros: the leading digits that stand at place 0
    operator: pl.Series
    mobile: pl.Series


def operator_column(msisdn: pl.Expr, region: str = "IR") -> pl.Expr:
    """Return the operator (String) of numbers; `other` where the plan names none; null stays null."""
    found = pl.lit(OTHER)
    for plan in _plans(region):
        inside, place = _place(msisdn, plan)
        found = pl.when(inside).then(pl.lit(plan.operator).gather(place)).otherwise(found)
    return pl.when(msisdn.is_not_null()).then(found)


def is_mobile_column(msisdn: pl.Expr, region: str = "IR") -> pl.Expr:
    """Return a Boolean: the plan of the region has this mobile number; false for null."""
    found = pl.lit(False)
    for plan in _plans(region):
        inside, place = _place(msisdn, plan)
        found = pl.when(inside).then(pl.lit(plan.mobile).gather(place)).otherwise(found)
    return found & msisdn.is_not_null()


def _place(msisdn: pl.Expr, plan: _Plan) -> tuple[pl.Expr, pl.Expr]:
    """Return whether the number can be of this plan, and its place in the plan's tables (else 0)."""
    leading = msisdn.cast(pl.UInt64) // 10 ** (plan.digits - plan.width)
    inside = (leading >= plan.first) & (leading < plan.first + 10**plan.width)
    return inside, pl.when(inside).then(leading - plan.first).otherwise(0).cast(pl.UInt32)


@cache
def _plans(region: str) -> tuple[_Plan, ...]:
    rows = prefixes(region)
    return tuple(
        _plan([row for row in rows if row.digits == digits]) for digits in {row.digits for row in rows}
    )


def _plan(rows: list[Prefix]) -> _Plan:
    width = max(len(row.prefix) for row in rows)
    operator, mobile = [OTHER] * 10**width, [False] * 10**width
    for row in sorted(rows, key=lambda row: len(row.prefix)):  # the longest prefix is painted last
        free = 10 ** (width - len(row.prefix))
        inside = slice(int(row.prefix) * free, (int(row.prefix) + 1) * free)
        operator[inside] = [row.operator or OTHER] * free
        mobile[inside] = [row.mobile or before for before in mobile[inside]]
    first = int(rows[0].country_code) * 10**width
    return _Plan(rows[0].digits, width, first, pl.Series(operator), pl.Series(mobile))
