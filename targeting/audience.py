"""From an audience to its exact count and its ordered set: matched → duplicate → suppressed → … → selected.

A plain count of bank criteria is one scan of `subscribers`; nothing is written and nothing is fetched
but the sums.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from data import clock
from targeting import slices
from targeting.criterion import Notice
from targeting.privacy import refuse_small
from targeting.scope import Built, Count, Scope, Step
from targeting.tree import Asked, Audience, canonical, parse_audience
from targeting.understanding import audience_hash, understand
from targeting.universe import Universe, open_universe

if TYPE_CHECKING:
    from data.store.population import Population

__all__ = [
    "Asked",
    "Audience",
    "Built",
    "Count",
    "Scope",
    "audience_hash",
    "build",
    "canonical",
    "count",
    "parse_audience",
    "understand",
]
OTHER = "other"


def count(audience: Audience, population: Population | None, who: Scope) -> Count:
    """Return the exact count with its waterfall; raise Refused naming the dotted field.

    `population` is needed as soon as some criterion is of the bank (`audience.uses_bank`).
    """
    began = clock.monotonic()
    universe = open_universe(audience, population, who)
    try:
        return _count(universe, _Ask(audience, population, who), began)
    finally:
        universe.close()


def build(audience: Audience, population: Population | None, who: Scope) -> Built:
    """Return the set in its order, with its count; raise Refused also where the rented part is too small
    to send.
    """
    began = clock.monotonic()
    universe = open_universe(audience, population, who)
    try:
        asked = _Ask(audience, population, who)
        counted = _count(universe, asked, began)
        refuse_small(counted, who)
        frame = _frame(universe, asked, counted.selected)
    finally:
        universe.close()
    assert frame.height == counted.selected, "the set holds whom the count promised"
    return Built(frame, counted)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One question: what, of whom, for whom."""

    audience: Audience
    population: Population | None
    who: Scope


@dataclass(frozen=True, slots=True)
class _Tally:
    """Sums of one scan, by operator."""

    matched: Counter[str]
    kept: Counter[str]  # neither suppressed nor already written to
    hits: int
    suppressed: int
    already: int
    certain: int


def _count(universe: Universe, ask: _Ask, began: float) -> Count:
    audience = ask.audience
    tally = _tally(universe, ask)
    matched, kept = tally.matched.total(), tally.kept.total()
    piece = slices.cut(kept, audience.row, audience.count)
    chosen = tally.kept if piece.taken == kept else _sliced(universe, ask, piece)
    said = slices.notice(piece, audience.count)
    left = matched - tally.suppressed
    steps = [
        Step("matched", 0, tally.hits),
        Step("duplicate", tally.hits - matched, matched),
        Step("suppressed", tally.suppressed, left),
        *([Step("already_sent", tally.already, left - tally.already)] if audience.series else []),
        Step("not_in_slice", piece.left_out, piece.taken),
        Step("selected", 0, piece.taken),
    ]
    return Count(
        snapshot=ask.population.snapshot.name if ask.population else None,
        audience_hash=audience_hash(universe.asked),
        matched=matched, selected=piece.taken,
        by_operator=_sorted(tally.matched), selected_by_operator=_sorted(chosen),
        waterfall=tuple(steps), milliseconds=round((clock.monotonic() - began) * 1000, 3),
        bank=audience.uses_bank, rented=matched - tally.certain, next_row=piece.next_row,
        notices=(*_own_notices(universe), *([said] if said else [])),
    )  # fmt: skip


def _tally(universe: Universe, ask: _Ask) -> _Tally:
    """Count in one scan who matches, by how many conditions, and who of them must be left out."""
    joins, suppressed, already = _marks(universe, ask)
    sums = {
        "matched": "count(*)",
        "hits": f"sum({universe.hits.sql})" if universe.hits else "count(*)",
        "suppressed": f"count(*) FILTER (WHERE {suppressed})" if suppressed else "0",
        "already": f"count(*) FILTER (WHERE NOT ({suppressed or 'FALSE'}) AND {already})" if already else "0",
        "certain": f"count(*) FILTER (WHERE {universe.certain.sql})" if universe.own else "0",
    }
    params = (universe.hits.params if universe.hits else []) + (
        universe.certain.params if universe.own else []
    )
    columns = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    body = f"FROM {universe.source} s{joins} WHERE {universe.where.sql} GROUP BY s.operator"
    rows = universe.con.execute(
        f"SELECT s.operator, {columns} {body}", params + universe.where.params
    ).fetchall()
    matched, kept = Counter[str](), Counter[str]()
    for operator, n, _, left_out, had, _ in rows:
        matched[operator or OTHER] += n
        kept[operator or OTHER] += n - left_out - had
    hits, suppressed_n, already_n, certain_n = (
        int(sum(row[place] for row in rows)) for place in (2, 3, 4, 5)
    )
    return _Tally(matched, kept, hits + _repeats(universe), suppressed_n, already_n, certain_n)


