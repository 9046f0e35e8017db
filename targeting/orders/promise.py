"""What an order is told to reach and to cost before all of it was sent: exact, or bounds beside rented
people.

The same figures stand on the page, in the command, in the hold and in the report of a run under way, so that
none of them says more than another. They are worked out before the set is chosen: what is refused here hangs
on lengths of lists and on rented people alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from data.errors import Refused
from data.rules import kinds
from data.rules.merge import Template
from data.rules.pricing import Tariff
from data.settings import settings
from targeting.audience import build
from targeting.bounds import own_alone
from targeting.orders.quote import Quote, Share, quote, quote_count, recipient_set
from targeting.privacy import binds, merged_cells
from targeting.scope import Count, Scope
from targeting.tree import Audience

if TYPE_CHECKING:
    from data.store.population import Population

_SOMEBODY: Mapping[str, Any] = {"msisdn": 989_000_000_000, "operator": "other", "bank": True, "order_key": 0}
_TYPES = {"msisdn": pl.UInt64, "operator": pl.String, "bank": pl.Boolean, "order_key": pl.UInt64}


@dataclass(frozen=True, slots=True)
class Wording:
    """The text of an order as its line sends it, parsed once, and what its parts cost."""

    template: Template
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class Promise:
    """A count that may be told, and its price; `veiled`: before all of it was sent nothing else is told."""

    count: Count
    quote: Quote
    parts_each: int  # of a rented person's message
    veiled: bool

    def to_row(self) -> dict[str, Any] | None:
        """Return what a run keeps of it for its account; None where the account may be told everything."""
        if not self.veiled:
            return None
        return {
            "n": self.quote.recipients, "parts": self.quote.parts, "cost_rials": self.quote.cost_rials,
            "by_operator": [asdict(share) for share in self.quote.by_operator],
            "waterfall": [step.to_json() for step in self.count.waterfall],
            "at_most": self.count.at_most,
        }  # fmt: skip


def promise(
    audience: Audience, found: Count, population: Population | None, who: Scope, *, wording: Wording
) -> Promise:
    """Return what is promised of an audience of which `found` is told; raise Refused for a text that some
    of its people could not get.
    """
    if not audience.uses_bank:
        priced = _exact(audience, found, who, wording)
        return Promise(found, priced, 0, veiled=False)
    each = quote(recipient_set(_somebody(), wording.template, wording.tariff))
    if not binds(who):
        frame = None if _plain(wording) else build(audience, population, who).frame
        priced = _of_cells(found, wording) if frame is None else _of_frame(frame, wording)
        return Promise(found, priced, each.parts, veiled=False)
    if _plain(wording):
        return Promise(found, _of_cells(found, wording), each.parts, veiled=True)
    refuse_needed(wording.template)
    priced = _with_fields(audience, found, who, wording=wording, each=each)
    return Promise(found, priced, each.parts, veiled=True)


def refuse_needed(template: Template) -> None:
    """Refuse a field without fallback beside rented people: how many of them lack it would tell how many of
    a list are among them.
    """
    if needed := template.needed:
        raise Refused(
            "text",
            f"rented people have no {needed[0]}: write {{{needed[0]}|…}} with a fallback",
            f"افراد اجاره‌ای «{needed[0]}» ندارند: جایگزین بنویسید ({{{needed[0]}|…}})",
        )


def refuse_towers(found: Promise) -> None:
    """Raise Refused where towers bring too few people, whatever stands beside them."""
    for short in tower_shortfalls(found):
        raise Refused(short.rule, short.en, short.fa)


def tower_shortfalls(found: Promise) -> list[kinds.Shortfall]:
    """Return the rules of tower sends that are not kept."""
    return kinds.tower_shortfalls(found.count.towered, found.parts_each, kind_limits())


def kind_limits() -> kinds.Limits:
    """Return the limits of the kinds from the settings."""
    have = settings()
    return kinds.Limits(
        quick_numbers=have.quick.max_numbers,
        bts_recipients=have.bts.min_recipients,
        bts_product=have.bts.min_product,
        bts_strict=have.bts.product_strict,
    )


def _plain(wording: Wording) -> bool:
    return not wording.template.fields


def _exact(audience: Audience, found: Count, who: Scope, wording: Wording) -> Quote:
    if _plain(wording):
        return quote_count(found.selected_by_operator, wording.template, wording.tariff)
    return _of_frame(build(audience, None, who).frame, wording)


def _of_frame(frame: pl.DataFrame, wording: Wording) -> Quote:
    return quote(recipient_set(frame, wording.template, wording.tariff))


def _of_cells(found: Count, wording: Wording) -> Quote:
    cells = merged_cells(found.selected_by_operator, settings().privacy.min_cell)
    return quote_count(cells, wording.template, wording.tariff)


def _with_fields(audience: Audience, found: Count, who: Scope, *, wording: Wording, each: Quote) -> Quote:
    """Price own numbers by their own values, all of them, and everybody else by the fallbacks."""
    lists = own_alone(audience)
    if not lists.uses_own:
        return _added(Quote(0, 0, 0, (), {}), each, found.selected)
    own = build(lists, None, replace(who, suppressed=None)).frame
    return _added(_of_frame(own, wording), each, max(0, found.selected - own.height))


def _added(mine: Quote, each: Quote, people: int) -> Quote:
    """Return the price of the own numbers and of so many people whose fields all take their fallback."""
    more = Share("other", each.by_operator[0].language, people, people * each.parts, people * each.cost_rials)
    spread = dict(mine.parts_spread)
    spread[each.parts] = spread.get(each.parts, 0) + people
    return Quote(
        mine.recipients + people, mine.parts + more.parts, mine.cost_rials + more.cost_rials,
        (*mine.by_operator, more) if people else mine.by_operator, spread, mine.missing,
    )  # fmt: skip


def _somebody() -> pl.DataFrame:
    """Return one person of whom nothing is known but a number."""
    return pl.DataFrame([_SOMEBODY], schema=_TYPES)
