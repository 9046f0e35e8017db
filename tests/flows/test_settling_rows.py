"""Every row of the batch machine (protocol.md 2.6) through the real steps and the real stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from desk import FIRST_NUMBER, REJ, STOP, throttled

from data import clock as the_clock
from data.facts import recipients
from data.records import batches, lines
from data.rules import reasons
from data.store import lake, operations
from flows.steps import dispatching, settling
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
            c,
            lines.NewLine("4000", "sim", d.account_id, "service", 90, 60),
            actor="test",
            now=the_clock.now(),
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


def test_a_long_reason_of_two_sentences_stops_a_line_in_both(desk: Opened) -> None:
    d = desk()
    with operations.writing() as c:
        stopped = lines.find(c, d.account_id, "3000")
        lines.stop(c, stopped.id, reasons.both("x" * 400, "ی" * 400), now=the_clock.now())
        kept = lines.find(c, d.account_id, "3000").stopped_why
    assert kept is not None
    assert reasons.say(kept, "en") == "x" * 149
    assert reasons.say(kept, "fa") == "ی" * 149


def test_no_credit_with_the_gateway_stops_the_line_and_fails_nobody(desk: Opened, clock: Any) -> None:
    d = desk(script=[STOP], bulk=2, in_flight=1)
    run_id = d.run(6)
    d.tick()
    with operations.reading() as c:
        line = lines.find(c, d.account_id, "3000")
    assert line.stopped_why
    assert "402" in line.stopped_why
    assert reasons.say(line.stopped_why, "fa") != reasons.say(line.stopped_why, "en")
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
def test_a_lost_answer_is_unknown_and_its_money_stays_aside(
    gateway_class: str, fate: str, desk: Opened
) -> None:
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
    assert (attempt["outcome"], attempt["body_head"]) == ("amb", "<html>"), (
        "what was answered is kept as evidence"
    )
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


@pytest.mark.parametrize(("late", "becomes"), [(REJ, "failed"), (STOP, "ready"), (throttled(5), "ready")])
def test_a_late_no_about_the_only_attempt_ends_the_doubt(
    late: Outcome, becomes: str, desk: Opened, clock: Any
) -> None:
    d = desk("G0")
    run_id = d.run(3)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=5)
    d.recover()
    assert d.money().unknown == 3 * PRICE
    settling.settle([settling.Answer(claimed, late)])
    batch = d.batch(run_id)
    assert batch.state == becomes
    if becomes == "ready":
        assert (batch.amb, batch.first_sent_at) == (False, None), "as if it had never been tried"
    assert d.money().held == (3 * PRICE if becomes == "ready" else 0)
    assert d.money().unknown == 0
    d.clean()


@pytest.mark.parametrize("late", [REJ, throttled(5), Outcome("amb", "lost")])
def test_a_late_no_about_one_of_two_attempts_is_evidence_and_changes_nothing(
    late: Outcome, desk: Opened, clock: Any
) -> None:
    d = desk("G2", script=["lost"])
    run_id = d.run(3)
    d.tick()
    clock.advance(seconds=5)
    d.recover()
    (claimed,) = claim(d.box, limit=5)
    assert claimed.batch.attempt == 2
    clock.advance(seconds=5)
    d.gateway.able = replace(d.gateway.able, gateway_class="G1")
    d.gateway.blind = True
    d.recover()
    settling.settle([settling.Answer(claimed, late)])
    assert d.batch(run_id).state == "unknown"
    with operations.reading() as c:
        assert batches.evidence_of(c, claimed.batch.id)[-1]["kind"] == "late_answer"
    d.clean()


def test_a_lost_answer_heard_late_changes_nothing(desk: Opened, clock: Any) -> None:
    d = desk("G0")
    run_id = d.run(3)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=5)
    d.recover()
    settling.settle([settling.Answer(claimed, Outcome("amb", "lost"))])
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
    from flows.steps.calling import call, judge

    d = desk("G0")
    run_id = d.run(2)
    (claimed,) = claim(d.box, limit=5)
    clock.advance(seconds=3)  # more than the deadline, less than the lease
    (answer,) = judge([call(claimed, d.gateway)])
    assert answer.outcome.kind == "notsent"
    assert d.gateway.calls == []
    settling.settle([answer])
    assert d.batch(run_id).state == "ready"


def test_only_what_was_accepted_counts_as_handed_over(desk: Opened, clock: Any) -> None:
    d = desk("G1", bulk=3, in_flight=1)
    run_id = d.run(12)
    tenth = recipients.numbers(lake.lake_root() / d.of(run_id).set_path)["msisdn"][9]  # of the fourth batch
    d.gateway.script += ["lost", "dropped", REJ, {tenth: "blacklist"}]
    handed: list[int] = []
    done = dispatching.tick(d.box, progress=handed.append)
    assert (done.batches, done.messages) == (2, 2), "one refused, one accepted but for one number"
    clock.advance(seconds=3)
    done = dispatching.tick(d.box, progress=handed.append)
    assert (done.batches, done.messages) == (1, 3), "one is found by asking"
    assert sum(handed) == 5
    d.clean()


def test_a_gateway_that_cannot_be_reached_is_handed_nothing(desk: Opened) -> None:
    d = desk("G2", bulk=2, script=[Outcome("notsent", "no connection could be made")] * 3)
    d.run(6)
    done = d.tick()
    assert (len(d.gateway.calls), done.batches, done.messages) == (3, 0, 0)
    d.clean()


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


def _outgoing(claimed: Any) -> Any:
    from gateways.gateway import Outgoing

    return Outgoing(claimed.batch.ref, claimed.run.id, "3000", claimed.rows)
