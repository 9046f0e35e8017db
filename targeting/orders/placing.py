"""From a form or file to a stored campaign: checked and priced while reading, then placed in one transaction.

A token stands for the order as it was first given: its SHA-256 is kept, so that the same order again is the
same campaign, also after it was edited, and another order under the token is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.records import accounts, campaigns, forms, holds, lines, once
from data.records.campaigns import Draft
from data.records.ledger import InsufficientCredit
from data.settings import settings
from data.use_cases.floor import Case, Who, question, use_case
from targeting import adverts
from targeting.orders import checking, choosing

CREATE = "campaign.create"


@dataclass(frozen=True, slots=True)
class Checked:
    """An order that may be stored, and what it would reach and cost today, whole rials."""

    draft: Draft
    recipients: int
    parts: int
    price_rials: int
    at_most: bool  # bounds: what the account itself leaves out or brings twice is not told
    notices: tuple[dict[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures under the names that commands have for them."""
        return {
            "recipients": self.recipients, "parts": self.parts, "price_rials": self.price_rials,
            "cost_rials": self.price_rials, "notices": list(self.notices),
            **({"at_most": True} if self.at_most else {}),
        }  # fmt: skip


def order(who: Who, given: dict[str, Any], *, token: str, scheduled: bool) -> tuple[int, Checked | None]:
    """Place an order of the account that asks; return the campaign's id, and what was checked if it is new.

    `scheduled` makes it due at once or at its time; else it is a draft until it is started.
    """
    who = who.doing_once(token, shape_of(given))
    known = placed(who)
    if known is not None:
        return known, None
    checked = check(who, given, token=token)
    return place(who, checked.draft, scheduled=scheduled), checked


def shape_of(given: dict[str, Any]) -> str:
    """Return the SHA-256 of an order as it was given, whatever the order of its fields."""
    bare = {name: value for name, value in given.items() if name != "token"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, default=str).encode()).hexdigest()


@question("campaign.placed")
def placed(case: Case) -> int | None:
    """Return the campaign that was placed with this key before; refuse the key of another order."""
    assert case.who.once is not None
    claim = once.Claim(case.who.account_id, case.who.once.key, CREATE, case.who.once.shape)
    found = once.find(case.c, claim)
    return None if found is None else int(found.answer)


@question("campaign.check", right="send")
def check(case: Case, given: dict[str, Any], *, token: str) -> Checked:
    """Return an order that may be stored with its price; refuse it by the field that is wrong."""
    who = case.who
    assert who.account_id is not None, "an order has an account"
    orderer = checking.Orderer(who.account_id, who.name, token)
    draft = checking.draft_of(case.c, given, orderer, now=case.now)
    chosen = choosing.priced(case.c, draft, today=_today(case.now))
    choosing.refuse_quick(str(given.get("kind")), chosen.frame.height)
    promised, price = chosen.promise, chosen.promise.quote.cost_rials
    said = adverts.sale_notices(lines.get(case.c, draft.line_id), draft.text)
    return Checked(
        replace(draft, quoted_rials=price), promised.quote.recipients, promised.quote.parts, price,
        promised.count.at_most, (*chosen.notices, *(one.to_json() for one in said)),
    )  # fmt: skip


@use_case(CREATE, right="send")
def place(case: Case, draft: Draft, *, scheduled: bool) -> int:
    """Store a checked order; what is for later holds its price from now on, or is refused."""
    refuse_anothers(case, draft)
    campaign_id = campaigns.create(case.c, draft, now=case.now, scheduled=scheduled)
    forms.place(case.c, draft.account_id, draft.token, campaign_id)  # the form it was written on, if it was
    case.note(campaign_id, account_id=draft.account_id, kind=draft.kind)
    if scheduled and draft.start_at is not None and draft.start_at > case.now:
        cover(case, campaign_id, draft.quoted_rials)
    return campaign_id


def refuse_anothers(case: Case, draft: Draft) -> None:
    """Raise Refused where an order is another account's, whatever door it came through."""
    if case.who.account_id not in (None, draft.account_id):
        raise accounts.unknown("")


def cover(case: Case, campaign_id: int, rials: int) -> None:
    """Hold an amount for a campaign; raise Refused with what is lacking."""
    try:
        holds.take(case.c, campaign_id, rials, actor=case.who.name, now=case.now)
    except InsufficientCredit as short:
        raise short.before_it_begins() from short


def _today(now: datetime) -> Any:
    return now.astimezone(ZoneInfo(settings().timezone)).date()
