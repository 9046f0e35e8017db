"""What a campaign holds for its next occurrence, so that several of them cannot promise the same credit.

`held_rials` of the row and the entries `campaign:{id}:hold[:k]` and `campaign:{id}:release[:k]` say the same;
k counts the holds of a campaign, the first has none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records import ledger
from data.records.ledger import Entry, InsufficientCredit
from data.store.tables import campaign, ledger_account, run


def take(c: Connection, campaign_id: int, rials: int, *, actor: str, now: datetime) -> None:
    """Hold an amount for a campaign that holds nothing; raise InsufficientCredit where it is not there."""
    if not rials:
        return
    row = _row(c, campaign_id)
    assert not row.held_rials, campaign_id
    number = row.holds + 1
    sides = ledger.available(row.account_id), ledger.held(row.account_id)
    entry = Entry(_key(campaign_id, "hold", number), *sides, rials)
    with c.begin_nested():  # a caller that goes on without the hold must find nothing of it
        ledger.post(c, [entry], actor=actor, now=now)
        _set(c, campaign_id, held_rials=rials, holds=number)


def take_if_there(c: Connection, campaign_id: int, rials: int, *, actor: str, now: datetime) -> bool:
    """Hold an amount if the credit is there; say whether it is held."""
    try:
        take(c, campaign_id, rials, actor=actor, now=now)
    except InsufficientCredit:
        return False
    return True


def release(c: Connection, campaign_id: int, *, actor: str, now: datetime) -> int:
    """Give back what a campaign holds; return how much it was."""
    row = _row(c, campaign_id)
    if not row.held_rials:
        return 0
    entry = Entry(
        _key(campaign_id, "release", row.holds), ledger.held(row.account_id),
        ledger.available(row.account_id), row.held_rials,
    )  # fmt: skip
    ledger.post(c, [entry], actor=actor, now=now)
    _set(c, campaign_id, held_rials=0)
    return int(row.held_rials)


def release_if_over(c: Connection, campaign_id: int, *, actor: str, now: datetime) -> int:
    """Give back what a campaign holds that neither comes again nor has a run still to be planned."""
    row = _row(c, campaign_id)
    begun = sa.select(run.c.id).where(
        run.c.campaign_id == campaign_id, run.c.state.in_(("approved", "planning"))
    )
    if row.next_due_at is not None or c.scalar(begun.limit(1)) is not None:
        return 0
    return release(c, campaign_id, actor=actor, now=now)


def uncovered(c: Connection) -> list[tuple[int, int]]:
    """Return (id, price) of repeating campaigns whose next occurrence has no money held for it, although the
    credit is there by now.
    """
    live = campaign.c.state.in_(("scheduled", "active", "paused")) & campaign.c.next_due_at.is_not(None)
    bare = (campaign.c.held_rials == 0) & (campaign.c.quoted_rials > 0) & campaign.c.recurrence.is_not(None)
    purse = (ledger_account.c.account_id == campaign.c.account_id) & ledger_account.c.id.like("%:avail")
    there = ledger_account.c.balance_rials >= campaign.c.quoted_rials
    query = (
        sa.select(campaign.c.id, campaign.c.quoted_rials)
        .join(ledger_account, purse).where(live, bare, there)
    )  # fmt: skip
    return [(row.id, row.quoted_rials) for row in c.execute(query.order_by(campaign.c.next_due_at))]


def _row(c: Connection, campaign_id: int) -> Any:
    query = sa.select(campaign.c.account_id, campaign.c.held_rials, campaign.c.holds, campaign.c.next_due_at)
    return c.execute(query.where(campaign.c.id == campaign_id).with_for_update()).one()


def _set(c: Connection, campaign_id: int, **values: int) -> None:
    c.execute(sa.update(campaign).where(campaign.c.id == campaign_id).values(**values))


def _key(campaign_id: int, what: str, number: int) -> str:
    return f"campaign:{campaign_id}:{what}" + (f":{number}" if number > 1 else "")
