"""What a send would reach and cost: exact counts, prices by operator and language, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from data import clock
from data.records.campaigns import Draft as Order
from data.records.lines import Line
from data.rules import advertising
from data.rules.merge import parse_template
from data.rules.unseen import is_blank
from data.settings import settings
from data.store import operations
from data.store.population import Population
from targeting import drafts
from targeting.audience import Audience, Count, Scope, build, proposed_row, told
from targeting.bounds import own_alone
from targeting.kinds import audience_of
from targeting.privacy import hides, merged_cells
from targeting.quote import Quote, Share, quote, quote_count, recipient_set

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """An audience of a kind, for an account; `advertising` also leaves out who opted out at the operator."""

    account_id: int
    kind: str
    tree: Node
    advertising: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as its viewer may see it: `hidden` means only that it is fewer than the smallest cell."""

    count: Count
    hidden: bool
    as_of: date | None


def counted(asked: Question) -> Counted:
    """Return the exact count of an audience; raise Refused naming the field."""
    with _opened(asked) as (audience, population, who):
        found = told(audience, population, who)
        return Counted(found, hides(found, who), population.snapshot.as_of if population else None)


def quoted(asked: Question, found: Counted, text: str, line: Line) -> Quote:
    """Return parts and price by operator and language; only a text with fields needs the set."""
    text = sent(text, line)
    if not parse_template(text).fields:
        cells = found.count.selected_by_operator
        told_cells = merged_cells(cells, settings().privacy.min_cell) if found.count.bank else cells
        return quote_count(told_cells, text, line.tariff)
    with _opened(asked) as (audience, population, who):
        if not audience.uses_bank:
            return quote(recipient_set(build(audience, population, who).frame, text, line.tariff))
        own = build(own_alone(audience), None, replace(who, suppressed=None)).frame
    rented = found.count.selected - own.height
    unnamed = own.head(1).select("msisdn", "operator", "bank", "order_key")
    each = quote(recipient_set(unnamed, text, line.tariff))
    mine = quote(recipient_set(own, text, line.tariff))
    return _added(mine, each, max(0, rented))


def _added(mine: Quote, each: Quote, people: int) -> Quote:
    """Return the price of the own numbers and of so many people whose fields all take their fallback."""
    more = Share("other", each.by_operator[0].language, people, people * each.parts, people * each.cost_rials)
    spread = dict(mine.parts_spread)
    spread[each.parts] = spread.get(each.parts, 0) + people
    return Quote(
        mine.recipients + people, mine.parts + more.parts, mine.cost_rials + more.cost_rials,
        (*mine.by_operator, more) if people else mine.by_operator, spread, mine.missing,
    )  # fmt: skip


def samples(asked: Question, text: str, line: Line, *, most: int = 3) -> list[tuple[int, bool, str]]:
    """Return number, whether it is rented, and merged text of the first recipients."""
    with _opened(asked) as (audience, population, who):
        if audience.uses_bank:  # which of them are taken would tell who is in the bank
            audience, population, who = own_alone(audience), None, replace(who, suppressed=None)
        frame = build(audience, None if not audience.uses_bank else population, who).frame.head(most)
    merged = recipient_set(frame, sent(text, line), line.tariff)
    return merged.select("msisdn", "bank", "text").rows()


def sent(text: str, line: Line) -> str:
    """Return a text as this line sends it: an advert ends with the way out of it, which is paid for too."""
    return advertising.ended(text) if line.kind == advertising.AD and not is_blank(text) else text


def next_row(asked: Question) -> int:
    """Return where the next slice of this audience or series begins; 1 where none was sent (R1.14)."""
    with _opened(asked) as (audience, population, who):
        return proposed_row(audience, population, who)


@contextmanager
def _opened(asked: Question) -> Iterator[tuple[Audience, Population | None, Scope]]:
    audience = audience_of(asked.tree, asked.kind)
    order = Order(
        account_id=asked.account_id,
        line_id=0,
        title="",
        kind=asked.kind,
        text="",
        audience=asked.tree,
        advertising=asked.advertising,
        token="",
        created_by="",
    )
    today = clock.now().astimezone(ZoneInfo(settings().timezone)).date()
    with operations.reading() as c:
        who = drafts.scope_of(c, order, today=today)
    population = drafts.population_for(audience)
    try:
        yield audience, population, who
    finally:
        if population:
            population.close()
