"""Refunds and absorbed costs: what the lake says now, less what was posted before (decisions 23)."""

from __future__ import annotations

import logging
from datetime import timedelta

import polars as pl

from data import clock
from data.errors import Broken
from data.facts import messages
from data.facts.messages import Sources
from data.records import ledger, runs
from data.records.ledger import Entry, InsufficientCredit
from data.records.runs import Run
from data.rules import status
from data.store import operations
from data.store.operations import Connection

ACTOR = "receipts"
RETRY_LOST = timedelta(hours=1)
_log = logging.getLogger("chapar.refunds")


def settle_due() -> int:
    """Settle every run whose receipts are old enough; return how many were.

    One whose files are lost waits for its backup and holds up nobody.
    """
    now = clock.now()
    with operations.reading() as c:
        due = runs.to_settle(c, now=now)
    settled = 0
    for run in due:
        try:
            _settle(run)
            settled += 1
        except Broken as broken:
            _log.error("refunds wait an hour: %s", broken.en)
            with operations.writing() as c:
                runs.postpone_settlement(c, run.id, expected=run.settle_at, at=now + RETRY_LOST)
    return settled


def owed(run: Run, counts: pl.DataFrame) -> tuple[int, int]:
    """Return what is refundable, and what the gateway bills for messages the customer never paid, in rial."""
    back = counts.filter(pl.col("state").is_in(status.REFUNDABLE[run.tariff.refund_policy]))
    return int(back["charged_rials"].sum()), int(counts["absorbed_parts"].sum()) * run.tariff.cost_rials


def posted(c: Connection, run: Run) -> tuple[int, int]:
    """Return what was refunded and absorbed so far."""
    refunds = ledger.refunded(c, run.id)
    return refunds, ledger.posted(c, debit=ledger.GOODWILL, run_id=run.id, key_like=f"run:{run.id}:absorb:%")


def _settle(run: Run) -> None:
    with operations.reading() as c:
        before = messages.sources(c, [run.id])
    states = status.REFUNDABLE[run.tariff.refund_policy]
    refundable, absorbed = owed(run, messages.owed(before, states, now=clock.now()))
    with operations.writing() as c:
        k = runs.next_settlement(c, run.id)  # first: where two may write at once, its lock makes them follow
        has_refunded, has_absorbed = posted(c, run)
        _post_refund(c, run, k, refundable - has_refunded)
        _post_absorbed(c, run, k, absorbed - has_absorbed)
        if _same_files(before, messages.sources(c, [run.id])):
            runs.settled(c, run.id, expected=run.settle_at)


def _post_refund(c: Connection, run: Run, k: int, amount: int) -> None:
    """A delivery reported after its refund is charged again; where the credit is spent we bear it
    ourselves.
    """
    key, customer = f"run:{run.id}:settle:{k}", ledger.available(run.account_id)
    now = clock.now()
    if amount >= 0:
        ledger.post(c, [Entry(key, ledger.REVENUE, customer, amount, run.id)], actor=ACTOR, now=now)
        return
    try:
        with c.begin_nested():
            ledger.post(c, [Entry(key, customer, ledger.REVENUE, -amount, run.id)], actor=ACTOR, now=now)
    except InsufficientCredit:
        entry = Entry(key, ledger.GOODWILL, ledger.REVENUE, -amount, run.id, note="refunded, then delivered")
        ledger.post(c, [entry], actor=ACTOR, now=now)


def _post_absorbed(c: Connection, run: Run, k: int, amount: int) -> None:
    entry = Entry(
        f"run:{run.id}:absorb:{k}", ledger.GOODWILL, f"payable:{run.gateway}", max(amount, 0), run.id
    )
    ledger.post(c, [entry], actor=ACTOR, now=clock.now())


def _same_files(before: Sources, after: Sources) -> bool:
    return (before.receipts, before.submissions) == (after.receipts, after.submissions)
