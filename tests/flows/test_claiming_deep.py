"""Claiming: hours, opt-outs, pause and stop are looked at in the transaction that claims (P12, P13)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from desk import FIRST_NUMBER, throttled

from data import clock as the_clock
from data.errors import Refused
from data.records import runs, suppression
from data.store import operations
from data.use_cases import campaigns
from data.use_cases.campaigns import Done
from data.use_cases.floor import OPERATOR, Who
from flows.steps import closing, dispatching, recovering
from flows.steps.claiming import claim

Opened = Callable[..., Any]
PRICE, CREDIT = 90, 1_000_000


def act(what: Callable[[Who, int], Done], run_id: int) -> bool:
    with operations.reading() as c:
        campaign_id = runs.get(c, run_id).campaign_id
    try:
        return run_id in what(OPERATOR, campaign_id).run_ids
    except Refused:
        return False


def test_who_opted_out_after_the_set_was_built_is_left_out_and_not_charged(desk: Opened) -> None:
    d = desk()
    run_id = d.run(4)
    with operations.writing() as c:
        suppression.add(
            c, [FIRST_NUMBER + 2], account_id=d.account_id, why="opt_out", source="sms", now=the_clock.now()
        )
        suppression.add(
            c, [FIRST_NUMBER + 3], account_id=None, why="blacklist", source="list", now=the_clock.now()
        )
    d.tick()
    assert set(d.gateway.copies()) == {FIRST_NUMBER, FIRST_NUMBER + 1}
    assert d.states(run_id) == {"submitted": 2, "suppressed": 2}
    assert d.money().available == CREDIT - 2 * PRICE
    d.clean()


def test_when_everybody_opted_out_no_call_is_made(desk: Opened) -> None:
    d = desk()
    run_id = d.run(2)
    with operations.writing() as c:
        suppression.add(
            c,
            [FIRST_NUMBER, FIRST_NUMBER + 1],
            account_id=None,
            why="opt_out",
            source="t",
            now=the_clock.now(),
        )
    d.tick()
    assert d.gateway.calls == []
    assert d.states(run_id) == {"suppressed": 2}
    assert (d.money().available, d.money().held) == (CREDIT, 0)
    d.clean()


def test_another_accounts_opt_out_is_not_ours(desk: Opened) -> None:
    from data.records import accounts

    d = desk()
    run_id = d.run(1)
    with operations.writing() as c:
        other = accounts.create_account(c, accounts.NewAccount("other"), actor="t", now=the_clock.now())
        suppression.add(c, [FIRST_NUMBER], account_id=other, why="opt_out", source="t", now=the_clock.now())
    d.tick()
    assert d.states(run_id) == {"submitted": 1}


def test_money_of_who_opted_out_is_given_back_once_whatever_comes_after(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=[throttled(1), "dropped", throttled(1)])
    run_id = d.run(3)
    d.tick()
    for number in (FIRST_NUMBER, FIRST_NUMBER + 1):
        with operations.writing() as c:
            suppression.add(
                c, [number], account_id=d.account_id, why="opt_out", source="t", now=the_clock.now()
            )
        clock.advance(seconds=30)
        d.tick()
    for _ in range(4):
        clock.advance(seconds=30)
        d.tick()
    assert d.states(run_id) == {"submitted": 1, "suppressed": 2}
    assert d.money().available == CREDIT - PRICE
    d.clean()


def test_an_opt_out_taken_back_before_the_claim_hinders_nobody(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1)
    with operations.writing() as c:
        suppression.add(
            c, [FIRST_NUMBER], account_id=d.account_id, why="opt_out", source="t", now=the_clock.now()
        )
        assert suppression.lift(c, [FIRST_NUMBER], account_id=d.account_id, now=the_clock.now()) == 1
    d.tick()
    assert d.states(run_id) == {"submitted": 1}


def test_a_paused_run_starts_no_batch_until_it_is_resumed(desk: Opened) -> None:
    d = desk(bulk=2)
    run_id = d.run(6)
    assert act(campaigns.pause, run_id)
    assert not act(campaigns.pause, run_id), "it is paused already"
    d.tick()
    assert d.gateway.calls == []
    assert d.of(run_id).state == "paused"
    assert act(campaigns.resume, run_id)
    d.tick()
    assert d.states(run_id) == {"submitted": 6}
    d.clean()


def test_p12_what_was_seen_before_a_pause_is_not_claimed_after_it(desk: Opened, monkeypatch: Any) -> None:
    from flows.steps import claiming

    d = desk(bulk=2)
    run_id = d.run(6)
    real = claiming._candidates

    def slow(*given: Any) -> Any:
        found = real(*given)
        act(campaigns.pause, run_id)
        return found

    monkeypatch.setattr(claiming, "_candidates", slow)
    assert claim(d.box, limit=5) == []
    assert {b.state for b in d.batches(run_id)} == {"ready"}


def test_a07_stopping_settles_what_is_in_flight_and_gives_back_the_rest(desk: Opened) -> None:
    d = desk(bulk=2)
    run_id = d.run(10)
    flying = claim(d.box, limit=3)
    assert act(campaigns.stop, run_id)
    assert claim(d.box, limit=5) == []
    d.recover()
    assert sorted(b.state for b in d.batches(run_id)) == ["cancelled"] * 2 + ["sending"] * 3
    assert d.money().held == 6 * PRICE
    from flows.steps.calling import call, judge
    from flows.steps.settling import settle

    settle(judge([call(one, d.gateway) for one in flying]))
    closing.close_complete()
    assert d.states(run_id) == {"submitted": 6, "cancelled": 4}
    assert d.of(run_id).state == "cancelled"
    assert d.money().available == CREDIT - 6 * PRICE
    d.clean()


def test_stopping_gives_nothing_back_of_what_may_have_left(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", throttled(60)])
    run_id = d.run(3)
    d.tick()
    clock.advance(seconds=5)
    d.tick()
    assert (d.batch(run_id).state, d.batch(run_id).amb) == ("ready", True)
    act(campaigns.stop, run_id)
    recovering.release_cancelled()
    assert d.batch(run_id).state == "unknown"
    assert (d.money().available, d.money().unknown) == (CREDIT - 3 * PRICE, 3 * PRICE), "no refund yet"
    clock.advance(seconds=5)
    d.tick()
    assert len(d.gateway.calls) == 2, "no resend after a stop; it is asked about"
    assert d.batch(run_id).state == "done"
    assert d.of(run_id).state == "cancelled"
    d.clean()


def test_a_stop_before_planning_ends_the_run(desk: Opened) -> None:
    from flows.steps import planning, starting

    d = desk()
    d.campaign(2)
    (run_id,) = starting.start_due()
    act(campaigns.stop, run_id)
    planning.plan_due(d.box)
    assert d.of(run_id).state == "cancelled"
    assert d.money().held == 0


def test_advertising_waits_for_its_hours(desk: Opened, clock: Any) -> None:
    d = desk(kind="ad")
    clock.at(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))  # 21:30 in Tehran
    run_id = d.run(2)
    d.tick()
    assert d.gateway.calls == []
    opening = dispatching.waiting_until()
    assert opening == datetime(2026, 11, 23, 4, 30, tzinfo=UTC), "08:00 in Tehran"
    assert dispatching.next_due_at() == opening
    clock.at(datetime(2026, 11, 23, 4, 29, 30, tzinfo=UTC))
    d.tick()
    assert d.gateway.calls == []
    clock.advance(seconds=60)
    d.tick()
    assert d.states(run_id) == {"submitted": 2}
    assert dispatching.waiting_until() is None


def test_advertising_pauses_between_batches_at_closing_time(desk: Opened, clock: Any) -> None:
    d = desk(kind="ad", bulk=1, in_flight=1)
    clock.at(datetime(2026, 11, 22, 17, 29, 0, tzinfo=UTC))  # 20:59 in Tehran
    run_id = d.run(5)
    real = d.gateway.submit

    def slow(*given: Any, **more: Any) -> Any:
        clock.advance(seconds=25)
        return real(*given, **more)

    d.gateway.able = type(d.gateway.able)("G2", 1, 1, 60.0, 10.0, 3600.0)
    d.gateway.submit = slow
    d.tick()
    sent = d.states(run_id).get("submitted", 0)
    assert 1 <= sent < 5
    assert d.states(run_id).get("queued") == 5 - sent
    clock.advance(hours=11)
    d.gateway.submit = real
    d.tick()
    assert d.states(run_id) == {"submitted": 5}
    d.clean()


def test_quiet_hours_of_a_campaign_hold_it_back(desk: Opened, clock: Any) -> None:
    d = desk()
    clock.at(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))  # 12:30 in Tehran
    run_id = d.run(1, quiet_hours={"from": "12:00", "to": "14:00"})
    d.tick()
    assert d.gateway.calls == []
    assert dispatching.waiting_until() == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    clock.advance(minutes=91)
    d.tick()
    assert d.states(run_id) == {"submitted": 1}


def test_a_run_that_waits_for_its_hours_does_not_hold_up_another(desk: Opened, clock: Any) -> None:
    d = desk()
    clock.at(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    waiting = d.run(1, quiet_hours={"from": "12:00", "to": "14:00"})
    done = d.run(1, first=10)
    d.tick()
    assert (d.of(waiting).state, d.of(done).state) == ("running", "closed")
    assert dispatching.waiting_until(done) is None
    assert dispatching.waiting_until(waiting) is not None


def test_a09_eight_that_claim_at_once_never_hold_one_batch_twice(desk: Opened) -> None:
    d = desk(bulk=1, in_flight=64)
    run_id = d.run(24)
    box, gate, got = d.box, threading.Barrier(8), list[int]()

    def take() -> None:
        gate.wait()
        while mine := claim(box, limit=2):
            got.extend(one.batch.id for one in mine)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert sorted(got) == sorted(b.id for b in d.batches(run_id))


def test_a_blind_gateway_gets_one_call_at_a_time(desk: Opened) -> None:
    d = desk("G0", bulk=1)
    d.run(4)
    assert len(claim(d.box, limit=5)) == 1
    assert claim(d.box, limit=5) == []


def test_a_busy_line_does_not_starve_the_others(desk: Opened) -> None:
    from data.records import lines

    d = desk("G2", bulk=1, in_flight=1)
    with operations.writing() as c:
        lines.create_line(
            c, lines.NewLine("4000", "sim", d.account_id, "service", 90, 60), actor="t", now=the_clock.now()
        )
    d.run(30)
    assert len(claim(d.box, limit=4)) == 1
    second = d.run(3, first=100, line="4000")
    mine = claim(d.box, limit=4)
    assert [one.run.id for one in mine] == [second]
