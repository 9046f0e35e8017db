"""What a send would reach and cost: exact counts, prices by operator and language, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from targeting.audience import Audience, Count, Scope, build, count, proposed_row
from targeting.kinds import audience_of
from targeting.privacy import hides
from targeting.quote import Quote, quote, quote_count, recipient_set

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
        told = count(audience, population, who)
        return Counted(told, hides(told, who), population.snapshot.as_of if population else None)


def quoted(asked: Question, found: Counted, text: str, line: Line) -> Quote:
    """Return parts and price by operator and language; only a text with fields needs the set."""
    text = sent(text, line)
    if not parse_template(text).fields:
        return quote_count(found.count.selected_by_operator, text, line.tariff)
    with _opened(asked) as (audience, population, who):
        return quote(recipient_set(build(audience, population, who).frame, text, line.tariff))


def samples(asked: Question, text: str, line: Line, *, most: int = 3) -> list[tuple[int, bool, str]]:
    """Return number, whether it is rented, and merged text of the first recipients."""
    with _opened(asked) as (audience, population, who):
        frame = build(audience, population, who).frame.head(most)
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
