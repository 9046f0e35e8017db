"""The books: guarded spending, immutable entries, keys once, and sums that are always nothing (P1, P2)."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from data import clock as the_clock
from data.errors import Broken, Refused
from data.records import accounts, arrivals, audit, campaigns, ledger, lines, suppression
from data.records.ledger import Entry, InsufficientCredit
from data.store import operations
from data.store.tables import ledger_account, ledger_entry

ROUNDS, BUYERS = 25, 8


def account(name: str = "shop", credit: int = 0) -> int:
    with operations.writing() as c:
        return accounts.create_account(
            c, accounts.NewAccount(name, credit_rials=credit), actor="test", now=the_clock.now()
        )


def post(*entries: Entry) -> None:
    with operations.writing() as c:
        ledger.post(c, list(entries), actor="test", now=the_clock.now())


def balances(who: int) -> ledger.Balances:
    with operations.reading() as c:
        return ledger.balances(c, who)


def test_opening_credit_is_an_entry_like_any_other(home: Path) -> None:
    who = account(credit=500)
    assert balances(who) == ledger.Balances(500, 0, 0)
    with operations.reading() as c:
        row = c.execute(sa.select(ledger_entry)).one()
    assert (row.key, row.debit, row.credit, row.amount_rials) == (
        f"open:{who}",
        "equity:opening",
        f"cust:{who}:avail",
        500,
    )


def test_of_eight_buyers_of_the_last_credit_one_gets_it(home: Path) -> None:
    who = account()
    for turn in range(ROUNDS):
        post(Entry(f"give:{turn}", ledger.OPENING, ledger.available(who), 100))
        won, gate = list[str](), threading.Barrier(BUYERS)

        def buy(key: str, gate: threading.Barrier = gate, won: list[str] = won) -> None:
            gate.wait()
            try:
                post(Entry(key, ledger.available(who), ledger.held(who), 100))
            except InsufficientCredit:
                return
            won.append(key)

        threads = [threading.Thread(target=buy, args=(f"buy:{turn}:{i}",)) for i in range(BUYERS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        assert len(won) == 1
        assert balances(who).available == 0


def test_too_little_credit_says_how_much_is_lacking_and_writes_nothing(home: Path) -> None:
    who = account(credit=70)
    with pytest.raises(InsufficientCredit) as lacking:
        post(Entry("a", ledger.available(who), ledger.held(who), 100))
    assert lacking.value.lacking_rials == 30
    assert lacking.value.exit_code == 2
    assert "۳۰" in lacking.value.fa or "30" in lacking.value.fa
    assert balances(who) == ledger.Balances(70, 0, 0)


def test_entries_that_are_posted_together_stand_or_fall_together(home: Path) -> None:
    who = account(credit=100)
    good = Entry("good", ledger.available(who), ledger.held(who), 60)
    with pytest.raises(InsufficientCredit):
        post(good, Entry("too much", ledger.available(who), ledger.unknown(who), 60))
    assert balances(who) == ledger.Balances(100, 0, 0)
    post(good)
    assert balances(who) == ledger.Balances(40, 60, 0)


def test_a_key_that_exists_rolls_everything_back(home: Path) -> None:
    who = account(credit=100)
    post(Entry("same", ledger.available(who), ledger.held(who), 10))
    with pytest.raises(Broken):
        post(
            Entry("other", ledger.available(who), ledger.held(who), 5),
            Entry("same", ledger.available(who), ledger.held(who), 10),
        )
    assert balances(who) == ledger.Balances(90, 10, 0)
    with operations.reading() as c:
        assert c.scalar(sa.select(sa.func.count()).where(ledger_entry.c.key == "other")) == 0


def test_what_may_come_twice_is_posted_once(home: Path) -> None:
    who = account()
    entry = Entry("topup:1", "bank:x", ledger.available(who), 100)
    done = []
    for _ in range(3):
        with operations.writing() as c:
            done.append(ledger.post_once(c, entry, actor="t", now=the_clock.now()))
    assert done == [True, False, False]
    assert balances(who).available == 100


def test_nothing_is_posted_to_a_customer_that_does_not_exist(home: Path) -> None:
    with pytest.raises(Broken):
        post(Entry("x", ledger.OPENING, ledger.available(77), 5))


def test_zero_posts_nothing_and_less_is_a_bug(home: Path) -> None:
    who = account(credit=5)
    post(Entry("zero", ledger.available(who), ledger.held(who), 0))
    with operations.reading() as c:
        assert c.scalar(sa.select(sa.func.count()).where(ledger_entry.c.key == "zero")) == 0
    with pytest.raises(AssertionError):
        post(Entry("minus", ledger.available(who), ledger.held(who), -5))


@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(("table", "column"), [("ledger_entry", "amount_rials"), ("audit_log", "action")])
def test_entries_and_the_trace_are_never_changed(verb: str, table: str, column: str, home: Path) -> None:
    account(credit=5)
    with pytest.raises(DBAPIError, match="append-only"), operations.writing() as c:
        c.execute(sa.text(verb.format(table, column, "1")))


def test_the_database_itself_refuses_a_customer_below_zero(home: Path) -> None:
    account(credit=5)
    with pytest.raises(DBAPIError, match="floor0"), operations.writing() as c:
        c.execute(sa.update(ledger_account).where(ledger_account.c.floor0).values(balance_rials=-1))


POTS = ["avail", "held", "unknown"]
moves = st.lists(
    st.tuples(
        st.sampled_from([*POTS, "revenue:sms", "equity:opening"]),
        st.sampled_from([*POTS, "revenue:sms", "payable:x"]),
        st.integers(0, 300),
        st.integers(0, 12),
    ),
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_moves=moves)
def test_whatever_is_posted_the_books_sum_to_nothing(given_moves: list[Any], home: Path) -> None:
    turn = uuid.uuid4()  # the home outlives the example
    who = account(name=f"a{turn.hex[:20]}", credit=500)
    for debit, credit, amount, number in given_moves:
        names = [f"cust:{who}:{name}" if name in POTS else name for name in (debit, credit)]
        if names[0] == names[1]:
            continue
        try:
            post(Entry(f"{turn.hex}:{number}", names[0], names[1], amount))
        except (InsufficientCredit, Broken):
            continue
    with operations.reading() as c:
        rows = {row.id: row.balance_rials for row in c.execute(sa.select(ledger_account))}
        entries = c.execute(
            sa.select(ledger_entry.c.debit, ledger_entry.c.credit, ledger_entry.c.amount_rials)
        ).all()
    assert sum(rows.values()) == 0
    told = dict.fromkeys(rows, 0)
    for debit, credit, amount in entries:
        told[debit] -= amount
        told[credit] += amount
    assert told == rows
    assert all(value >= 0 for name, value in rows.items() if name.startswith("cust:"))


def test_two_accounts_have_no_name_in_common(home: Path) -> None:
    account("shop")
    with pytest.raises(Refused, match="exists") as refused, operations.writing() as c:
        accounts.create_account(c, accounts.NewAccount("shop"), actor="t", now=the_clock.now())
    assert refused.value.field == "name"
    assert refused.value.fa != refused.value.en


def test_a_number_is_suppressed_once_and_anew_after_it_came_back(home: Path) -> None:
    who, one, two = account(), 989_120_000_001, 989_120_000_002
    with operations.writing() as c:
        now = the_clock.now()
        added = [
            suppression.add(c, [one, two, two], account_id=who, why="opt_out", source="t", now=now)
            for _ in range(2)
        ]
        assert added == [2, 0]
        seen = suppression.newest(c)
        assert suppression.lift(c, [one], account_id=who, now=now) == 1
        assert suppression.lift(c, [one], account_id=who, now=now) == 0
        assert suppression.numbers(c, who)["msisdn"].to_list() == [two]
        assert suppression.add(c, [one], account_id=who, why="opt_out", source="t", now=now) == 1
        assert suppression.numbers(c, who, after=seen)["msisdn"].to_list() == [one], (
            "a claim sees the newer entry"
        )
        assert suppression.add(c, [9_891_200_000], account_id=None, why="blacklist", source="t", now=now) == 1
        assert sorted(suppression.numbers(c, who)["msisdn"]) == [9_891_200_000, one, two]
        assert suppression.numbers(c, None)["msisdn"].to_list() == [9_891_200_000]


def test_a_segment_is_drained_once(home: Path) -> None:
    row = {
        "name": "s",
        "kind": "dlr",
        "records": 1,
        "receipts": 1,
        "unmatched": 0,
        "duplicates": 0,
        "quarantined": 0,
    }
    with operations.writing() as c:
        assert arrivals.claim_segments(c, [row], now=the_clock.now())
        assert not arrivals.claim_segments(c, [row | {"name": "t"}, row], now=the_clock.now())
        assert arrivals.drained(c, ["s", "t"]) == {"s"}


def test_another_accounts_campaign_does_not_exist(home: Path) -> None:
    first, second = account("one"), account("two")
    now = the_clock.now()
    with operations.writing() as c:
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="t", now=now)
        line_id = lines.create_line(
            c, lines.NewLine("3000", "sim", first, "service", 90, 60), actor="t", now=now
        )
        draft = campaigns.Draft(first, line_id, "t", "area", "x", {}, True, "token", "t")
        mine = campaigns.create(c, draft, now=now)
        assert campaigns.create(c, draft, now=now) == mine
        with pytest.raises(Refused):
            campaigns.get(c, mine, account_id=second)


def test_the_trace_keeps_who_did_what(home: Path) -> None:
    from data.store.tables import audit_log

    account("shop", credit=3)
    with operations.writing() as c:
        audit.write(c, "look", actor="user:x", now=the_clock.now(), subject="7", detail={"a": 1})
        rows = c.execute(sa.select(audit_log).order_by(audit_log.c.id)).all()
    assert [(row.action, row.actor) for row in rows] == [("account.create", "test"), ("look", "user:x")]
