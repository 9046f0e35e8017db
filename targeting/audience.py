"""From an audience to its exact count and its ordered set: matched → duplicate → suppressed → … → selected.

A plain count of bank criteria is one scan of `subscribers`; nothing is written and nothing is fetched
but the sums. A slice costs a scan for each of its ends and one between them.
"""

from __future__ import annotations

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
from targeting.tallies import Tally, fields_of, ordered, own_notices, tally
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
    key = bounds.key_of(audience, population, who)
    past = who.history(key)
    out = bounds.left_out(parts, who, past)
    if parts.own:
        found = bounds.mixed(_rented_whole(parts, population, alone, key), parts, audience, out)
    else:
        assert parts.rented, "an audience without own lists is rented"
        found = bounds.bounded(count(parts.rented, population, alone), parts, audience, out)
    proposed = past.row if who.account_id is not None and (parts.own or out.any) else found.proposed_row
    found = bounds.with_open_cells(found, audience, population, who)
    return replace(found, audience_hash=key, at_most=parts.own or out.any, proposed_row=proposed)


def _rented_whole(parts: bounds.Parts, population: Population, alone: Scope, key: str) -> Count:
    """Count rented people alone and uncut; what towers bring, of a slice as it is asked for."""
    if parts.rented is None:
        return bounds.nobody(key)
    whole = count(replace(parts.rented, row=1, count=None), population, alone)
    if whole.towered is None or not parts.rented.cut:
        return whole
    return replace(whole, towered=count(parts.rented, population, alone).towered)


def sendable(audience: Audience, population: Population | None, who: Scope) -> Count:
    """Return what this viewer may be told; raise Refused where too few rented people would be written to."""
    found = told(audience, population, who)
    if binds(who) and audience.uses_bank:
        refuse_small(found, who)
    return found


def build(
    audience: Audience, population: Population | None, who: Scope, *, told_as: Count | None = None
) -> Built:
    """Return the set in its order, its count, and what is to be remembered of it; raise Refused also where
    the rented part is too small to send. `told_as` is what `sendable` said of the same question before.
    """
    rule = binds(who) and audience.uses_bank
    said = told_as or (sendable(audience, population, who) if rule else None)
    began = clock.monotonic()
    universe = open_universe(audience, population, who)
    try:
        asked = _question(universe, audience, population, who)
        asked = replace(asked, along=said.along if said and rule else None)
        sums, walk = _walked(asked)
        counted = _count(asked, sums, walk, began=began)
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
    if past.reached is None or _is_bound(audience, who, past):
        return past.row
    universe = open_universe(audience, population, who)
    try:
        if binds(who) and audience.uses_bank and _matched(universe) < settings().privacy.min_cell:
            return 1
        return _reached(universe, order_of(universe, population, who), past.reached) + 1
    finally:
        universe.close()


def _is_bound(audience: Audience, who: Scope, past: History) -> bool:
    """Say whether a place among who matches would tell how many were passed over."""
    passed = audience.uses_own or past.own or (who.suppressed is not None and not who.suppressed.is_empty())
    return binds(who) and audience.uses_bank and passed


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
    along: int | None = None  # most people that may be taken beyond `count`; None: not told before

    @property
    def wish(self) -> slices.Wish:
        """What is asked for; who is not bound by the small-cell rule may leave few behind, and a set takes
        nobody along of whom its count said nothing.
        """
        least = settings().privacy.min_cell if binds(self.who) else 0
        if self.along is not None:
            least = min(least, self.along + 1)
        return slices.Wish(self.audience.row, self.audience.count, least)


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


def _walked(asked: _Question) -> tuple[Tally, slices.Walk]:
    """Return the sums over everybody who matches, and those of the slice."""
    sums = tally(asked.people, asked.universe)
    matched = sums.matched.total()
    if asked.audience.cut:
        return sums, slices.walk(asked.people, asked.wish, matched)
    whole = slices.Walk(
        taken=slices.KEPT, by_operator=ordered(sums.kept), towered=sums.towered, next_row=matched + 1,
        had=sums.already, again=sums.again, behind=0, along=0, last=None, beyond=False,
    )  # fmt: skip
    return sums, whole


def _count(asked: _Question, sums: Tally, walk: slices.Walk, *, began: float) -> Count:
    audience, matched = asked.audience, sums.matched.total()
    left, kept, selected = matched - sums.suppressed, sums.kept.total(), sum(walk.by_operator.values())
    history = audience.series or (asked.goes_on and not audience.again)
    steps = [
        Step("matched", 0, sums.hits),
        Step("duplicate", sums.hits - matched, matched),
        Step("suppressed", sums.suppressed, left),
        *([Step("already_sent", sums.already, kept)] if history else []),
        Step("not_in_slice", kept - selected, selected),
        Step("selected", 0, selected),
    ]
    return Count(
        snapshot=asked.snapshot, audience_hash=asked.key, matched=matched, selected=selected,
        by_operator=ordered(sums.matched), selected_by_operator=ordered(walk.by_operator),
        waterfall=tuple(steps), milliseconds=round((clock.monotonic() - began) * 1000, 3),
        bank=audience.uses_bank, rented=sums.rented,
        towered=None if asked.universe.towers is None else walk.towered,
        next_row=walk.next_row, proposed_row=_proposed(asked), behind=walk.behind, along=walk.along,
        notices=(*own_notices(asked.universe), *_slice_notices(asked, walk, matched)),
    )  # fmt: skip


def _slice_notices(asked: _Question, walk: slices.Walk, matched: int) -> list[Notice]:
    return slices.notices(walk, asked.wish, matched, settings().privacy.min_cell)


def _proposed(asked: _Question) -> int | None:
    """Return where the next slice of this audience or series begins; nobody sends for no account."""
    if asked.who.account_id is None:
        return None
    return asked.past.row if asked.past.reached is None else asked.reached + 1


def _frame(asked: _Question, walk: slices.Walk) -> pl.DataFrame:
    """Fetch the slice in its order and add the merge fields of own numbers."""
    people = asked.people
    query = (
        f"SELECT msisdn, coalesce(operator::VARCHAR, '{slices.OTHER}') AS operator, rented AS bank,"
        f" k AS order_key FROM {people.sql} p WHERE {walk.taken} ORDER BY k, msisdn"
    )
    frame: pl.DataFrame = people.con.sql(query, params=people.params).pl()
    fields = fields_of(asked.universe)
    return frame if fields is None else frame.join(fields, on="msisdn", how="left", maintain_order="left")


def _mark(asked: _Question, walk: slices.Walk) -> Mark:
    """Return what is remembered of a set: whether a round begins, and who was looked at last."""
    people, key = asked.people, walk.last[0] if walk.last else None
    if key is None and not walk.beyond:
        (key,) = people.con.execute(f"SELECT max(k) FROM {people.sql} p", people.params).fetchall()[0]
    return Mark(not asked.goes_on, key, walk.again, asked.past.seen)
