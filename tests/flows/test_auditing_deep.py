"""The audit finds whatever somebody changed behind the product's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER

from data.records import runs
from data.store import lake, operations
from data.store.tables import lake_file
from flows.steps.auditing import audit

Opened = Callable[..., Any]
BOOKS, HOLD = "books.balance_is_entries", "hold.held"


def sql(home: Path, *statements: str) -> None:
    con = sqlite3.connect(home / "operations.sqlite")
    for trigger in ("ledger_entry_no_update", "ledger_entry_no_delete"):
        con.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for statement in statements:
        con.execute(statement)
    con.commit()
    con.close()


def invariants() -> set[str]:
    found = audit()
    assert found["ok"] is (not found["breaches"])
    return {one["invariant"] for one in found["breaches"]}


@pytest.fixture
def finished(desk: Opened, clock: Any) -> Any:
    """A desk with a run that is over (two delivered, one refunded) and one that waits."""
    d = desk(bulk=2)
    d.ended = d.run(4)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER), d.receipt(FIRST_NUMBER + 1), d.receipt(FIRST_NUMBER + 2, "BLOCKED"))
    clock.advance(seconds=61)
    d.settle()
    d.waiting = d.run(3, first=50)
    assert invariants() == set()
    return d


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (
            "UPDATE ledger_account SET balance_rials = balance_rials + 5 WHERE id LIKE '%:avail'",
            "books.sum_is_zero",
        ),
        ("UPDATE ledger_account SET balance_rials = balance_rials + 5 WHERE id LIKE '%:avail'", BOOKS),
        ("DELETE FROM ledger_entry WHERE key LIKE 'batch:%:capture'", "money.captured_is_accepted"),
        (
            "UPDATE ledger_entry SET amount_rials = amount_rials - 1 WHERE key LIKE 'batch:%:cost'",
            "money.cost",
        ),
        (
            "UPDATE ledger_entry SET amount_rials = amount_rials - 1 WHERE key LIKE 'run:%:settle:%'",
            "money.refunds",
        ),
        ("UPDATE ledger_entry SET amount_rials = 1 WHERE key LIKE 'run:%:hold'", "money.held_is_quoted"),
        ("UPDATE batch SET amount_rials = amount_rials + 1 WHERE state = 'ready'", HOLD),
        (
            "UPDATE batch SET amount_rials = amount_rials + 1 WHERE state = 'done'",
            "batch.keys_sum_to_its_amount",
        ),
        ("UPDATE batch SET state = 'done' WHERE state = 'ready'", HOLD),
        ("UPDATE batch SET state = 'unknown' WHERE state = 'ready'", "hold.unknown"),
        ("UPDATE batch SET state = 'ready' WHERE state = 'done'", "closed.has_no_open_batch"),
        ("UPDATE batch SET state = 'ready' WHERE state = 'done'", "submissions.are_of_ended_batches"),
        ("UPDATE batch SET n = n - 1 WHERE state = 'done'", "batches.cover_the_set"),
        ("UPDATE run SET n = n + 1", "set.every_recipient_once"),
        ("UPDATE run SET set_sha256 = 'x'", "set.intact"),
        ("DELETE FROM lake_file_run WHERE path LIKE 'submissions%'", "money.captured_is_accepted"),
        ("DELETE FROM lake_file_run WHERE path LIKE 'receipts%'", "money.refunds"),
    ],
)
def test_each_planted_breach_is_found(planted: str, found: str, finished: Any, home: Path) -> None:
    sql(home, planted)
    assert found in invariants()


@pytest.mark.parametrize(
    ("kind", "found"),
    [("recipients", "set.intact"), ("submissions", "file.intact"), ("receipts", "file.intact")],
)
@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_file_that_is_gone_or_changed_is_found(kind: str, found: str, how: str, finished: Any) -> None:
    with operations.reading() as c:
        path = lake.lake_root() / str(c.scalar(sa.select(lake_file.c.path).where(lake_file.c.kind == kind)))
    if how == "gone":
        path.unlink()
    else:
        pl.read_parquet(path).head(1).write_parquet(path)
    assert found in invariants()


def test_a_message_that_came_to_its_end_twice_is_found(finished: Any) -> None:
    from data import clock as the_clock
    from data.facts import submissions

    with operations.reading() as c:
        (path,) = lake.paths(c, "submissions", run_ids=[finished.ended])[:1]
    again = submissions.write(pl.read_parquet(path).with_columns(gid=pl.lit("again")))
    with operations.writing() as c:
        lake.record(c, again, run_ids=[finished.ended], now=the_clock.now())
    assert invariants() & {"submissions.are_of_ended_batches", "set.every_recipient_once"}


def test_the_audit_only_reads(finished: Any, home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home / "lake").rglob("*.parquet")}
    with operations.reading() as c:
        runs_before = [runs.get(c, finished.ended), runs.get(c, finished.waiting)]
    audit()
    assert before == {path: path.stat().st_mtime_ns for path in (home / "lake").rglob("*.parquet")}
    with operations.reading() as c:
        assert runs_before == [runs.get(c, finished.ended), runs.get(c, finished.waiting)]


def test_the_audit_tells_what_it_added_up(finished: Any) -> None:
    found = audit()
    assert {
        "ok",
        "balanced",
        "accounts",
        "entries",
        "posted_rials",
        "recomputed_rials",
        "breaches",
    } <= found.keys()
    assert found["posted_rials"] == found["recomputed_rials"] == 4 * 90
    assert found["balanced"] is True
