"""Every invariant of protocol.md 2.3 and part 1, recomputed from the tables and the lake; reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data import clock
from data.errors import Broken
from data.facts import messages
from data.records import runs
from data.records.runs import Run
from data.rules import status
from data.store import lake, operations
from data.store.tables import batch, lake_file, ledger_account, ledger_entry, run
from flows.steps import refunding

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
    e = ledger_entry.c
    credits = dict(
        c.execute(sa.select(e.credit, sa.func.sum(e.amount_rials)).group_by(e.credit)).tuples().all()
    )
    debits = dict(c.execute(sa.select(e.debit, sa.func.sum(e.amount_rials)).group_by(e.debit)).tuples().all())
    rows = c.execute(sa.select(ledger_account)).all()
    found.expect("books.sum_is_zero", "all accounts", says=sum(row.balance_rials for row in rows), should=0)
    for row in rows:
        should = int(credits.get(row.id, 0)) - int(debits.get(row.id, 0))
        found.expect("books.balance_is_entries", row.id, says=row.balance_rials, should=should)
        if row.floor0 and row.balance_rials < 0:
            found.expect("books.floor", row.id, says=row.balance_rials, should=0)
    entries = int(c.scalar(sa.select(sa.func.count()).select_from(ledger_entry)) or 0)
    return len(rows), entries


def _holds(c: Connection, found: _Findings) -> None:
    """What lies on hold is exactly what open batches explain (P4)."""
    states = {"held": ("ready", "sending"), "unknown": ("unknown",)}
    for pot, open_states in states.items():
        query = (
            sa.select(run.c.account_id, sa.func.sum(batch.c.amount_rials)).join(run,
            run.c.id == batch.c.run_id)
            .where(batch.c.state.in_(open_states)).group_by(run.c.account_id)
        )  # fmt: skip
        explained = dict(c.execute(query).tuples().all())
        accounts = sa.select(ledger_account).where(ledger_account.c.id.like(f"cust:%:{pot}"))
        for row in c.execute(accounts):
            should = int(explained.get(row.account_id, 0))
            found.expect(f"hold.{pot}", row.id, says=row.balance_rials, should=should)


def _run(c: Connection, found: _Findings, one: Run) -> None:
    """Files intact; every recipient in one state; charges, costs, refunds as the lake says, to the rial."""
    _batches(c, found, one)
    if not _intact(c, found, one):
        return  # what is left of the files would only repeat the complaint
    sources = messages.sources(c, [one.id])
    counts = messages.state_counts(sources, now=clock.now())
    _people(c, found, one, counts)
    _money(c, found, one, counts)


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
    e = ledger_entry.c
    ends = sa.or_(e.key.like("batch:%:capture"), e.key.like("batch:%:release"))
    left = sa.func.coalesce(sa.func.sum(e.amount_rials), 0)
    query = (
        sa.select(batch.c.id, batch.c.amount_rials, left)
        .outerjoin(ledger_entry, sa.and_(e.batch_id == batch.c.id, ends))
        .where(batch.c.run_id == one.id, batch.c.state.in_(sorted(status.BATCH_FINAL)))
        .group_by(batch.c.id, batch.c.amount_rials).having(left != batch.c.amount_rials)
    )  # fmt: skip
    for batch_id, amount, posted in c.execute(query):
        found.expect("batch.keys_sum_to_its_amount", f"batch {batch_id}", says=int(posted), should=amount)


def _people(c: Connection, found: _Findings, one: Run, counts: pl.DataFrame) -> None:
    subject = f"run {one.id}"
    planned = c.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(batch.c.n), 0)).where(
            batch.c.run_id == one.id
        )
    ).one()
    found.expect("set.every_recipient_once", subject, says=int(counts["messages"].sum()), should=one.n)
    found.expect("batches.cover_the_set", subject, says=int(planned[1]), should=one.n)
    ended = sa.select(sa.func.coalesce(sa.func.sum(batch.c.n), 0)).where(
        batch.c.run_id == one.id, batch.c.state.in_(sorted(status.BATCH_FINAL))
    )
    told = lake_rows(c, one.id)
    found.expect("submissions.are_of_ended_batches", subject, says=told, should=int(c.scalar(ended) or 0))
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


def _money(c: Connection, found: _Findings, one: Run, counts: pl.DataFrame) -> None:
    subject = f"run {one.id}"
    captured = _posted(c, one.id, "batch:%:capture")
    cost = _posted(c, one.id, "batch:%:cost")
    should = int(counts["charged_rials"].sum())
    found.posted += captured
    found.recomputed += should
    found.expect("money.captured_is_accepted", subject, says=captured, should=should)
    parts = int(counts["charged_parts"].sum())
    found.expect("money.cost", subject, says=cost, should=parts * one.tariff.cost_rials)
    held = _posted(c, one.id, f"run:{one.id}:hold")
    found.expect("money.held_is_quoted", subject, says=held, should=one.cost_rials)
    if captured > held:
        found.expect("money.captured_within_held", subject, says=captured, should=held)
    if one.settle_at is None:
        refunded, absorbed = refunding.posted(c, one)
        back, borne = refunding.owed(one, counts)
        found.expect("money.refunds", subject, says=refunded, should=back)
        found.expect("money.absorbed", subject, says=absorbed, should=borne)


def _posted(c: Connection, run_id: int, key_like: str) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(ledger_entry.c.amount_rials), 0))
    return int(c.scalar(query.where(ledger_entry.c.run_id == run_id, ledger_entry.c.key.like(key_like))) or 0)


def orphans(c: Connection) -> int:
    """Return how many files of the lake no row names; harmless, swept by housekeeping."""
    named = set(c.scalars(sa.select(lake_file.c.path)))
    return sum(
        f"{path.parent.name}/{path.name}" not in named for path in lake.lake_root().glob("*/*.parquet")
    )
