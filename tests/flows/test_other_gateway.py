"""An attempt belongs to the gateway it was made at: elsewhere it is neither asked about nor repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data import clock as the_clock
from data.records import batches, lines
from data.store import operations
from data.use_cases.floor import OPERATOR
from flows.steps import auditing, dispatching, planning, proving, starting
from flows.steps.toolbox import open_toolbox
from gateways import children, config, trial

Opened = Callable[..., Any]


def attempts(run_id: int) -> list[tuple[str, str, str]]:
    with operations.reading() as c:
        found = [a for b in batches.of_run(c, run_id) for a in batches.attempts_of(c, b.id)]
    return [(a["fingerprint"], a["gateway_class"], a["outcome"]) for a in found]


@pytest.mark.parametrize("changed", ["the address", "the account"])
@pytest.mark.parametrize("gateway_class", ["G1", "G2"])
def test_what_was_lost_at_one_gateway_is_not_sent_again_at_another(
    gateway_class: str, changed: str, open_shop: Opened, clock: Any
) -> None:
    shop = open_shop(gateway_class, rates={"reset_after": 1.0}, settings={"quiet_s": 5.0})
    shop.campaign(2)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    dispatching.tick(open_toolbox())
    folder = shop.home / "simulator" / "other"
    other = children.start_simulator(
        {"idempotent": gateway_class == "G2", "lookup": True, "bulk": 100}, folder
    )
    try:
        new = {"base": other.address} if changed == "the address" else {"token": "another-account"}
        _reset(**new)
        for _ in range(6):
            clock.advance(minutes=1)
            dispatching.tick(open_toolbox())
        with operations.reading() as c:
            (batch,) = batches.of_run(c, run_id)
        assert (batch.state, batch.attempt) == ("unknown", 1)
        assert "neither asked nor sent again" in str(batch.why)
        assert shop.copies() == dict.fromkeys(shop.copies(), 1)
        assert len(shop.copies()) == 2
        assert not (folder / "record.jsonl").exists() or not (folder / "record.jsonl").read_text()
        clock.advance(hours=49)
        dispatching.tick(open_toolbox())
        assert auditing.audit()["ok"]
        with operations.reading() as c:
            assert batches.of_run(c, run_id)[0].state == "written_off"
    finally:
        other.stop()


def test_where_the_old_address_comes_back_it_is_asked_again(open_shop: Opened, clock: Any) -> None:
    shop = open_shop("G1", rates={"reset_after": 1.0}, settings={"quiet_s": 5.0})
    shop.campaign(2)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    dispatching.tick(open_toolbox())
    _reset(base="http://127.0.0.1:9")
    clock.advance(minutes=1)
    dispatching.tick(open_toolbox())
    _reset(base=shop.simulator.address)
    clock.advance(minutes=1)
    dispatching.tick(open_toolbox())
    with operations.reading() as c:
        (batch,) = batches.of_run(c, run_id)
    assert batch.state == "done"
    assert set(shop.copies().values()) == {1}


def test_what_was_never_attempted_goes_where_the_gateway_is_now(open_shop: Opened, clock: Any) -> None:
    shop = open_shop("G2", rates={"429": 1.0})
    shop.campaign(2)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    dispatching.tick(open_toolbox())
    other = children.start_simulator({"idempotent": True, "bulk": 100}, shop.home / "simulator" / "other")
    try:
        _reset(base=other.address)
        clock.advance(minutes=1)
        dispatching.tick(open_toolbox())
    finally:
        other.stop()
    (first, second) = attempts(run_id)
    assert (first[1:], second[1:]) == (("G2", "notsent"), ("G2", "ok"))
    assert first[0] != second[0], "each attempt carries the gateway it was made at"


def test_a_class_that_fell_while_an_answer_was_missing_never_rises_for_it(desk: Opened, clock: Any) -> None:
    d = desk("G2", script=["lost"])
    run_id = d.run(2)
    d.tick()
    d.gateway.able = replace(d.gateway.able, gateway_class="G0")
    clock.advance(seconds=30)
    d.tick()
    assert d.batch(run_id).gateway_class == "G0"
    d.gateway.able = replace(d.gateway.able, gateway_class="G2")
    for _ in range(5):
        clock.advance(minutes=5)
        d.tick()
    assert (d.batch(run_id).state, len(d.gateway.calls)) == ("unknown", 1)


def test_a_batch_first_sent_to_a_lower_class_gains_nothing_by_a_higher(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=["lost"])
    run_id = d.run(2)
    d.tick()
    d.gateway.able = replace(d.gateway.able, gateway_class="G2", in_flight=4)
    with operations.writing() as c:
        batches.look_again(c, d.batch(run_id).id, at=the_clock.now(), why="")
    for _ in range(3):
        clock.advance(minutes=5)
        d.tick()
    assert (d.batch(run_id).state, len(d.gateway.calls)) == ("unknown", 1)


def test_a_failed_gateway_whose_token_changes_sends_nothing_twice(
    open_shop: Opened, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "LOOK_UP_AFTER_SECONDS", (0.0,))
    shop = open_shop("G2", settings={"test_number": "09129999999"}, idempotent=False)
    proving.prove_now(OPERATOR, "sim")
    _reset(token="rotated")
    shop.campaign(2)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    assert open_toolbox().gateways["sim"].capabilities.gateway_class == "G0"
    dispatching.tick(open_toolbox())
    assert [held for _, held, _ in attempts(run_id)] == ["G0"]


def _reset(**changed: Any) -> None:
    with operations.writing() as c:
        values = config.load_settings(c)["sim"].model_dump_secrets() | changed
        lines.set_gateway(c, "sim", adapter="simulator", values=values, actor="test", now=the_clock.now())
