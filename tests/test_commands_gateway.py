"""`chapar gateway`: what is set is tested, what is contradicted exits 1, and every place says so."""

from __future__ import annotations

from typing import Any

import pytest
from command_line import Chapar, chapar

from gateways import trial

__all__ = ["chapar"]  # fixture
SIM = {"adapter": "simulator", "class": "G2", "test_number": "0912 999 9999"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LOOK_UP_AFTER_SECONDS", (0.0,))


def test_a_gateway_with_a_test_number_is_proven_when_it_is_set(chapar: Chapar) -> None:
    _, made = chapar("gateway", "set", "sim", "@", stdin=SIM, code=0)
    assert made["gateway"] == made["gateway"] | {"class": "G2", "runs_as": "G2", "proof": "proven"}
    assert made["gateway"]["tested_at"]
    assert len(made["webhooks"]) == 2
    _, told = chapar("gateway", "test", "sim", code=0)
    assert told == {"result": "proven", "gateway": told["gateway"]}


def test_a_contradicted_class_exits_1_and_every_place_says_so(chapar: Chapar) -> None:
    wrong = SIM | {"behaviour": {"idempotent": False}}
    _, made = chapar("gateway", "set", "sim", "@", stdin=wrong, code=0)
    assert made["gateway"]["runs_as"] == "G0", "it is stored, and not trusted"
    _, told = chapar("gateway", "test", "sim", code=1)
    assert told["result"] == "failed"
    (listed,) = chapar("gateway", "list", code=0)[1]["gateways"]
    assert (listed["class"], listed["runs_as"], listed["in_flight"]) == ("G2", "G0", 1)
    assert "runs as G0: it failed its self-test" in listed["say"]
    checks = {check["name"]: check for check in chapar("doctor")[1]["checks"]}
    assert not checks["self-test sim"]["ok"]
    assert "runs as G0: it failed its self-test" in checks["self-test sim"]["say"]


def test_a_gateway_that_cannot_be_reached_is_stored_and_exits_3_when_tested(chapar: Chapar) -> None:
    gone = SIM | {"adapter": "http", "base": "http://127.0.0.1:9"}
    _, made = chapar("gateway", "set", "gone", "@", stdin=gone, code=0)
    assert (made["gateway"]["proof"], made["gateway"]["runs_as"]) == ("declared", "G2")
    assert "G2 declared, not proven; the last self-test proved nothing" in made["gateway"]["say"]
    assert chapar("gateway", "test", "gone", code=3)[1]["result"] == "unproven"


def test_without_a_number_a_class_is_only_declared(chapar: Chapar) -> None:
    _, made = chapar("gateway", "set", "sim", "@", stdin={"adapter": "simulator", "class": "G1"}, code=0)
    assert made["gateway"]["say"] == "G1 declared, not proven; give it a test_number"
    _, told = chapar("gateway", "test", "sim", code=2)
    assert told["error"]["field"] == "to"
    assert chapar("gateway", "test", "sim", "--to", "09129999999", code=0)[1]["result"] == "proven"
    checks = {check["name"]: check for check in chapar("doctor")[1]["checks"]}
    assert checks["self-test sim"] == {
        "name": "self-test sim",
        "ok": True,
        "say": "G1, proven by its self-test",
    }


def test_a_blind_gateway_has_nothing_to_prove(chapar: Chapar) -> None:
    chapar("gateway", "set", "sim", "@", stdin=SIM | {"class": "G0"}, code=0)
    assert chapar("gateway", "test", "sim", code=0)[1]["result"] == "nothing"


@pytest.mark.parametrize(
    ("number", "say"), [("02188888888", "landline"), ("12", "few digits"), (["1"], "string")]
)
def test_a_number_that_takes_no_sms_is_refused(chapar: Chapar, number: Any, say: str) -> None:
    _, told = chapar("gateway", "set", "sim", "@", stdin=SIM | {"test_number": number}, code=2)
    assert told["error"]["field"] == "gateways.sim.test_number"
    assert say in told["error"]["say"]
    assert told["error"]["say_fa"] != told["error"]["say"]
    assert chapar("gateway", "list", code=0)[1]["gateways"] == []


def test_gateways_of_an_adapter_that_there_is_not_are_refused_not_listed_as_none(chapar: Chapar) -> None:
    chapar("gateway", "set", "sim", "@", stdin=SIM, code=0)
    assert len(chapar("gateway", "list", "--adapter", "simulator", code=0)[1]["gateways"]) == 1
    assert chapar("gateway", "list", "--adapter", "http", code=0)[1]["gateways"] == []
    _, told = chapar("gateway", "list", "--adapter", "pigeon", code=2)
    assert told["error"]["field"] == "adapter"
    assert "simulator" in told["error"]["say"]
