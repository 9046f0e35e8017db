"""Who matches an audience, each with what decides whether they are taken: the relation that counts and
slices are asked of.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from targeting.criterion import Condition
from targeting.scope import History, Scope
from targeting.slices import ALL, NONE, ONCE, People
from targeting.universe import NOWHERE, Universe


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Whom a question leaves out: the suppressed, who opted out at the operator, who had it before."""

    who: Scope
    past: History
    goes_on: bool  # the open round holds
    again: bool  # who was written to in it is marked, not left out
    rents: bool  # there is a snapshot, which knows who opted out at the operator


def open_people(universe: Universe, order: tuple[str, str], out: LeftOut) -> People:
    """Return everybody who matches (`slices.People`); a column that a question does not use costs nothing."""
    keyed, place = order
    suppressed = _listed(universe, "suppressed", out.who.suppressed)
    series = _listed(universe, "series", out.past.series)
    in_round = _listed(universe, "round", out.past.round if out.goes_on else None)
    opted = ["s.opted_out IS TRUE"] if out.who.advertising and out.rents else []
    had = [series, None if out.again else in_round]
    hits, towers = universe.hits or Condition(ONCE), universe.towers or NOWHERE
    columns = {
        "msisdn": "s.msisdn", "operator": "s.operator", "k": place,
        "rented": ALL if universe.certain == NOWHERE else f"({universe.certain.sql}) IS NOT TRUE",
        "towered": NONE if towers == NOWHERE else f"({towers.sql}) IS TRUE",
        "gone": _either([_within(suppressed), *opted]),
        "had": _either([_within(one) for one in had]),
        "again": _either([_within(in_round)] if out.again else []),
        "times": hits.sql,
    }  # fmt: skip
    joins = "".join(
        f" LEFT JOIN {name} ON {name}.msisdn = s.msisdn" for name in (suppressed, series, in_round) if name
    )
    chosen = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    params = [*universe.certain.params, *towers.params, *hits.params, *universe.where.params]
    sql = f"(SELECT {chosen} FROM {universe.source} s{keyed}{joins} WHERE {universe.where.sql})"
    alike = {name: its for name, its in columns.items() if its in (ALL, NONE, ONCE)}
    return People(universe.con, sql, params, alike)


def _listed(universe: Universe, what: str, frame: pl.DataFrame | None) -> str | None:
    """Register a list of numbers, each once; return its name, or None where there is nobody on it."""
    if frame is None or frame.is_empty():
        return None
    return universe.register(what, frame.select(pl.col("msisdn").cast(pl.UInt64)).unique())


def _within(name: str | None) -> str | None:
    return f"{name}.msisdn IS NOT NULL" if name else None


def _either(tests: list[str | None]) -> str:
    return " OR ".join(f"({test})" for test in tests if test) or NONE
