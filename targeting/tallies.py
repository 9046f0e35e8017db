"""Sums of one scan over who matches an audience, and what own numbers bring to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from targeting import slices
from targeting.criterion import Notice
from targeting.universe import Universe


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of one scan, some by operator."""

    matched: Counter[str]
    kept: Counter[str]  # neither suppressed nor already written to
    hits: int
    suppressed: int
    already: int
    again: int
    rented: int
    towered: int  # of the kept


def tally(people: slices.People, universe: Universe) -> Tally:
    """Count in one scan who matches, by how many conditions, and who of them must be left out."""
    sums = [
        "count(*)", "count(*)" if "times" in people.alike else "sum(times)", _many(people, "gone"),
        _many(people, "had", "NOT gone"), _many(people, "again", slices.KEPT), _many(people, "rented"),
        _many(people, "towered", slices.KEPT),
    ]  # fmt: skip
    query = f"SELECT operator, {', '.join(sums)} FROM {people.sql} p GROUP BY operator"
    rows = people.con.execute(query, people.params).fetchall()
    matched, kept = Counter[str](), Counter[str]()
    for operator, n, _, gone, had, *_ in rows:
        matched[operator or slices.OTHER] += n
        kept[operator or slices.OTHER] += n - gone - had
    hits, gone, had, again, rented, towered = (int(sum(row[place] for row in rows)) for place in range(2, 8))
    return Tally(matched, kept, hits + _repeats(universe), gone, had, again, rented, towered)


def _many(people: slices.People, column: str, and_of: str = "") -> str:
    """Return how many have it, and this too; what everybody has alike is known without a sum."""
    always = people.alike.get(column)
    if always == slices.NONE:
        return "0"
    tests = [test for test in ("" if always == slices.ALL else column, and_of) if test]
    return f"count(*) FILTER (WHERE {' AND '.join(tests)})" if tests else "count(*)"


def _repeats(universe: Universe) -> int:
    """Return how many times matched people stood in the account's own lists beyond the first."""
    repeated = [numbers.frame.filter(pl.col("times") > 1) for numbers in universe.own.values()]
    frames = [frame.select("msisdn", extra=pl.col("times") - 1) for frame in repeated if frame.height]
    if not frames:
        return 0
    name = universe.register("repeats", pl.concat(frames).group_by("msisdn").agg(pl.col("extra").sum()))
    query = f"SELECT coalesce(sum(r.extra), 0) FROM {universe.source} s JOIN {name} r ON r.msisdn = s.msisdn"
    rows = universe.con.execute(f"{query} WHERE {universe.where.sql}", universe.where.params).fetchall()
    return int(rows[0][0])


def fields_of(universe: Universe) -> pl.DataFrame | None:
    """Return the merge fields of own numbers by number; of a number in two files the first file's row is
    taken.
    """
    frames = [numbers.frame.drop("times") for numbers in universe.own.values() if numbers.frame.width > 2]
    if not frames:
        return None
    return pl.concat(frames, how="diagonal").unique("msisdn", keep="first", maintain_order=True)


def own_notices(universe: Universe) -> list[Notice]:
    """Return what is to be said of own numbers as they were read."""
    return [notice for numbers in universe.own.values() for notice in numbers.notices]


def ordered(counts: Counter[str] | dict[str, int]) -> dict[str, int]:
    """Return counts by name, without those of nobody."""
    return {name: n for name, n in sorted(counts.items()) if n}
