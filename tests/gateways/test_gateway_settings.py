"""Gateways come from rows and from CHAPAR_GATEWAYS; a mistake is named by its field; secrets stay hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import clock
from data.errors import Refused
from data.settings import settings
from data.store.tables.base import metadata
from data.store.tables.lines import gateway as table
from gateways import config
from gateways.adapter import ORDER
from gateways.sms import GATEWAYS

GOOD = {
    "adapter": "http",
    "base": "https://sms.example/api",
    "token": "t0ken",
    "secret": "s3cret",
    "class": "G2",
}
SIMULATED: dict[str, object] = {"adapter": "simulator"}


def test_defaults_follow_the_class() -> None:
    for gateway_class, in_flight in (("G0", 1), ("G1", 16), ("G2", 16)):
        found = config.parse_settings("a", {**GOOD, "class": gateway_class}).capabilities()
        assert (found.gateway_class, found.in_flight, found.deadline_seconds) == (
            gateway_class,
            in_flight,
            30.0,
        )


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    found = config.parse_settings("a", GOOD)
    for shown in (repr(found), str(found), found.model_dump_json(), repr(config.make("a", found))):
        assert "t0ken" not in shown
        assert "s3cret" not in shown
    assert found.model_dump_secrets()["token"] == "t0ken"
    assert config.parse_settings("a", found.model_dump_secrets()) == found


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"adapter": "carrier-pigeon"}, "gateways.a.adapter"),
        ({"base": "ftp://x"}, "gateways.a.base"),
        ({"base": "http://user@x"}, "gateways.a.base"),
        ({"bulk": 0}, "gateways.a.bulk"),
        ({"bulk": "many"}, "gateways.a.bulk"),
        ({"class": "G3"}, "gateways.a.class"),
        ({"deadline_s": -1}, "gateways.a.deadline_s"),
        ({"codes": {"x": {"outcome": "perhaps"}}}, "gateways.a.codes.x.outcome"),
        ({"test_number": "021-88888888"}, "gateways.a.test_number"),
        ({"test_line": "a b"}, "gateways.a.test_line"),
        ({"colour": "red"}, "gateways.a.colour"),
        ({"base": ""}, "gateways.a.base"),
        ({"secret": "a/b"}, "gateways.a.secret"),
        ({"secret": "راز"}, "gateways.a.secret"),
        ({"token": "t0ken\nb"}, "gateways.a.token"),
        ({"token": "t0ken b"}, "gateways.a.token"),
        ({"token": "t0ken\n"}, "gateways.a.token"),
        ({"token": "t0ken‌رمز"}, "gateways.a.token"),
        ({"adapter": "kavenegar", "token": ""}, "gateways.a.token"),
        ({"adapter": "kavenegar", "token": "t0ken/b"}, "gateways.a.token"),
        (SIMULATED | {"behaviour": {"rates": {"earthquake": 0.1}}}, "gateways.a.behaviour.rates"),
        (SIMULATED | {"behaviour": {"rates": {"429": 1.5, "402": -0.6}}}, "gateways.a.behaviour.rates"),
        (SIMULATED | {"behaviour": {"mood": "bad"}}, "gateways.a.behaviour.mood"),
        (SIMULATED | {"behaviour": {"losses": 2}}, "gateways.a.behaviour.losses"),
        (SIMULATED | {"behaviour": []}, "gateways.a.behaviour"),
        ({"behaviour": {"losses": 1}}, "gateways.a.behaviour"),  # of a simulator alone
        ({"adapter": "kavenegar", "class": "G2"}, "gateways.a.class"),
        ({"adapter": "kavenegar", "class": "G1", "window_s": 5}, "gateways.a.window_s"),
        ({"adapter": "kavenegar", "class": "G1", "lookup_s": 43_201}, "gateways.a.lookup_s"),
        ({"adapter": "kavenegar", "class": "G1", "lookup_s": None}, "gateways.a.lookup_s"),
        ({"lookup_s": 0}, "gateways.a.lookup_s"),
        ({"bulk": 10**400}, "gateways.a.bulk"),
        ({"deadline_s": 10**400}, "gateways.a.deadline_s"),
        ({"deadline_s": "nan"}, "gateways.a.deadline_s"),
        ({"quiet_s": "inf"}, "gateways.a.quiet_s"),
        ({"window_s": 1e300}, "gateways.a.window_s"),
        ({"codes": {"x": {"stops_line": "maybe"}}}, "gateways.a.codes.x.stops_line"),
    ],
)
def test_a_mistake_is_named_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as caught:
        config.parse_settings("a", {**GOOD, **change})
    assert caught.value.field == field
    assert "t0ken" not in str(caught.value)
    assert caught.value.fa != caught.value.en
    pydantic = (
        "Input should",
        "Extra inputs",
        "String should",
        "Value error",
        "valid integer",
        "Field required",
    )
    assert not any(words in caught.value.en for words in pydantic), caught.value.en


def test_a_class_that_an_adapter_cannot_have_is_refused_with_the_best_that_it_can() -> None:
    for adapter in GATEWAYS.values():
        for wanted in ORDER:
            given = {**GOOD, "adapter": adapter.name, "class": wanted}
            if adapter.limits.can_be(wanted):
                assert config.parse_settings("a", given).gateway_class == wanted
                continue
            with pytest.raises(Refused, match=f"{adapter.limits.best_class} at best") as caught:
                config.parse_settings("a", given)
            assert adapter.limits.best_class in caught.value.fa


def test_settings_stored_before_there_were_limits_are_taken_for_what_can_be() -> None:
    former = {
        "adapter": "kavenegar", "base": "", "token": "5A6B", "secret": "s", "class": "G2", "bulk": 300,
        "deadline_s": 30.0, "quiet_s": 900.0, "window_s": 21600.0, "in_flight": None, "codes": {},
        "behaviour": {}, "test_number": "", "test_line": "",
    }  # fmt: skip
    found = config.stored("a", former)
    assert (found.gateway_class, found.bulk, found.lookup_s) == ("G1", 200, 43_200)
    assert config.stored("a", former | {"adapter": "simulator", "behaviour": {"losses": 1}}).behaves()
    with pytest.raises(Refused, match="colour"):
        config.stored("a", former | {"colour": "red"})


def test_kavenegar_without_a_key_is_refused() -> None:
    with pytest.raises(Refused, match="write the API key") as caught:
        config.parse_settings("a", {"adapter": "kavenegar"})
    assert caught.value.field == "gateways.a.token"


def test_a_token_may_have_every_sign_that_a_header_carries() -> None:
    token = "".join(map(chr, range(0x21, 0x7F)))
    assert config.parse_settings("a", {**GOOD, "token": token}).token.get_secret_value() == token


def test_a_fault_that_does_not_exist_is_refused_with_its_name_and_those_that_do() -> None:
    with pytest.raises(Refused, match="no fault earthquake; use some of 429, 402") as caught:
        config.parse_settings(
            "a", {**GOOD, "adapter": "simulator", "behaviour": {"rates": {"earthquake": 0.1}}}
        )
    assert "earthquake" in caught.value.fa


@pytest.mark.parametrize("written", ["۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567", 9121234567, "989121234567"])
def test_a_test_number_is_kept_as_people_write_it(written: object) -> None:
    found = config.parse_settings("a", {**GOOD, "test_number": written})
    assert (found.test_number, found.test_msisdn()) == ("09121234567", 989121234567)
    assert config.parse_settings("a", found.model_dump_secrets()) == found
    assert config.parse_settings("a", GOOD).test_msisdn() is None


@pytest.mark.parametrize("name", ["", "a/b", "A", "-a", "a" * 41, "a b"])
def test_a_name_must_fit_in_the_address_of_a_webhook(name: str) -> None:
    with pytest.raises(Refused):
        config.parse_settings(name, GOOD)


@pytest.mark.parametrize("value", ["{", "[]", "/no/such/file", '{"a": 5}', '{"a": {}}'])
def test_a_variable_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        config.from_variable(value)


def test_the_variable_may_be_json_or_the_path_of_a_file(tmp_path: Path) -> None:
    text = json.dumps({"a": GOOD})
    (tmp_path / "g.json").write_text(text)
    assert config.from_variable(text) == config.from_variable(str(tmp_path / "g.json"))
    assert config.from_variable("  ") == {}


def test_the_variable_wins_over_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine, tables=[table])
    monkeypatch.setenv("CHAPAR_GATEWAYS", json.dumps({"b": {**GOOD, "secret": "other"}}))
    settings.cache_clear()
    with engine.begin() as c:
        for name in ("a", "b"):
            row = {"name": name, "adapter": "http", "settings": GOOD}
            c.execute(sa.insert(table).values(**row, created_at=clock.now(), changed_at=clock.now()))
        assert config.webhook_secrets(config.load_settings(c)) == {"a": "s3cret", "b": "other"}
        assert {name: gateway.name for name, gateway in config.load_gateways(c).items()} == {
            "a": "a",
            "b": "b",
        }
    engine.dispose()
