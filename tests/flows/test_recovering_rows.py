"""What becomes of a batch whose answer was lost (T6-T12), by the class of its gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
from desk import FIRST_NUMBER, REJ, STOP, throttled

from data import clock as the_clock
from data.records import lines, runs
from data.store import operations
from data.use_cases import campaigns
from data.use_cases.floor import OPERATOR
from flows.steps import dispatching, resolving
from flows.steps.claiming import Claimed, rows_of
from flows.steps.outcomes import plain_results
from flows.steps.settling import Answer, settle
from gateways.gateway import Outcome

Opened = Callable[..., Any]
PRICE = 90


def test_g2_sends_again_under_the_same_reference(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", "dropped", "lost"])
    run_id = d.run(4)
    for _ in range(4):
        d.tick()
        clock.advance(seconds=10)
    assert d.attempts(run_id) == ["amb", "amb", "amb", "ok"]
    assert {outgoing.ref for outgoing in d.gateway.calls} == {d.batch(run_id).ref}
    assert set(d.gateway.copies().values()) == {1}
    assert d.states(run_id) == {"submitted": 4}
    d.clean()


def test_g2_asks_instead_when_it_has_tried_often_enough(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost"] * 10)
    run_id = d.run(1)
    for _ in range(12):
        d.tick()
        clock.advance(seconds=60)
    assert len(d.gateway.calls) == 6, "dispatch.tries_max"
    assert d.gateway.look_ups == 1
    assert d.batch(run_id).state == "done"
    d.clean()


def test_g1_asks_and_takes_found_for_an_answer(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["lost"])
    run_id = d.run(4)
    d.tick()
    clock.advance(seconds=3)
    d.tick()
    assert (d.gateway.look_ups, len(d.gateway.calls)) == (1, 1), "found is true before the quiet time is over"
    assert d.states(run_id) == {"submitted": 4}
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_g1_takes_a_refusal_of_every_message_for_an_answer_too(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=[{"lost": "", **{FIRST_NUMBER + i: "blacklist" for i in range(4)}}])
    run_id = d.run(4)
    d.tick()
    assert d.money().unknown == 4 * PRICE
    clock.advance(seconds=3)
    d.tick()
    assert (d.gateway.look_ups, len(d.gateway.calls)) == (1, 1)
    assert d.batch(run_id).state == "failed"
    assert d.states(run_id) == {"blacklisted": 4}
    assert (d.money().available, d.money().unknown) == (1_000_000, 0)
    assert d.of(run_id).state == "closed"
    d.clean()


def test_a_refusal_heard_before_a_later_attempt_is_only_noted(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["dropped", "lost"])
    run_id = d.run(1)
    d.tick()
    seen = d.batch(run_id)  # another dispatcher looked the first attempt up, and then fell asleep
    clock.advance(seconds=5)
    d.tick()
    assert (seen.state, d.batch(run_id).state) == ("unknown", "unknown"), "sent again, and lost again"
    refused = plain_results(pl.Series([1]), state="blacklisted", code="blacklist")
    run = d.of(run_id)
    claimed = Claimed(seen, run, _line_of(run), rows_of(run, seen), 0.0)
    settle([Answer(claimed, Outcome("rej", "refused", results=refused), attempt=False)])
    assert d.batch(run_id).state == "unknown", "what it heard is of before the second attempt"
    clock.advance(seconds=60)
    d.tick()
    assert d.states(run_id) == {"submitted": 1}
    d.clean()


def _line_of(run: runs.Run) -> lines.Line:
    with operations.reading() as c:
        return lines.get(c, run.line_id)


def test_g1_sends_again_only_when_all_is_quiet(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["dropped"], quiet=100.0)
    run_id = d.run(4)
    d.tick()
    clock.advance(seconds=31)
    d.tick()
    assert (d.gateway.look_ups, len(d.gateway.calls)) == (1, 1)
    assert d.batch(run_id).state == "unknown", "not found means little while something may still arrive"
    clock.advance(seconds=100)
    d.tick()
    assert d.attempts(run_id) == ["amb", "ok"]
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_g1_that_cannot_tell_is_asked_again(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["lost"])
    d.gateway.blind = True
    run_id = d.run(1)
    d.tick()
    for _ in range(3):
        clock.advance(seconds=60)
        d.tick()
    assert d.gateway.look_ups == 3
    assert d.batch(run_id).state == "unknown"
    d.gateway.blind = False
    clock.advance(seconds=60)
    d.tick()
    assert d.batch(run_id).state == "done"


def test_g1_gives_up_after_so_many_lost_calls_that_never_arrived(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["dropped"] * 20, quiet=1.0)
    run_id = d.run(2)
    for _ in range(20):
        d.tick()
        clock.advance(seconds=60)
    assert len(d.gateway.calls) == 6, "dispatch.tries_max"
    assert d.batch(run_id).state == "failed"
    assert d.states(run_id) == {"failed": 2}
    assert d.money().available == 1_000_000
    d.clean()


def test_g0_is_never_sent_again_and_is_written_off_at_its_horizon(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=["lost"])
    run_id = d.run(3)
    for hours in (0, 1, 24, 22.9):
        clock.advance(hours=hours)
        d.tick()
        assert d.batch(run_id).state == "unknown"
    clock.advance(hours=0.2)
    d.tick()
    assert len(d.gateway.calls) == 1
    assert d.batch(run_id).state == "written_off"
    assert d.states(run_id) == {"written_off": 3}
    assert (d.money().available, d.money().unknown) == (1_000_000, 0), "nothing is on hold after the horizon"
    assert d.of(run_id).state == "closed"
    d.clean()


def test_a11_no_credit_after_a_lost_answer_fails_nobody_and_refunds_nothing(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", STOP])
    run_id = d.run(3)
    d.tick()
    clock.advance(seconds=5)
    d.tick()
    assert d.attempts(run_id) == ["amb", "notsent"]
    assert d.batch(run_id).state == "unknown", "no credit now says nothing about the first attempt"
    assert d.states(run_id) == {"unknown": 3}
    assert (d.money().available, d.money().unknown) == (1_000_000 - 3 * PRICE, 3 * PRICE)
    clock.advance(seconds=60)
    d.tick()
    assert len(d.gateway.calls) == 2, "a stopped line sends nothing, not even again"
    assert d.batch(run_id).state == "done", "the look-up solves it"
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_a_rejection_after_a_lost_answer_stays_unknown(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", REJ])
    run_id = d.run(3)
    d.tick()
    clock.advance(seconds=5)
    d.tick()
    assert d.batch(run_id).state == "unknown"
    assert d.batch(run_id).tries == 1, "a rejected call is no lost one"
    assert d.money().unknown == 3 * PRICE
    clock.advance(seconds=60)
    d.tick()
    assert d.states(run_id) == {"submitted": 3}
    d.clean()


def test_throttling_after_a_lost_answer_keeps_the_doubt(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost", throttled(1), "ok"])
    run_id = d.run(2)
    d.tick()
    clock.advance(seconds=5)
    d.tick()
    assert (d.batch(run_id).state, d.batch(run_id).amb) == ("ready", True)
    clock.advance(seconds=5)
    d.tick()
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_what_was_never_sent_starts_its_horizon_when_it_is(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=[STOP, "lost"])
    run_id = d.run(2)
    d.tick()
    clock.advance(hours=60)  # the operator took his time to pay
    with operations.writing() as c:
        lines.resume(c, d.of(run_id).line_id, actor="test", now=the_clock.now())
    d.tick()
    clock.advance(hours=1)
    d.tick()
    assert d.batch(run_id).state == "unknown", "it was sent an hour ago, not sixty-one"
    clock.advance(hours=48)
    d.tick()
    assert d.batch(run_id).state == "written_off"


def test_a_resend_that_waited_past_the_window_is_not_sent(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost"], window=600.0)
    run_id = d.run(3)
    d.tick()
    clock.advance(seconds=5)
    campaigns.pause(OPERATOR, d.of(run_id).campaign_id)
    d.recover()  # back in the queue, and the run is paused overnight
    clock.advance(hours=9)
    d.gateway.first.clear()  # the gateway has forgotten the reference
    campaigns.resume(OPERATOR, d.of(run_id).campaign_id)
    d.tick()
    d.tick()
    assert set(d.gateway.copies().values()) == {1}, (
        "outside its window the same reference is a second message"
    )
    assert d.batch(run_id).state == "unknown"
    d.clean()


def test_of_two_that_looked_up_at_once_only_one_sends_again(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["dropped", "lost"], quiet=1.0)
    run_id = d.run(2)
    d.tick()
    clock.advance(seconds=60)
    stale = d.batch(run_id)  # another dispatcher read this, heard "not found", and then fell asleep
    d.tick()
    assert d.batch(run_id).state == "unknown", "sent again, accepted, and that answer was lost too"
    resolving._resend(stale, why="the gateway does not know it", proof=True)
    assert d.batch(run_id).state == "unknown", "its proof is of before the second attempt"
    for _ in range(3):
        clock.advance(seconds=60)
        d.tick()
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_a_verdict_at_the_horizon_on_an_old_look_changes_nothing(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost"])
    run_id = d.run(2)
    d.tick()
    assert dispatching.open_now() == {"ready": 0, "sending": 0, "unknown": 1}
    clock.advance(seconds=5)
    d.tick()
    assert d.batch(run_id).state == "done"
    d.clean()
