"""Every invariant of protocol.md 2.3 and part 1, recomputed from the tables and the lake; reads only.

States and sums come from a fold of the audit's own (refolding); the product's is one more thing it looks at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from data import clock
from data.errors import Broken
from data.facts import messages
from data.records import batches, campaigns, ledger, ledger_sums, runs, surplus
from data.records.runs import Run
from data.settings import settings
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.refolding import Files, Sums, refold

AUDITED = ("running", "paused", "closing", "closed", "cancelled")


@dataclass(slots=True)
class _Findings:
    """What was added up, and what did not agree."""

    breaches: list[dict[str, Any]] = field(default_factory=list)
    posted: int = 0
    recomputed: int = 0

    def expect(self, invariant: str, subject: object, *, says: Any, should: Any) -> None:
        """Note a breach where two figures differ."""
        if says != should:
            self.breaches.append(
                {"invariant": invariant, "subject": str(subject), "says": says, "should": should}
            )


def audit() -> dict[str, Any]:
    """Return ok, balanced, accounts, entries, posted_rials, recomputed_rials, runs, breaches."""
    found = _Findings()
    with operations.reading() as c:
        accounts, entries = _books(c, found)
        _holds(c, found)
        _campaigns(c, found)
        for one in runs.in_states(c, AUDITED):
            if one.set_path:
                _run(c, found, one)
    balanced = not any(b["invariant"].startswith("books") for b in found.breaches)
    return {
        "ok": not found.breaches, "balanced": balanced, "accounts": accounts, "entries": entries,
        "posted_rials": found.posted, "recomputed_rials": found.recomputed, "breaches": found.breaches,
    }  # fmt: skip


def _books(c: Connection, found: _Findings) -> tuple[int, int]:
    """Balances sum to nothing and each equals its entries; what may not be negative is not."""
    should, pots = ledger_sums.balances_of_entries(c), ledger_sums.pots(c)
    found.expect("books.sum_is_zero", "all accounts", says=sum(pot.balance_rials for pot in pots), should=0)
    for pot in pots:
        found.expect("books.balance_is_entries", pot.id, says=pot.balance_rials, should=should.get(pot.id, 0))
        if pot.floor0 and pot.balance_rials < 0:
            found.expect("books.floor", pot.id, says=pot.balance_rials, should=0)
    return len(pots), ledger_sums.entries(c)


def _holds(c: Connection, found: _Findings) -> None:
    """What lies on hold is exactly what open batches and occurrences to come explain (P4)."""
    scheduled, beyond = ledger_sums.held_by_campaigns(c), surplus.still_held(c)
    states = {"held": ("ready", "sending"), "unknown": ("unknown",)}
    for kind, open_states in states.items():
        explained = ledger_sums.amounts_in(c, open_states)
        for pot in ledger_sums.pots(c, id_like=f"cust:%:{kind}"):
            should = explained.get(pot.account_id or 0, 0)
            if kind == "held":
                should += scheduled.get(pot.account_id or 0, 0) + beyond.get(pot.account_id or 0, 0)
            found.expect(f"hold.{kind}", pot.id, says=pot.balance_rials, should=should)


def _campaigns(c: Connection, found: _Findings) -> None:
    """A campaign holds what its entries say, and nothing once it is over."""
    for campaign_id, state, held, posted in ledger_sums.campaign_holds(c):
        subject = f"campaign {campaign_id}"
        found.expect("campaign.hold_is_posted", subject, says=held, should=posted)
        if state in campaigns.OVER:
            found.expect("campaign.over_holds_nothing", subject, says=held, should=0)


def _run(c: Connection, found: _Findings, one: Run) -> None:
    """Files intact; every recipient in one state; charges, costs, refunds as the lake says, to the rial."""
    _batches(c, found, one)
    if not _intact(c, found, one):
        return  # what is left of the files would only repeat the complaint
    told = refold(_files(c, one), policy=one.tariff.refund_policy, late=_late())
    _states(c, found, one, told)
    _people(c, found, one, told)
    _money(c, found, one, told)
    _receipts(found, one, told)


def _states(c: Connection, found: _Findings, one: Run, told: Sums) -> None:
    """What reports show is what the files say."""
    shown = messages.by_state(messages.sources(c, [one.id]), now=clock.now())
    says, should = (dict(sorted(states.items())) for states in (shown, told.states))
    found.expect("fold.shows_what_the_lake_says", f"run {one.id}", says=says, should=should)


def _late() -> datetime:
    return clock.now() - timedelta(hours=settings().reports.expect_final_hours)


def _files(c: Connection, one: Run) -> Files:
    assert one.set_path, one.id
    return Files(
        one.id,
        str(lake.lake_root() / one.set_path),
        lake.paths(c, "submissions", run_ids=[one.id]),
        lake.paths(c, "receipts", run_ids=[one.id]),
        [(b.pos_from, b.n) for b in batches.of_run(c, one.id, states=("unknown",))],
    )


def _intact(c: Connection, found: _Findings, one: Run) -> bool:
    """Every file that speaks of the run is there and is the one that was committed."""
    assert one.set_path, one.id
    whole = True
    files = [("set.intact", one.set_path, one.set_sha256)]
    files += [("file.intact", path, sha256) for path, sha256 in lake.files_of(c, one.id)]
    for invariant, path, sha256 in files:
        try:
            lake.checked(path, sha256 or "")
        except Broken as broken:
            whole = False
            found.expect(invariant, f"run {one.id}", says=broken.en, should="")
    return whole


def _batches(c: Connection, found: _Findings, one: Run) -> None:
    """What left the pot of a batch that came to its end is what was held for it (2.3)."""
    for batch_id, amount, posted in ledger_sums.misposted(c, one.id):
        found.expect("batch.keys_sum_to_its_amount", f"batch {batch_id}", says=posted, should=amount)


def _people(c: Connection, found: _Findings, one: Run, told: Sums) -> None:
    subject = f"run {one.id}"
    planned, ended = ledger_sums.recipients(c, one.id)
    found.expect("set.every_recipient_once", subject, says=sum(told.states.values()), should=one.n)
    found.expect("batches.cover_the_set", subject, says=planned, should=one.n)
    rows = lake_rows(c, one.id)
    found.expect("submissions.are_of_ended_batches", subject, says=rows, should=ended)
    if one.state in ("closed", "cancelled"):
        still = runs.open_batches(c, [one.id])
        found.expect("closed.has_no_open_batch", subject, says=sum(still.values()), should=0)


def lake_rows(c: Connection, run_id: int) -> int:
    """Return how many distinct messages of a run have a submission."""
    paths = lake.paths(c, "submissions", run_ids=[run_id])
    if not paths:
        return 0
    rows = pl.scan_parquet(paths).filter(pl.col("run") == run_id)
    doubled = rows.select(all=pl.len(), once=pl.col("pos").n_unique()).collect()
    if doubled["all"][0] != doubled["once"][0]:
        return int(doubled["all"][0])  # a message that came to an end twice shows as a breach
    return int(doubled["once"][0])


def _money(c: Connection, found: _Findings, one: Run, told: Sums) -> None:
    subject = f"run {one.id}"
    captured = ledger_sums.of_run(c, one.id, key_like="batch:%:capture")
    cost = ledger_sums.of_run(c, one.id, key_like="batch:%:cost")
    found.posted += captured
    found.recomputed += told.charged_rials
    found.expect("money.captured_is_accepted", subject, says=captured, should=told.charged_rials)
    found.expect("money.cost", subject, says=cost, should=told.charged_parts * one.tariff.cost_rials)
    held = ledger_sums.of_run(c, one.id, key_like=f"run:{one.id}:hold")
    found.expect("money.held_is_quoted", subject, says=held, should=one.held_rials)
    if captured > held:
        found.expect("money.captured_within_held", subject, says=captured, should=held)
    if one.settle_at is None:
        refunded = ledger.refunded(c, one.id)
        absorbed = ledger.posted(c, debit=ledger.GOODWILL, run_id=one.id, key_like=f"run:{one.id}:absorb:%")
        found.expect("money.refunds", subject, says=refunded, should=told.refundable_rials)
        borne = told.absorbed_parts * one.tariff.cost_rials
        found.expect("money.absorbed", subject, says=absorbed, should=borne)


def _receipts(found: _Findings, one: Run, told: Sums) -> None:
    """Each receipt stands at the message it names, and nobody pays for what neither a gateway's answer nor a
    receipt proves.
    """
    found.expect("receipts.are_of_their_message", f"run {one.id}", says=told.misplaced, should=0)
    found.expect("money.charged_is_proven", f"run {one.id}", says=told.unproven, should=0)
