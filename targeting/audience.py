"""From an audience to its exact count and its ordered set: matched → duplicate → suppressed → … → selected.

A plain count of bank criteria is one scan of `subscribers`; nothing is written and nothing is fetched
but the sums. A slice costs a scan for each of its ends and one between them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from data import clock
from data.settings import settings
from targeting import bounds, slices
from targeting.criterion import Notice
from targeting.people import LeftOut, open_people
from targeting.privacy import binds, refuse_small
from targeting.scope import Built, Count, History, Mark, Scope, Step
from targeting.tree import Audience, canonical, parse_audience
from targeting.understanding import audience_hash, understand
from targeting.universe import Universe, open_universe, order_of

if TYPE_CHECKING:
    from data.store.population import Population

__all__ = [
    "Audience",
    "Built",
    "Count",
    "Scope",
    "audience_hash",
    "build",
    "canonical",
    "count",
    "parse_audience",
    "proposed_row",
    "told",
    "understand",
]


def count(audience: Audience, population: Population | None, who: Scope) -> Count:
    """Return the exact count with its waterfall; raise Refused naming the dotted field.

    `population` is needed as soon as some criterion is of the bank (`audience.uses_bank`).
    """
    began = clock.monotonic()
    universe = open_universe(audience, population, who)
    try:
        asked = _question(universe, audience, population, who)
        return _count(asked, *_walked(asked), began=began)
    finally:
        universe.close()


def told(audience: Audience, population: Population | None, who: Scope) -> Count:
    """Return what this viewer may be told before a send: exact for the operator and for own numbers alone,
    else bounds that nothing of the account's own can move (`targeting.bounds`).
    """
    if not binds(who) or not audience.uses_bank or population is None:
        return count(audience, population, who)
    parts, alone = bounds.parts_of(audience, population, who), bounds.without_own_inputs(who)
    rented = count(parts.rented, population, alone) if parts.rented else None
    found = bounds.bounded(rented, parts, audience, bounds.key_of(audience, population, who))
    suppressed = who.suppressed is not None and not who.suppressed.is_empty()
    past = who.history(found.audience_hash)
    return replace(found, at_most=parts.own or suppressed or past.own)


def build(audience: Audience, population: Population | None, who: Scope) -> Built:
    """Return the set in its order, its count, and what is to be remembered of it; raise Refused also where
    the rented part is too small to send.
    """
    if binds(who) and audience.uses_bank:
        refuse_small(told(audience, population, who), who)
    began = clock.monotonic()
    universe = open_universe(audience, population, who)
    try:
        asked = _question(universe, audience, population, who)
        tally, walk = _walked(asked)
        counted = _count(asked, tally, walk, began=began)
        frame = _frame(asked, walk)
        mark = _mark(asked, walk)
    finally:
        universe.close()
    assert frame.height == counted.selected, "the set holds whom the count promised"
    return Built(frame, counted, mark)


def proposed_row(audience: Audience, population: Population | None, who: Scope) -> int:
    """Return where the next slice of this audience, or of its series, begins (`Count.proposed_row`); 1 also
    where too few rented people match to tell a place among them.
    """
    past = who.history(audience_hash(understand(audience, population, who.account_id)))
    if past.reached is None:
        return past.row
    universe = open_universe(audience, population, who)
    try:
        if binds(who) and audience.uses_bank and _matched(universe) < settings().privacy.min_cell:
            return 1
        return _reached(universe, order_of(universe, population, who), past.reached) + 1
    finally:
        universe.close()


@dataclass(frozen=True, slots=True)
class _Question:
    """One question: what, of whom, for whom, and how far the round of this audience has come."""

    universe: Universe
    audience: Audience
    who: Scope
    key: str  # of the audience as it was understood
    past: History
    people: slices.People
    snapshot: str | None
    reached: int  # people up to the last one that was looked at before
    goes_on: bool  # with the open round, and so without those who were written to in it

    @property
    def wish(self) -> slices.Wish:
        """What is asked for; who is not bound by the small-cell rule may leave few behind."""
        least = settings().privacy.min_cell if binds(self.who) else 0
        return slices.Wish(self.audience.row, self.audience.count, least)


@dataclass(frozen=True, slots=True)
class _Tally:
    """Sums of one scan, some by operator."""

    matched: Counter[str]
    kept: Counter[str]  # neither suppressed nor already written to
    hits: int
    suppressed: int
    already: int
    again: int
    rented: int


def _question(universe: Universe, audience: Audience, population: Population | None, who: Scope) -> _Question:
    """Find out where the round stands, and with that whom the question leaves out.

    Row 1 and a whole set begin a round. One exception: where everybody whom the round looked at has left the
    set, its next row is told as 1 and must not forget who was written to.
    """
    key = audience_hash(universe.asked)
    past = who.history(key)
    order = order_of(universe, population, who)
    reached = 0 if past.reached is None else _reached(universe, order, past.reached)
    stands = past.reached is not None and reached == 0 and audience.cut and not audience.series
    goes_on = past.round is not None and (audience.row > 1 or stands)
    left_out = LeftOut(who, past, goes_on, again=audience.again, rents=population is not None)
    people = open_people(universe, order, left_out)
    name = population.snapshot.name if population else None
    return _Question(universe, audience, who, key, past, people, name, reached, goes_on)


def _reached(universe: Universe, order: tuple[str, str], key: int) -> int:
    join, place = order
    query = f"SELECT count(*) FROM {universe.source} s{join} WHERE ({universe.where.sql}) AND {place} <= "
    return int(universe.con.execute(f"{query}{key}::UBIGINT", universe.where.params).fetchall()[0][0])


def _matched(universe: Universe) -> int:
    query = f"SELECT count(*) FROM {universe.source} s WHERE {universe.where.sql}"
    return int(universe.con.execute(query, universe.where.params).fetchall()[0][0])


def _walked(asked: _Question) -> tuple[_Tally, slices.Walk]:
    """Return the sums over everybody who matches, and those of the slice."""
    tally = _tally(asked)
    matched = tally.matched.total()
    if asked.audience.cut:
        return tally, slices.walk(asked.people, asked.wish, matched)
    whole = slices.Walk(
        taken=slices.KEPT, by_operator=_sorted(tally.kept), next_row=matched + 1,
        had=tally.already, again=tally.again, along=0, last=None, beyond=False,
    )  # fmt: skip
    return tally, whole


def _count(asked: _Question, tally: _Tally, walk: slices.Walk, *, began: float) -> Count:
    audience, matched = asked.audience, tally.matched.total()
    left, kept, selected = matched - tally.suppressed, tally.kept.total(), sum(walk.by_operator.values())
    history = audience.series or (asked.goes_on and not audience.again)
    steps = [
        Step("matched", 0, tally.hits),
        Step("duplicate", tally.hits - matched, matched),
        Step("suppressed", tally.suppressed, left),
        *([Step("already_sent", tally.already, kept)] if history else []),
        Step("not_in_slice", kept - selected, selected),
        Step("selected", 0, selected),
    ]
    return Count(
        snapshot=asked.snapshot, audience_hash=asked.key, matched=matched, selected=selected,
        by_operator=_sorted(tally.matched), selected_by_operator=_sorted(walk.by_operator),
        waterfall=tuple(steps), milliseconds=round((clock.monotonic() - began) * 1000, 3),
        bank=audience.uses_bank, rented=tally.rented,
        next_row=walk.next_row, proposed_row=_proposed(asked),
        notices=(*_own_notices(asked.universe), *slices.notices(walk, asked.wish, matched)),
    )  # fmt: skip


def _proposed(asked: _Question) -> int | None:
    """Return where the next slice of this audience or series begins; nobody sends for no account."""
    if asked.who.account_id is None:
        return None
    return asked.past.row if asked.past.reached is None else asked.reached + 1


def _tally(asked: _Question) -> _Tally:
    """Count in one scan who matches, by how many conditions, and who of them must be left out."""
    sums = (
        "count(*), sum(times), count(*) FILTER (WHERE gone), count(*) FILTER (WHERE NOT gone AND had),"
        f" count(*) FILTER (WHERE again AND {slices.KEPT}), count(*) FILTER (WHERE rented)"
    )
    people = asked.people
    query = f"SELECT operator, {sums} FROM {people.sql} p GROUP BY operator"
    rows = people.con.execute(query, people.params).fetchall()
    matched, kept = Counter[str](), Counter[str]()
    for operator, n, _, gone, had, _, _ in rows:
        matched[operator or slices.OTHER] += n
        kept[operator or slices.OTHER] += n - gone - had
    hits, gone, had, again, rented = (int(sum(row[place] for row in rows)) for place in range(2, 7))
    return _Tally(matched, kept, hits + _repeats(asked.universe), gone, had, again, rented)


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


def _frame(asked: _Question, walk: slices.Walk) -> pl.DataFrame:
    """Fetch the slice in its order and add the merge fields of own numbers."""
    people = asked.people
    query = (
        f"SELECT msisdn, coalesce(operator::VARCHAR, '{slices.OTHER}') AS operator, rented AS bank,"
        f" k AS order_key FROM {people.sql} p WHERE {walk.taken} ORDER BY k, msisdn"
    )
    frame: pl.DataFrame = people.con.sql(query, params=people.params).pl()
    fields = _fields(asked.universe)
    return frame if fields is None else frame.join(fields, on="msisdn", how="left", maintain_order="left")


def _mark(asked: _Question, walk: slices.Walk) -> Mark:
    """Return what is remembered of a set: whether a round begins, and who was looked at last."""
    people, key = asked.people, walk.last[0] if walk.last else None
    if key is None and not walk.beyond:
        (key,) = people.con.execute(f"SELECT max(k) FROM {people.sql} p", people.params).fetchall()[0]
    return Mark(not asked.goes_on, key, walk.again, asked.past.seen)


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


def _sorted(counts: Counter[str] | dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in sorted(counts.items()) if n}
