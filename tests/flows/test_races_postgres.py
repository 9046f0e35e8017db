"""The same tables, guards and steps on PostgreSQL: a server of our own, where there is one."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER, open_desk, together
from planners import own, planned_at_once
from sqlalchemy.exc import DBAPIError

from data import clock as the_clock
from data.errors import Broken
from data.facts import recipients
from data.records import accounts, audit, ledger, runs
from data.records.ledger import Entry, InsufficientCredit
from data.store import lake, operations
from data.store.tables import ledger_account, ledger_entry, metadata
from data.use_cases import campaigns
from data.use_cases.floor import OPERATOR
from flows.steps import planning, starting
from flows.steps.claiming import claim


def test_every_table_is_made_and_a_second_migration_does_nothing(postgres: Path) -> None:
    operations.migrate()
    with operations.reading() as c:
        assert c.dialect.name == "postgresql"
        assert set(sa.inspect(c).get_table_names()) == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize("verb", ["UPDATE ledger_entry SET amount_rials = 1", "DELETE FROM ledger_entry"])
def test_entries_are_never_changed(postgres: Path, verb: str) -> None:
    open_desk(postgres)
    with pytest.raises(DBAPIError, match="append-only"), operations.writing() as c:
        c.execute(sa.text(verb))


def test_the_trace_is_never_changed(postgres: Path) -> None:
    with operations.writing() as c:
        audit.write(c, "x", actor="test", now=the_clock.now())
    with pytest.raises(DBAPIError, match="append-only"), operations.writing() as c:
        c.execute(sa.text("DELETE FROM audit_log"))


def test_a_reader_cannot_write_and_sees_one_moment(postgres: Path) -> None:
    d = open_desk(postgres)
    with operations.reading() as c:
        before = ledger.balances(c, d.account_id)
        with operations.writing() as w:
            ledger.post(
                w,
                [Entry("x", ledger.available(d.account_id), "revenue:sms", 5)],
                actor="t",
                now=the_clock.now(),
            )
        assert ledger.balances(c, d.account_id) == before, "a report is of one moment"
    with pytest.raises(DBAPIError), operations.reading() as c:
        c.execute(sa.update(ledger_account).values(balance_rials=7))


def test_of_many_buyers_of_the_last_credit_one_gets_it(postgres: Path) -> None:
    with operations.writing() as c:
        who = accounts.create_account(c, accounts.NewAccount("buyer"), actor="t", now=the_clock.now())
    for round_ in range(8):
        with operations.writing() as c:
            ledger.post(
                c,
                [Entry(f"give:{round_}", ledger.OPENING, ledger.available(who), 100)],
                actor="t",
                now=the_clock.now(),
            )
        won = together(8, lambda i, r=round_: _buys(who, f"buy:{r}:{i}"))
        assert won.count(True) == 1
        with operations.reading() as c:
            assert ledger.balances(c, who).available == 0


def _buys(who: int, key: str) -> bool:
    try:
        with operations.writing() as c:
            ledger.post(
                c, [Entry(key, ledger.available(who), ledger.held(who), 100)], actor="t", now=the_clock.now()
            )
    except InsufficientCredit:
        return False
    return True


def test_first_entries_of_a_result_account_do_not_collide(postgres: Path) -> None:
    with operations.writing() as c:
        who = accounts.create_account(
            c, accounts.NewAccount("payer", credit_rials=1_000), actor="t", now=the_clock.now()
        )

    def pay(i: int) -> bool:
        with operations.writing() as c:
            ledger.post(
                c, [Entry(f"p:{i}", ledger.available(who), "revenue:new", 1)], actor="t", now=the_clock.now()
            )
        return True

    assert all(together(8, pay))


def test_a_key_is_posted_once(postgres: Path) -> None:
    with operations.writing() as c:
        who = accounts.create_account(
            c, accounts.NewAccount("payer", credit_rials=1_000), actor="t", now=the_clock.now()
        )
    entry = Entry("same", ledger.available(who), ledger.held(who), 10)

    def post(i: int) -> bool:
        try:
            with operations.writing() as c:
                ledger.post(c, [entry], actor="t", now=the_clock.now())
        except Broken:
            return False
        return True

    assert together(6, post).count(True) == 1
    with operations.reading() as c:
        assert ledger.balances(c, who).held == 10


def test_one_token_makes_one_campaign_whoever_presses(postgres: Path) -> None:
    d = open_desk(postgres)
    ids = together(6, lambda i: d.campaign(1, token="the-form"))
    assert len(set(ids)) == 1


def test_two_starters_make_one_run(postgres: Path) -> None:
    d = open_desk(postgres)
    campaign_id = d.campaign(1)
    together(6, lambda i: starting.start_due())
    with operations.reading() as c:
        assert len(runs.of_campaign(c, campaign_id)) == 1


def test_nobody_holds_a_batch_twice(postgres: Path) -> None:
    d = open_desk(postgres, bulk=1, in_flight=64)
    run_id = d.run(24)
    box = d.box

    def take(i: int) -> list[int]:
        mine: list[int] = []
        for _ in range(40):
            mine += [one.batch.id for one in claim(box, limit=2)]
        return mine

    got = [key for mine in together(6, take) for key in mine]
    assert sorted(got) == sorted(b.id for b in d.batches(run_id))


def test_a_campaign_goes_its_whole_way(postgres: Path, clock: Any) -> None:
    d = open_desk(postgres, bulk=5, in_flight=1, refund="delivery_base")
    run_id = d.run(10)
    with operations.reading() as c:
        numbers = recipients.numbers(lake.lake_root() / str(runs.get(c, run_id).set_path))["msisdn"].to_list()
    d.gateway.script = ["lost", {numbers[7]: "blacklist"}]
    for _ in range(3):
        d.tick()
        clock.advance(seconds=30)
    d.hear(d.receipt(numbers[0]), d.receipt(numbers[1], "UNDELIVERABLE"))
    clock.advance(seconds=61)
    d.settle()
    assert d.states(run_id) == {"submitted": 7, "delivered": 1, "undelivered": 1, "blacklisted": 1}
    d.clean()
    assert set(d.gateway.copies().values()) == {1}


def test_two_planners_reserve_once(postgres: Path) -> None:
    d = open_desk(postgres)
    d.campaign(20)
    (run_id,) = starting.start_due()
    box = d.box
    together(3, lambda i: planning.plan(box, run_id))
    assert d.of(run_id).state == "running"
    with operations.reading() as c:
        holds = c.scalar(sa.select(sa.func.count()).where(ledger_entry.c.key == f"run:{run_id}:hold"))
    assert holds == 1
    d.tick()
    d.clean()


@pytest.mark.parametrize(
    ("cuts", "people"),
    [
        (({"series": "spring"}, {"series": "SPRING"}), 30),
        (({"row": 2, "count": 9}, {"row": 5, "count": 9}, {"row": 3, "count": 9}), 27),
    ],
)
def test_planners_at_once_send_a_series_or_a_round_to_nobody_twice(
    postgres: Path, monkeypatch: pytest.MonkeyPatch, cuts: tuple[dict[str, Any], ...], people: int
) -> None:
    d = open_desk(postgres)
    planned_at_once(d, [own(30) | cut for cut in cuts], monkeypatch)
    d.tick()
    assert set(d.gateway.copies().values()) == {1}
    assert len(d.gateway.copies()) == people
    d.clean()


def test_two_settlers_refund_once(postgres: Path, clock: Any) -> None:
    d = open_desk(postgres, refund="delivery_base")
    before = d.money().available
    for i in range(6):
        d.run(2, first=10 * i)
    d.tick()
    numbers = [FIRST_NUMBER + 10 * i + j for i in range(6) for j in range(2)]
    d.hear(*(d.receipt(number, "UNDELIVERABLE") for number in numbers))
    clock.advance(seconds=61)
    together(4, lambda i: d.settle())
    assert d.money().available == before
    d.clean()


def test_a_stopped_campaign_is_not_started_by_who_read_it_before(postgres: Path) -> None:
    d = open_desk(postgres)
    campaign_id = d.campaign(1)
    campaigns.stop(OPERATOR, campaign_id)
    assert starting.start_due() == []


def test_p12_a_pause_waits_for_a_claim_under_way_and_none_starts_after_it(postgres: Path) -> None:
    from data.records import batches, processes

    d = open_desk(postgres)
    run_id = d.run(1)
    campaign_id = d.of(run_id).campaign_id
    (batch,) = d.batches(run_id)
    paused = threading.Event()

    def pause() -> None:
        campaigns.pause(OPERATOR, campaign_id)
        paused.set()

    now, second = the_clock.now(), timedelta(seconds=1)
    with operations.writing() as c:
        by = batches.Claim("t", processes.this_process(), now, second, second, second)
        assert batches.claim(c, [batch], by)
        presser = threading.Thread(target=pause)
        presser.start()
        assert not paused.wait(0.4), "the pause is committed after the claim, not in the middle of it"
    presser.join(20)
    assert paused.is_set()
