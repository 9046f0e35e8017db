"""What an audience reaches and what it costs before it is sent: asked alike by pages and commands.

Reading who is left out is one short transaction that checks who asks; counting itself holds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from data import clock
from data.records import processes, suppression
from data.records.campaigns import Draft
from data.records.lines import Line
from data.rules import advertising
from data.rules.unseen import is_blank
from data.settings import settings
from data.store import operations
from data.store.population import Population
from data.use_cases.floor import Case, Who, question
from targeting.audience import Audience, Count, Scope, build, proposed_row, told
from targeting.bounds import own_alone
from targeting.kinds import audience_of
from targeting.orders import choosing
from targeting.orders.promise import Promise, Wording, promise
from targeting.orders.quote import recipient_set
from targeting.privacy import hides
from targeting.texts import checked

Node = dict[str, Any]
SAMPLES = 3  # merged texts that a page shows


@dataclass(frozen=True, slots=True)
class Asked:
    """An audience as a kind of send means it; `advertising` also leaves out who opted out at the operator."""

    kind: str
    tree: Node
    advertising: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as its viewer may see it: `hidden` means only that it is fewer than the smallest cell."""

    count: Count
    hidden: bool
    as_of: date | None


def counted(who: Who, asked: Asked) -> Counted:
    """Return what may be told of an audience; raise Refused naming the field."""
    with opened(who, asked) as (audience, population, scope):
        found = told(audience, population, scope)
        return Counted(found, hides(found, scope), population.snapshot.as_of if population else None)


def quoted(who: Who, asked: Asked, found: Counted, text: str, *, line: Line) -> Promise:
    """Return what may be told of parts and price by operator and language, bounds beside rented people."""
    with opened(who, asked) as (audience, population, scope):
        wording = Wording(checked(sent(text, line)), line.tariff)
        return promise(audience, found.count, population, scope, wording=wording)


def samples(who: Who, asked: Asked, text: str, line: Line) -> list[tuple[int, bool, str]]:
    """Return number, whether it is rented, and merged text of the first recipients."""
    with opened(who, asked) as (audience, population, scope):
        if audience.uses_bank:  # which of them are taken would tell who is in the bank
            audience, population, scope = own_alone(audience), None, replace(scope, suppressed=None)
        frame = build(audience, population, scope).frame.head(SAMPLES)
    merged = recipient_set(frame, checked(sent(text, line)), line.tariff)
    return merged.select("msisdn", "bank", "text").rows()


def sent(text: str, line: Line) -> str:
    """Return a text as this line sends it: an advert ends with the way out of it, which is paid for too."""
    return advertising.ended(text) if line.kind == advertising.AD and not is_blank(text) else text


def next_row(who: Who, asked: Asked) -> int:
    """Return where the next slice of this audience or series begins; 1 where none was sent (R1.14)."""
    with opened(who, asked) as (audience, population, scope):
        return proposed_row(audience, population, scope)


@contextmanager
def opened(who: Who, asked: Asked) -> Iterator[tuple[Audience, Population | None, Scope]]:
    """Open what a question is asked of: the audience, the published population where it needs one, and for
    whom it is asked.
    """
    audience = audience_of(asked.tree, asked.kind)
    scope = _scope(who, asked) if operations.exists() else _bare(asked)
    with choosing.population_for(audience) or nullcontext() as population:
        yield audience, population, scope


@question("audience.scope")
def _scope(case: Case, asked: Asked) -> Scope:
    """Say who is left out: by the account that asks, or for the operator by everybody."""
    account_id = case.who.account_id
    if account_id is not None:
        order = Draft(
            account_id, 0, "", asked.kind, "", asked.tree, asked.advertising, token="", created_by=""
        )
        return choosing.scope_of(case.c, order, today=_today())
    return replace(
        _bare(asked), suppressed=suppression.numbers(case.c, None), salt=processes.order_salt(case.c)
    )


def _bare(asked: Asked) -> Scope:
    """A home without an operations store has suppressed nobody and sent nothing."""
    return Scope(None, _today(), asked.advertising)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(settings().timezone)).date()