def _marks(universe: Universe, ask: _Ask) -> tuple[str, str, str]:
    """Return joins to those who must be left out, and the two tests that say so; empty where there is nobody.

    One left join answers both questions of the waterfall, who matched and who of them stays;
    an anti join, as the
    set itself uses, could answer only the second.
    """
    joins, tests = "", []
    who = ask.who
    for what, frame in (
        ("suppressed", who.suppressed),
        ("already", who.already if ask.audience.series else None),
    ):
        tests.append("")
        if frame is not None and frame.height:
            name = universe.register(what, _numbers(frame))
            joins += f" LEFT JOIN {name} ON {name}.msisdn = s.msisdn"
            tests[-1] = f"{name}.msisdn IS NOT NULL"
    if who.advertising and ask.population:
        tests[0] = f"({tests[0]} OR s.opted_out IS TRUE)" if tests[0] else "s.opted_out IS TRUE"
    return joins, tests[0], tests[1]


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


def _sliced(universe: Universe, ask: _Ask, piece: slices.Slice) -> Counter[str]:
    """Return the operators of a slice."""
    if not piece.taken:
        return Counter()
    body, params = _staying(universe, ask)
    query = f"SELECT operator, count(*) FROM (SELECT s.operator {body} LIMIT ? OFFSET ?) GROUP BY operator"
    rows = universe.con.execute(query, [*params, piece.taken, piece.row - 1]).fetchall()
    found = Counter[str]()
    for operator, n in rows:
        found[operator or OTHER] += n
    return found


def _staying(universe: Universe, ask: _Ask) -> tuple[str, list[Any]]:
    """Return FROM … ORDER BY of those who stay, and its parameters:
    candidates first, then explicit anti joins.
    """
    joins, who = "", ask.who
    for what, frame in (
        ("suppressed", who.suppressed),
        ("already", who.already if ask.audience.series else None),
    ):
        if frame is not None and frame.height:
            name = universe.register(what, _numbers(frame))
            joins += f" ANTI JOIN {name} ON {name}.msisdn = s.msisdn"
    opted = " AND s.opted_out IS NOT TRUE" if who.advertising and ask.population else ""
    body = f"FROM {universe.source} s{joins} WHERE {universe.where.sql}{opted} ORDER BY s.order_key, s.msisdn"
    return body, universe.where.params


def _frame(universe: Universe, ask: _Ask, taken: int) -> pl.DataFrame:
    """Fetch the slice in its order and add the merge fields of own numbers."""
    body, params = _staying(universe, ask)
    query = (
        f"SELECT s.msisdn, coalesce(s.operator::VARCHAR, '{OTHER}') AS operator,"
        f" ({universe.certain.sql}) IS NOT TRUE AS bank, s.order_key {body} LIMIT ? OFFSET ?"
    )
    values = [*universe.certain.params, *params, taken, ask.audience.row - 1]
    frame: pl.DataFrame = universe.con.sql(query, params=values).pl()
    fields = _fields(universe)
    return frame if fields is None else frame.join(fields, on="msisdn", how="left", maintain_order="left")


def _fields(universe: Universe) -> pl.DataFrame | None:
    """Return the merge fields of own numbers by number; of a number in two files the first file's row is
    taken.
    """
    frames = [numbers.frame.drop("times") for numbers in universe.own.values() if numbers.frame.width > 2]
    if not frames:
        return None
    return pl.concat(frames, how="diagonal").unique("msisdn", keep="first", maintain_order=True)


def _own_notices(universe: Universe) -> list[Notice]:
    return [notice for numbers in universe.own.values() for notice in numbers.notices]


def _numbers(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col("msisdn").cast(pl.UInt64)).unique()


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {name: n for name, n in sorted(counts.items()) if n}
