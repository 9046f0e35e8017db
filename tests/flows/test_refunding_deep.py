"""Refunds by the line's rule, their return when a delivery comes late, what we bear ourselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER, STOP

from data import clock as the_clock
from data.records import ledger, runs, suppression
from data.store import lake, operations
from data.store.tables import ledger_account, ledger_entry
from data.use_cases import messages, reports
from data.use_cases.floor import OPERATOR

Opened = Callable[..., Any]
PRICE, COST, CREDIT = 90, 60, 1_000_000
WORDS = ["BLOCKED", "UNDELIVERABLE", "EXPIRED", "REJECTED", "DELIVERED", "ENROUTE"]


def balance(name: str) -> int:
    with operations.reading() as c:
        return int(
            c.scalar(sa.select(ledger_account.c.balance_rials).where(ledger_account.c.id == name)) or 0
        )


@pytest.mark.parametrize(("policy", "refunded"), [("send_base", 1), ("delivery_base", 4)])
def test_refunds_follow_the_rule_of_the_line(policy: str, refunded: int, desk: Opened, clock: Any) -> None:
    d = desk(refund=policy)
    run_id = d.run(6)
    d.tick()
    d.settle()
    d.hear(*[d.receipt(FIRST_NUMBER + i, word) for i, word in enumerate(WORDS)])
    assert d.settle() == 0, "a final state is refunded when it is old enough"
    clock.advance(seconds=61)
    assert d.settle() == 1
    assert d.money().available == CREDIT - (6 - refunded) * PRICE
    assert balance("revenue:sms") == (6 - refunded) * PRICE
    assert d.settle() == 0, "nothing is refunded twice"
    told = reports.run(OPERATOR, run_id).money
    assert (told.price, told.charged, told.refunded) == (6 * PRICE, 6 * PRICE, refunded * PRICE)
    assert (told.net, told.refunds_at) == ((6 - refunded) * PRICE, None)
    page = messages.page(OPERATOR, run_id, messages.Wanted(), offset=0, limit=10)
    assert sum(row["refunded_rials"] for row in page.rows) == refunded * PRICE, "each message says its own"
    d.clean()
    assert d.of(run_id).settle_at is None


def test_a_delivery_that_comes_after_its_refund_is_charged_again(desk: Opened, clock: Any) -> None:
    d = desk(refund="delivery_base")
    d.run(2)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER, "UNDELIVERABLE"))
    clock.advance(seconds=61)
    d.settle()
    assert d.money().available == CREDIT - PRICE
    d.hear(d.receipt(FIRST_NUMBER, "DELIVERED"))
    clock.advance(seconds=61)
    d.settle()
    assert d.money().available == CREDIT - 2 * PRICE
    d.clean()


def test_where_the_credit_is_spent_we_bear_it_ourselves(desk: Opened, clock: Any) -> None:
    d = desk(refund="delivery_base", credit=2 * PRICE)
    d.run(2)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER, "UNDELIVERABLE"))
    clock.advance(seconds=61)
    d.settle()
    d.run(1, first=50)  # spends the refund
    d.tick()
    assert d.money().available == 0
    d.hear(d.receipt(FIRST_NUMBER, "DELIVERED"))
    clock.advance(seconds=61)
    d.settle()
    assert d.money().available == 0
    assert balance("expense:goodwill") == -PRICE
    d.clean()


def test_a12_delivered_after_the_write_off_is_not_charged_and_its_cost_is_absorbed(
    desk: Opened, clock: Any
) -> None:
    d = desk("G0", script=["lost"])
    run_id = d.run(3)
    d.tick()
    clock.advance(hours=49)
    d.tick()
    assert d.states(run_id) == {"written_off": 3}
    d.settle()
    d.hear(d.receipt(FIRST_NUMBER), d.receipt(FIRST_NUMBER + 1, "UNDELIVERABLE"))
    clock.advance(seconds=61)
    d.settle()
    assert d.states(run_id) == {"delivered_uncharged": 1, "written_off": 2}
    assert d.money().available == CREDIT, "the customer is not debited"
    assert balance("expense:goodwill") == -COST
    assert balance("payable:sim") == COST
    d.hear(d.receipt(FIRST_NUMBER))
    clock.advance(seconds=61)
    d.settle()
    assert balance("expense:goodwill") == -COST, "once"
    d.clean()


def test_receipts_before_the_horizon_prove_each_message_of_a_blind_gateway(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=["lost"])
    run_id = d.run(4)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER), d.receipt(FIRST_NUMBER + 1, "UNDELIVERABLE"))
    clock.advance(hours=47)
    d.tick()
    assert d.batch(run_id).state == "unknown"
    clock.advance(hours=2)
    d.tick()
    assert d.batch(run_id).state == "done"
    assert d.states(run_id) == {"delivered": 1, "undelivered": 1, "written_off": 2}
    assert d.money().available == CREDIT - 2 * PRICE, "charged are those of whom the gateway itself spoke"
    d.clean()


def test_receipts_without_a_reference_prove_by_number_and_time(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=["lost"])
    before = {"id": "old", "to": str(FIRST_NUMBER + 1), "status": "DELIVERED"}
    d.hear(before)
    clock.advance(hours=1)
    run_id = d.run(3)
    d.tick()
    clock.advance(minutes=5)
    d.hear({"id": "x1", "to": str(FIRST_NUMBER), "status": "DELIVERED"})
    clock.advance(hours=49)
    d.tick()
    with operations.reading() as c:
        from data.facts import messages

        rows = messages.every(messages.sources(c, [run_id]), now=the_clock.now())
    told = dict(rows.select("msisdn", "submission").iter_rows())
    assert told == {
        FIRST_NUMBER: "submitted",
        FIRST_NUMBER + 1: "written_off",
        FIRST_NUMBER + 2: "written_off",
    }
    d.clean()


def test_a_receipt_without_a_reference_proves_nothing_where_two_batches_hold_the_number(
    desk: Opened, clock: Any
) -> None:
    d = desk("G0", script=["lost", "lost"])
    first, second = d.run(1), d.run(1, text="درود")
    d.tick()
    clock.advance(minutes=5)
    d.hear({"id": "x1", "to": str(FIRST_NUMBER), "status": "DELIVERED"})
    clock.advance(hours=49)
    d.tick()
    counts = [d.batch(first).state, d.batch(second).state]
    assert counts.count("done") <= 1, "one receipt never charges twice"
    d.clean()


def test_delivered_after_it_was_called_failed_is_not_charged(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["dropped"] * 6, quiet=1.0)
    run_id = d.run(2)
    for _ in range(14):
        d.tick()
        clock.advance(seconds=60)
    assert d.states(run_id) == {"failed": 2}
    ref = d.batch(run_id).ref
    d.hear({"id": "late", "ref": ref, "to": str(FIRST_NUMBER), "status": "DELIVERED"})
    clock.advance(seconds=61)
    d.settle()
    assert d.states(run_id) == {"failed": 1, "delivered_uncharged": 1}
    assert d.money().available == CREDIT
    assert balance("expense:goodwill") == -COST
    d.clean()


def test_a_number_that_opted_out_between_two_attempts_is_not_lost_with_its_batch(
    desk: Opened, clock: Any
) -> None:
    d = desk("G2", script=["lost"])
    run_id = d.run(3)
    d.tick()
    with operations.writing() as c:
        suppression.add(
            c, [FIRST_NUMBER], account_id=d.account_id, why="opt_out", source="t", now=the_clock.now()
        )
    for _ in range(3):
        clock.advance(seconds=60)
        d.tick()
    assert set(d.gateway.copies().values()) == {1}
    assert d.batch(run_id).state == "done", (
        "the gateway repeats its first answer, which names the left-out one too"
    )
    assert d.money().available == CREDIT - 2 * PRICE
    d.hear(*[d.receipt(FIRST_NUMBER + i) for i in range(3)])
    clock.advance(seconds=61)
    d.settle()
    assert d.states(run_id) == {"delivered": 2, "delivered_uncharged": 1}
    d.clean()


def test_every_entry_of_a_run_adds_up_to_its_hold(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", STOP, {FIRST_NUMBER: "blacklist"}], bulk=2)
    run_id = d.run(6)
    d.tick()
    with operations.reading() as c:
        held = c.scalar(
            sa.select(ledger_entry.c.amount_rials).where(ledger_entry.c.key == f"run:{run_id}:hold")
        )
        money = ledger.balances(c, d.account_id)
    assert held == 6 * PRICE
    assert money.available + money.held + money.unknown + balance("revenue:sms") == CREDIT
    d.clean()


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
def test_a_run_whose_set_is_lost_holds_up_no_refund_of_others(
    desk: Opened, clock: Any, damage: bytes
) -> None:
    d = desk(refund="delivery_base")
    lost, kept = d.run(2), d.run(3, first=100)
    d.tick()
    d.settle()
    with operations.reading() as c:
        path = lake.lake_root() / str(runs.get(c, lost).set_path)
    whole = path.read_bytes()
    path.unlink() if not damage else path.write_bytes(damage)
    d.hear(*(d.receipt(FIRST_NUMBER + i, "UNDELIVERABLE") for i in (0, 100)))
    clock.advance(seconds=61)
    assert d.settle() == 1
    assert d.money().available == CREDIT - 4 * PRICE
    assert d.of(kept).settle_at is None
    assert d.settle() == 0, "it waits, and is not asked at every tick"
    path.write_bytes(whole)  # from the backup
    clock.advance(hours=1)
    assert d.settle() == 1
    assert d.money().available == CREDIT - 3 * PRICE
    d.clean()
