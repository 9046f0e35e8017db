"""Every row of the batch machine (protocol.md 2.6) through the real steps and the real stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from desk import FIRST_NUMBER, REJ, STOP, throttled

from data import clock as the_clock
from data.records import batches, lines, runs
from data.store import operations
from flows.steps import dispatching, recovering, settling
from flows.steps.claiming import claim
from gateways.gateway import Outcome

Opened = Callable[..., Any]
PRICE = 90


@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_an_accepted_batch_is_done_charged_and_its_cost_is_owed(gateway_class: str, desk: Opened) -> None:
    d = desk(gateway_class)
    run_id = d.run(4)
    assert d.money().held == 4 * PRICE
    d.tick()
    assert d.batch(run_id).state == "done"
    assert d.of(run_id).state == "closed"
    assert d.states(run_id) == {"submitted": 4}
    assert (d.money().available, d.money().held, d.money().unknown) == (1_000_000 - 4 * PRICE, 0, 0)
    d.clean()


def test_refused_numbers_are_given_back_and_the_rest_is_charged(desk: Opened) -> None:
    d = desk(script=[{FIRST_NUMBER + 1: "blacklist"}])
    run_id = d.run(3)
    d.tick()
    assert d.states(run_id) == {"submitted": 2, "blacklisted": 1}
    assert d.money().available == 1_000_000 - 2 * PRICE
    d.clean()


def test_a_rejected_call_fails_its_messages_and_costs_nothing(desk: Opened) -> None:
    d = desk(script=[REJ])
    run_id = d.run(3)
    d.tick()
    assert d.batch(run_id).state == "failed"
    assert d.states(run_id) == {"failed": 3}
    assert d.money().available == 1_000_000
    assert len(d.gateway.calls) == 1, "a rejection is final"
    d.clean()


def test_a_throttled_batch_waits_as_long_as_it_was_told_and_it_is_no_try(desk: Opened, clock: Any) -> None:
    d = desk(script=[throttled(120)])
    run_id = d.run(2)
    before = the_clock.now()
    d.tick()
    waiting = d.batch(run_id)
    assert (waiting.state, waiting.tries, waiting.amb) == ("ready", 0, False)
    assert timedelta(seconds=119) < waiting.ready_at - before < timedelta(seconds=125)
    clock.advance(seconds=100)
    d.tick()
    assert len(d.gateway.calls) == 1
    clock.advance(seconds=30)
    d.tick()
    assert d.attempts(run_id) == ["notsent", "ok"]
    d.clean()


def test_other_lines_go_on_while_one_is_throttled(desk: Opened) -> None:
    d = desk(script=[throttled(600)], bulk=1, in_flight=1)
    with operations.writing() as c:
        lines.create_line(
            c, lines.NewLine("4000", "sim", d.account_id, "service", 90, 60), actor="test", now=the_clock.now()
        )
    first, second = d.run(1), d.run(1, first=10, line="4000")
    d.tick()
    assert sorted([d.batch(first).state, d.batch(second).state]) == ["done", "ready"]


def test_the_first_wait_after_a_call_that_was_not_sent_is_the_setting(desk: Opened) -> None:
    d = desk(script=[Outcome("notsent", "no connection")])
    run_id = d.run(1)
    before = the_clock.now()
    d.tick()
    assert timedelta(seconds=1.9) < d.batch(run_id).ready_at - before < timedelta(seconds=3.5)


def test_waits_double_up_to_a_limit() -> None:
    refused = Outcome("notsent", "no connection")
    waits = [settling.back_off(refused, tries).total_seconds() for tries in range(12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 900 == max(waits)


def test_no_credit_with_the_gateway_stops_the_line_and_fails_nobody(desk: Opened, clock: Any) -> None:
    d = desk(script=[STOP], bulk=2, in_flight=1)
    run_id = d.run(6)
    d.tick()
    with operations.reading() as c:
        line = lines.find(c, d.account_id, "3000")
    assert line.stopped_why
    assert "402" in line.stopped_why
    assert {b.state for b in d.batches(run_id)} == {"ready"}
    assert len(d.gateway.calls) == 1, "nothing more is tried on a stopped line"
    clock.advance(minutes=20)
    d.tick()
    assert len(d.gateway.calls) == 1
    with operations.writing() as c:
        lines.resume(c, line.id, actor="test", now=the_clock.now())
    d.tick()
    assert d.states(run_id) == {"submitted": 6}
    d.clean()


@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
@pytest.mark.parametrize("fate", ["lost", "dropped"])
def test_a_lost_answer_is_unknown_and_its_money_stays_aside(gateway_class: str, fate: str, desk: Opened) -> None:
    d = desk(gateway_class, script=[fate])
    run_id = d.run(4)
    d.tick()
    batch = d.batch(run_id)
    assert (batch.state, batch.amb, batch.tries) == ("unknown", True, 1)
    assert d.states(run_id) == {"unknown": 4}
    assert (d.money().held, d.money().unknown) == (0, 4 * PRICE)
    assert d.of(run_id).state == "running"
    with operations.reading() as c:
        (attempt,) = batches.attempts_of(c, batch.id)
    assert (attempt["outcome"], attempt["body_head"]) == ("amb", "<html>"), "what was answered is kept as evidence"
    d.clean()


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


def test_an_answer_that_comes_after_the_lease_is_taken_if_it_says_yes(desk: Opened, clock: Any) -> None:
    d = desk("G0")
    run_id = d.run(3)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=5)  # past the lease of 2 x deadline
    d.recover()
    assert d.batch(run_id).state == "unknown"
    answer = settling.Answer(claimed, d.gateway._accept(_outgoing(claimed), {}))
    settling.settle([answer])
    assert d.batch(run_id).state == "done", "truth beats waiting"
    d.tick()
    d.clean()


@pytest.mark.parametrize("late", [REJ, STOP, throttled(5), Outcome("amb", "lost")])
def test_any_other_late_answer_is_evidence_and_changes_nothing(late: Outcome, desk: Opened, clock: Any) -> None:
    d = desk("G0")
    run_id = d.run(3)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=5)
    d.recover()
    settling.settle([settling.Answer(claimed, late)])
    assert d.batch(run_id).state == "unknown"
    with operations.reading() as c:
        (note,) = batches.evidence_of(c, claimed.batch.id)
    assert note["kind"] == "late_answer"
    d.clean()


def test_an_answer_for_a_batch_that_has_ended_changes_nothing(desk: Opened) -> None:
    d = desk("G2")
    run_id = d.run(3)
    (claimed,) = claim(d.box, limit=5)
    answer = settling.Answer(claimed, d.gateway._accept(_outgoing(claimed), {}))
    settling.settle([answer])
    settling.settle([answer])
    assert d.batch(run_id).state == "done"
    assert d.money().available == 1_000_000 - 3 * PRICE, "charged once"
    d.clean()


def test_a_claim_that_grew_old_before_its_first_byte_is_not_sent(desk: Opened, clock: Any) -> None:
    from flows.steps.calling import call

    d = desk("G0")
    run_id = d.run(2)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=3)  # more than the deadline, less than the lease
    answer = call(claimed, d.gateway)
    assert answer.outcome.kind == "notsent"
    assert d.gateway.calls == []
    settling.settle([answer])
    assert d.batch(run_id).state == "ready"


def test_an_adapter_that_raises_leaves_its_batch_unknown_and_the_others_settled(desk: Opened) -> None:
    d = desk("G2", bulk=1)
    run_id = d.run(3)
    real = d.gateway.submit

    def broken(outgoing: Any, *, deadline_at: float) -> Outcome:
        if outgoing.messages["msisdn"][0] == FIRST_NUMBER:
            raise RuntimeError("a bug of the adapter")
        return real(outgoing, deadline_at=deadline_at)

    d.gateway.submit = broken
    d.tick()
    assert d.states(run_id) == {"submitted": 2, "unknown": 1}
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
    with operations.writing() as c:
        runs.pause(c, run_id, actor="test", now=the_clock.now())
    d.recover()  # back in the queue, and the run is paused overnight
    clock.advance(hours=9)
    d.gateway.first.clear()  # the gateway has forgotten the reference
    with operations.writing() as c:
        runs.resume(c, run_id, actor="test", now=the_clock.now())
    d.tick()
    d.tick()
    assert set(d.gateway.copies().values()) == {1}, "outside its window the same reference is a second message"
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
    recovering._resend(stale, why="the gateway does not know it", proof=True)
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


def _outgoing(claimed: Any) -> Any:
    from gateways.gateway import Outgoing

    return Outgoing(claimed.batch.ref, claimed.run.id, "3000", claimed.rows)
