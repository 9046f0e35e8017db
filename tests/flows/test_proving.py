"""The self-test of a gateway: what it proves, what it takes away, what proves nothing (by the simulator)."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from data import clock as the_clock
from data.errors import Refused
from data.records import batches, lines, proofs
from data.store import operations
from data.use_cases.floor import OPERATOR
from flows.steps import (
    auditing,
    dispatching,
    housekeeping,
    planning,
    proving,
    receiving,
    recovering,
    starting,
)
from flows.steps.toolbox import open_toolbox
from gateways import config, trial
from gateways.proofs import Standing, standings
from gateways.use_cases import testing

Opened = Callable[..., Any]
OURS = 989_129_999_999
TESTED = {"test_number": "09129999999"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.setattr(trial, "LOOK_UP_AFTER_SECONDS", (0.0, 0.0))


def proved(**more: Any) -> tuple[Standing, proofs.Result | None]:
    result = proving.prove_now(OPERATOR, "sim", **more)
    return standing(), result


def standing() -> Standing:
    with operations.reading() as c:
        return standings(c, config.load_settings(c))["sim"]


def behave(shop: Any, **behaviour: Any) -> None:
    """Change how the simulator behaves from now on."""
    body = json.dumps(behaviour).encode()
    with urllib.request.urlopen(
        urllib.request.Request(shop.simulator.address + "/behaviour", body), timeout=5
    ):
        pass


def reset(shop: Any, **changed: Any) -> None:
    """Store changed settings of the gateway."""
    with operations.writing() as c:
        values = config.load_settings(c)["sim"].model_dump_secrets() | changed
        lines.set_gateway(c, "sim", adapter="simulator", values=values, actor="test", now=the_clock.now())


def planned(shop: Any, recipients: int = 3) -> int:
    shop.campaign(recipients)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    return run_id


def batch_of(run_id: int) -> batches.Batch:
    with operations.reading() as c:
        (only,) = batches.of_run(c, run_id)
    return only


@pytest.mark.parametrize("gateway_class", ["G1", "G2"])
def test_a_good_gateway_is_proven_with_one_message(open_shop: Opened, gateway_class: str) -> None:
    shop = open_shop(gateway_class, settings=TESTED)
    assert standing().state == "declared"
    found, result = proved()
    assert (found.state, found.runs_as, result and result.verdict) == ("proven", gateway_class, "proven")
    assert shop.copies() == {OURS: 1}
    assert shop.accepted()["line"].unique().to_list() == ["3000"], "a line of this gateway"
    assert open_toolbox().gateways["sim"].capabilities.gateway_class == gateway_class


@pytest.mark.parametrize(
    ("gateway_class", "behaviour", "why", "messages"),
    [
        ("G2", {"idempotent": False}, "second_id", 2),
        ("G2", {"forgets": True}, "not_found", 1),
        ("G1", {"forgets": True}, "not_found", 1),
        ("G1", {"lookup": False}, "no_look_up", 0),
    ],
)
def test_a_contradiction_takes_the_class_away(
    open_shop: Opened, gateway_class: str, behaviour: dict[str, Any], why: str, messages: int
) -> None:
    shop = open_shop(gateway_class, settings=TESTED | {"in_flight": 9}, **behaviour)
    found, result = proved()
    assert (found.state, found.runs_as) == ("failed", "G0")
    assert result
    assert (result.why, len(result.ids)) == (why, messages)
    assert shop.copies().get(OURS, 0) == messages
    able = open_toolbox().gateways["sim"].capabilities
    assert (able.gateway_class, able.in_flight) == ("G0", 1)
    assert found.say().startswith("runs as G0: it failed its self-test: ")
    assert found.say("fa").startswith("با رده G0 کار می‌کند")


def test_a_g2_that_cannot_be_asked_is_proven_by_repeating(open_shop: Opened) -> None:
    open_shop("G2", settings=TESTED, lookup=False)
    assert proved()[0].state == "proven"


@pytest.mark.parametrize("rates", [{"reset_after": 1.0}, {"429": 1.0}, {"503": 1.0}, {"html": 1.0}])
@pytest.mark.parametrize("gateway_class", ["G1", "G2"])
def test_an_answer_that_does_not_come_proves_nothing(
    open_shop: Opened, gateway_class: str, rates: dict[str, float]
) -> None:
    shop = open_shop(gateway_class, settings=TESTED, rates=rates)
    found, result = proved()
    assert result
    assert (found.state, found.runs_as, result.verdict) == ("declared", gateway_class, None)
    assert "the last self-test proved nothing" in found.say()
    behave(shop, rates={})
    assert proved()[0].state == "proven"
    behave(shop, rates=rates)
    found, result = proved()
    assert result
    assert (found.state, result.verdict) == ("proven", None), "what was known before stays"
    assert "proved nothing" in found.say()


def test_a_gateway_that_is_gone_proves_nothing_and_stays_demoted(open_shop: Opened) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False)
    assert proved()[0].state == "failed"
    shop.simulator.stop()
    found, result = proved()
    assert result
    assert (found.state, result.verdict) == ("failed", None)


def test_a_gateway_that_was_mended_gets_its_class_back(open_shop: Opened) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False)
    assert proved()[0].runs_as == "G0"
    behave(shop, idempotent=True)
    assert proved()[0].runs_as == "G2"


@pytest.mark.parametrize("changed", [{"class": "G1"}, {"token": "other"}, {"base": "http://127.0.0.1:9"}])
def test_a_changed_gateway_is_proven_anew(open_shop: Opened, changed: dict[str, str]) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False)
    assert proved()[0].state == "failed"
    reset(shop, quiet_s=5.0)
    reset(shop, **changed)
    assert (standing().state, standing().runs_as) == ("failed", "G0"), "to forget it would be to believe it"
    assert proving.prove_due() == 1, "at once, however young the test of the other settings is"


@pytest.mark.parametrize("changed", [{"token": "other"}, {"base": "http://127.0.0.1:9"}])
def test_a_proof_is_of_the_settings_it_was_made_under(open_shop: Opened, changed: dict[str, str]) -> None:
    shop = open_shop("G2", settings=TESTED)
    assert proved()[0].state == "proven"
    reset(shop, **changed)
    assert standing().state == "declared"


def test_what_failed_as_g2_and_passed_as_g1_is_not_a_g2(open_shop: Opened) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False)
    assert proved()[0].state == "failed"
    reset(shop, **{"class": "G1"})
    assert standing().runs_as == "G0", "it says less now, and nobody has tried that either"
    assert (proved()[0].state, standing().runs_as) == ("proven", "G1")
    reset(shop, token="rotated")
    assert standing().runs_as == "G1", "its failure was of more than it claims"
    reset(shop, **{"class": "G2"})
    assert (standing().state, standing().runs_as) == ("failed", "G0")
    assert "a second message went out" in standing().say()
    behave(shop, idempotent=True)
    assert (proved()[0].state, standing().failed) == ("proven", None)


def test_a_blind_gateway_claims_nothing(open_shop: Opened) -> None:
    shop = open_shop("G0", settings=TESTED)
    found, result = proved()
    assert (found.state, result) == ("nothing", None)
    assert shop.copies() == {}
    assert proving.prove_due() == 0


def test_without_a_number_it_is_refused_and_a_wrong_one_is_named(open_shop: Opened) -> None:
    shop = open_shop("G2")
    for to in (None, "02188888888", "x"):
        with pytest.raises(Refused) as caught:
            proved(to=to)
        assert caught.value.field == "to"
        assert caught.value.fa != caught.value.en
    with pytest.raises(Refused):
        proving.prove_now(OPERATOR, "other")
    assert proving.prove_due() == 0
    proved(to="+98 912 999 9999")
    assert shop.copies() == {OURS: 1}


def test_each_night_tests_what_was_not_tested_for_a_while(open_shop: Opened, clock: Any) -> None:
    shop = open_shop("G2", settings=TESTED)
    assert housekeeping.tidy()["gateways_tested"] == 1
    assert housekeeping.tidy()["gateways_tested"] == 0
    clock.advance(hours=19)
    assert proving.prove_due() == 0
    clock.advance(hours=2)
    assert proving.prove_due() == 1
    assert shop.accepted().height == shop.accepted()["ref"].n_unique() == 2, "a reference is never used again"


def test_of_two_that_find_a_test_due_one_makes_it(home: Any) -> None:
    claim, now = proofs.Claim("g", "G2", "f"), the_clock.now()
    with operations.writing() as c:
        assert proofs.begin(c, claim, now=now, unless_since=now - testing.EVERY)
        assert not proofs.begin(c, claim, now=now, unless_since=now - testing.EVERY)
        assert proofs.begin(c, claim, now=now), "who asks for it gets it"
        assert proofs.begin(c, proofs.Claim("g", "G2", "other"), now=now, unless_since=now - testing.EVERY)


def test_after_it_a_run_whose_answer_is_lost_is_never_sent_again(open_shop: Opened, clock: Any) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False)
    proved()
    behave(shop, rates={"reset_after": 1.0})
    run_id = planned(shop)
    _carry_on(clock)
    assert batch_of(run_id).state == "unknown"
    _is_sent_once_and_written_off(shop, run_id, clock)


@pytest.mark.parametrize("was", ["unknown", "ready"])
def test_what_is_unknown_already_is_not_sent_again_either(open_shop: Opened, clock: Any, was: str) -> None:
    shop = open_shop("G2", settings=TESTED, idempotent=False, rates={"reset_after": 1.0})
    run_id = planned(shop)
    dispatching.tick(open_toolbox())
    if was == "ready":
        clock.advance(seconds=40)
        recovering.recover(open_toolbox())
    assert (batch_of(run_id).state, batch_of(run_id).amb) == (was, True)
    behave(shop, rates={})
    proved()
    _carry_on(clock)
    assert batch_of(run_id).state == "unknown"
    _is_sent_once_and_written_off(shop, run_id, clock)


def _carry_on(clock: Any) -> None:
    for _ in range(4):
        dispatching.tick(open_toolbox())
        recovering.recover(open_toolbox())
        clock.advance(minutes=20)


def _is_sent_once_and_written_off(shop: Any, run_id: int, clock: Any) -> None:
    clock.advance(hours=49)
    _carry_on(clock)
    assert batch_of(run_id).state == "written_off"
    assert {copies for number, copies in shop.copies().items() if number != OURS} == {1}
    assert auditing.audit()["ok"]


def test_its_receipts_are_nobodys_strays(open_shop: Opened) -> None:
    shop = open_shop("G2", settings=TESTED, receipts=True, delay_ms=[0, 1], fates={})
    proved()
    for _ in range(100):
        if receiving.drain(open_toolbox()) != receiving.Drained():
            pytest.fail("a receipt of the test was kept")
        with urllib.request.urlopen(shop.simulator.address + "/stats", timeout=5) as answer:
            if json.load(answer).get("receipts_posted"):
                break
        the_clock.sleep(0.05)
    the_clock.sleep(1.2)  # the segment is sealed
    assert receiving.drain(open_toolbox()) == receiving.Drained()


def test_a_receipt_that_names_only_the_gateways_id_is_known_too(desk: Opened) -> None:
    d = desk("G2")
    with operations.writing() as c:
        claim = proofs.Claim("sim", "G2", "f")
        proofs.begin(c, claim, now=the_clock.now())
        proofs.finish(c, claim, proofs.Result("proven", ids=("77",)), actor="test", now=the_clock.now())
    heard = d.hear({"id": "77", "status": "DELIVERED"}, {"id": "78", "status": "DELIVERED"})
    assert (heard.receipts, heard.unmatched) == (1, 1)


def test_it_is_money_of_the_gateway_and_of_no_customer(open_shop: Opened) -> None:
    open_shop("G2", settings=TESTED)
    before = auditing.audit()
    proved()
    after = auditing.audit()
    assert after["ok"]
    assert (after["entries"], after["posted_rials"]) == (before["entries"], before["posted_rials"])
