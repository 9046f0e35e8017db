"""From an order to its recipient set: whom it reaches today, merged and priced, and what may be told of it.

It reads the records and decides nothing about sending.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from data.errors import Refused
from data.records import lines, processes, suppression
from data.records.campaigns import Campaign, Draft
from data.records.slices import Key
from data.rules import kinds
from data.rules.advertising import ended
from data.rules.pricing import Tariff
from data.rules.purposes import purpose_of
from data.store.operations import Connection
from data.store.population import Population, open_population
from targeting import adverts
from targeting.audience import build, sendable
from targeting.history import key_of, reader
from targeting.orders import quote
from targeting.orders.promise import Promise, Wording, kind_limits, promise, refuse_towers
from targeting.privacy import refuse_few
from targeting.scope import Built, Mark, Scope
from targeting.texts import checked
from targeting.tree import Audience, parse_audience


@dataclass(frozen=True, slots=True)
class Set:
    """A chosen, merged and priced recipient set, with what a report tells of it."""

    frame: pl.DataFrame
    promise: Promise  # what its account is told before all of it was sent
    key: Key  # by which its slice is remembered
    row: int
    own: bool  # some of the audience are own numbers
    mark: Mark
    snapshot: str | None
    by_operator: list[dict[str, Any]]
    waterfall: list[dict[str, Any]]
    notices: list[dict[str, str]]


def scope_of(c: Connection, order: Campaign | Draft, *, today: date) -> Scope:
    """Return for whom and when an order's set is chosen: opt-outs as they are now, its history when asked."""
    campaign_id = order.id if isinstance(order, Campaign) else None
    advertising, way_out = adverts.still_follows(c, order)
    stops = purpose_of(order.kind, advertising=advertising)
    return Scope(
        account_id=order.account_id,
        today=today,
        advertising=advertising,
        way_out=way_out,
        suppressed=suppression.numbers(c, order.account_id, line_id=order.line_id, stops=stops),
        chosen=suppression.chosen(c, order.account_id, line_id=order.line_id, stops=stops),
        history=reader(order.account_id, order.audience.get("series"), campaign_id=campaign_id),
        salt=processes.order_salt(c),
    )


def choose(order: Campaign | Draft, scope: Scope, tariff: Tariff) -> Set:
    """Build, merge and price the set of an order; raise Refused where a rule of one of its leaves is broken.

    What may be told is worked out first: no refusal of it hangs on who of a list is rented.
    """
    with inside_audience():
        audience = parse_audience(order.audience)
    wording = Wording(checked(ended(order.text) if scope.way_out else order.text), tariff)
    promised, built = _built(audience, scope, wording)
    frame = quote.recipient_set(built.frame, wording.template, tariff)
    promised = promised or Promise(built.count, quote.quote(frame), 0, veiled=False)
    if promised.veiled:
        refuse_few(frame.height)  # people's own opt-outs may leave fewer than lists alone could
    assert frame.height <= promised.quote.recipients, "a bound of people holds"
    assert int(frame["price_rials"].sum()) <= promised.quote.cost_rials, "a bound of money holds"
    return Set(
        frame=frame,
        promise=promised,
        key=key_of(order.account_id, built.count.audience_hash, audience.series),
        row=audience.row,
        own=audience.uses_own,
        mark=built.mark,
        snapshot=built.count.snapshot,
        by_operator=[asdict(share) for share in quote.quote(frame).by_operator],
        waterfall=[step.to_json() for step in built.count.waterfall],
        notices=[notice.to_json() for notice in promised.count.notices],
    )


def priced(c: Connection, draft: Draft, *, today: date) -> Set:
    """Return the set that a draft would be sent to today, priced; refuse one that reaches nobody (R1.19)."""
    chosen = choose(draft, scope_of(c, draft, today=today), lines.get(c, draft.line_id).tariff)
    if chosen.frame.is_empty():
        raise Refused("audience", "it reaches nobody; widen it", "به هیچ‌کس نمی‌رسد؛ آن را گسترده‌تر کنید")
    return chosen


def population_for(audience: Audience) -> Population | None:
    """Open the published population if the audience needs one."""
    return open_population() if audience.uses_bank else None


def refuse_quick(kind: str, recipients: int) -> None:
    """Raise Refused where a quick send has more numbers than one types."""
    for short in kinds.quick_shortfalls(kind, recipients, kind_limits()):
        raise Refused(short.rule, short.en, short.fa)


def _built(audience: Audience, scope: Scope, wording: Wording) -> tuple[Promise | None, Built]:
    """Return the set, and what may be told of it; own numbers alone are told as they are."""
    population = population_for(audience)
    try:
        if population is None:
            with inside_audience():
                return None, build(audience, None, scope)
        with inside_audience():
            found = sendable(audience, population, scope)
        promised = promise(audience, found, population, scope, wording=wording)
        refuse_towers(promised)
        with inside_audience():
            return promised, build(audience, population, scope, told_as=found)
    finally:
        if population:
            population.close()


@contextmanager
def inside_audience() -> Iterator[None]:
    """In an order the tree stands under `audience`, and so do the fields that are refused in it."""
    try:
        yield
    except Refused as refused:
        if not refused.field.startswith("audience"):
            refused.field = f"audience.{refused.field}"
        raise
