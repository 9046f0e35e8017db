"""What entries, balances and batches add up to: the sums that an audit and the end of a run compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.rules import status
from data.store.tables import batch, campaign, ledger_account, ledger_entry, run


@dataclass(frozen=True, slots=True)
class Pot:
    """An account of the ledger and what lies in it; `floor0` ones may not go below zero."""

    id: str
    account_id: int | None  # None: one of our own
    floor0: bool
    balance_rials: int


def pots(c: Connection, *, id_like: str = "%") -> list[Pot]:
    """Return the accounts of the ledger whose id has this shape."""
    a = ledger_account.c
    query = sa.select(a.id, a.account_id, a.floor0, a.balance_rials).where(a.id.like(id_like))
    return [Pot(*row) for row in c.execute(query)]


def balances_of_entries(c: Connection) -> dict[str, int]:
    """Return by account of the ledger what its entries brought, less what they took."""
    e = ledger_entry.c
    brought = c.execute(sa.select(e.credit, sa.func.sum(e.amount_rials)).group_by(e.credit))
    balances = {name: int(amount) for name, amount in brought}
    for name, amount in c.execute(sa.select(e.debit, sa.func.sum(e.amount_rials)).group_by(e.debit)):
        balances[name] = balances.get(name, 0) - int(amount)
    return balances


def entries(c: Connection) -> int:
    """Return how many entries there are."""
    return int(c.scalar(sa.select(sa.func.count()).select_from(ledger_entry)) or 0)


def of_run(c: Connection, run_id: int, *, key_like: str) -> int:
    """Return the sum of the entries of a run with a key of this shape."""
    e = ledger_entry.c
    query = sa.select(_sum(e.amount_rials)).where(e.run_id == run_id, e.key.like(key_like))
    return int(c.scalar(query) or 0)


def taken_and_ended(c: Connection, run_id: int) -> tuple[int, int]:
    """Return what a run took out of spendable credit for messages, and what of it was given back or
    captured.
    """
    e = ledger_entry.c
    taken = _sum(sa.case((e.key == f"run:{run_id}:hold", e.amount_rials), else_=0))
    ended = sa.or_(
        e.key.like("batch:%:capture"), e.key.like("batch:%:release"), e.key.like("batch:%:suppressed:%"),
        e.key == f"run:{run_id}:over",
    )
    ends = _sum(sa.case((ended, e.amount_rials), else_=0))
    row = c.execute(sa.select(taken, ends).where(e.run_id == run_id)).one()
    return int(row[0]), int(row[1])


def amounts_in(c: Connection, states: Iterable[str]) -> dict[int, int]:
    """Return by customer the amounts of the batches in one of these states."""
    query = (
        sa.select(run.c.account_id, sa.func.sum(batch.c.amount_rials))
        .join(run, run.c.id == batch.c.run_id)
        .where(batch.c.state.in_(list(states))).group_by(run.c.account_id)
    )  # fmt: skip
    return {account_id: int(amount) for account_id, amount in c.execute(query)}


def held_by_campaigns(c: Connection) -> dict[int, int]:
    """Return by customer what campaigns hold for their next occurrence."""
    k = campaign.c
    query = sa.select(k.account_id, sa.func.sum(k.held_rials)).group_by(k.account_id)
    return {account_id: int(amount) for account_id, amount in c.execute(query)}


def campaign_holds(c: Connection) -> list[tuple[int, str, int, int]]:
    """Return (id, state, held, posted) of every campaign that holds something or ever did; `posted` is what
    its entries say is still held.
    """
    e = ledger_entry.c
    signs = {"hold": 1, "release": -1}
    posted: dict[int, int] = {}
    for key, amount in c.execute(sa.select(e.key, e.amount_rials).where(e.key.like("campaign:%"))):
        _, number, what, *_ = key.split(":")
        posted[int(number)] = posted.get(int(number), 0) + signs[what] * amount
    rows = c.execute(sa.select(campaign.c.id, campaign.c.state, campaign.c.held_rials))
    return [(row.id, row.state, row.held_rials, posted.get(row.id, 0)) for row in rows
            if row.held_rials or row.id in posted]  # fmt: skip


def misposted(c: Connection, run_id: int) -> list[tuple[int, int, int]]:
    """Return (id, amount, posted) of ended batches that did not take out of their pot what was held."""
    e = ledger_entry.c
    ends = sa.or_(e.key.like("batch:%:capture"), e.key.like("batch:%:release"))
    left = _sum(e.amount_rials)
    query = (
        sa.select(batch.c.id, batch.c.amount_rials, left)
        .outerjoin(ledger_entry, sa.and_(e.batch_id == batch.c.id, ends))
        .where(batch.c.run_id == run_id, batch.c.state.in_(sorted(status.BATCH_FINAL)))
        .group_by(batch.c.id, batch.c.amount_rials).having(left != batch.c.amount_rials)
    )  # fmt: skip
    return [(batch_id, amount, int(posted)) for batch_id, amount, posted in c.execute(query)]


def recipients(c: Connection, run_id: int) -> tuple[int, int]:
    """Return how many recipients the batches of a run hold, and how many of them those that ended."""
    ended = batch.c.state.in_(sorted(status.BATCH_FINAL))
    sums = sa.select(_sum(batch.c.n), _sum(sa.case((ended, batch.c.n), else_=0)))
    row = c.execute(sums.where(batch.c.run_id == run_id)).one()
    return int(row[0]), int(row[1])


def _sum(column: Any) -> sa.Function[Any]:
    return sa.func.coalesce(sa.func.sum(column), 0)
