"""Lines and accounts are opened and changed by what their input models let through, whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data import clock as the_clock
from data.errors import Refused
from data.records import lines as records
from data.rules import inputs
from data.rules.inputs.account import Account
from data.rules.inputs.line import Line, LineChange
from data.rules.inputs.user import User
from data.rules.line import CAN
from data.store import operations
from data.use_cases import accounts, lines
from data.use_cases.floor import OPERATOR

LINE = {"name": "3000", "gateway": "sim", "kind": "ad", "price": 90, "cost": 60}


@pytest.fixture
def shop(home: Path) -> str:
    """The account `shop`, and a gateway `sim` that carries no line yet."""
    accounts.create(OPERATOR, {"name": "shop", "credit": 5_000})
    with operations.writing() as c:
        records.set_gateway(c, "sim", adapter="simulator", values={}, actor="t", now=the_clock.now())
    return "shop"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "Bad Name", "use 1-64 of a-z 0-9"),
        ("name", "", "this field is required"),
        ("name", "x" * 65, "use 1-64"),
        ("name", "shop", "'shop' exists"),
        ("role", "king", "use one of user, reseller, admin"),
        ("credit", -1, "use 0 to 1,000,000,000,000,000 rials"),
        ("credit", 10**15 + 1, "use 0 to"),
        ("credit", "much", "use a whole number"),
        ("title", "ع" * 201, "use at most 200 characters"),
        ("colour", "red", "there is no such field"),
    ],
)
def test_an_account_that_cannot_be_is_refused_by_field(field: str, value: Any, said: str, shop: str) -> None:
    with pytest.raises(Refused) as refused:
        accounts.create(OPERATOR, {"name": "new", field: value})
    assert refused.value.field == field
    assert said in refused.value.en
    assert refused.value.fa != refused.value.en
    assert [one.name for one, _ in accounts.listed(OPERATOR).rows] == [shop]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "سه هزار", "use 1-40 letters, digits"),
        ("name", "3" * 41, "use 1-40"),
        ("kind", "advert", "use one of ad, service"),
        ("price", -1, "use 0 to 1,000,000 rials"),
        ("price", None, "this field is required"),
        ("cost", 1_000_001, "use 0 to 1,000,000 rials"),
        ("latin_price", -7, "use 0 to 1,000,000 rials"),
        ("refund", "never", "use one of send_base, delivery_base"),
        ("ucs2_part_units", 65, "use one of 66, 67"),
        ("can", ["fly"], "use one of receive, demographic"),
        ("gateway", "carrier", "there is no gateway 'carrier'"),
        ("hours", "08:00 22:00", "there is no such field"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_field(field: str, value: Any, said: str, shop: str) -> None:
    with pytest.raises(Refused) as refused:
        lines.create(OPERATOR, shop, LINE | {field: value})
    assert refused.value.field == field
    assert said in refused.value.en
    assert refused.value.fa != refused.value.en
    assert lines.listed(OPERATOR).rows == ()


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({}, "line", "say what is to change"),
        ({"price": None, "refund": ""}, "line", "say what is to change"),
        ({"price": -1}, "price", "use 0 to 1,000,000 rials"),
        ({"latin_price": 1_000_001}, "latin_price", "use 0 to 1,000,000 rials"),
        ({"cost": -3}, "cost", "use 0 to 1,000,000 rials"),
        ({"refund": "never"}, "refund", "use one of"),
        ({"ucs2_part_units": 70}, "ucs2_part_units", "use one of 66, 67"),
        ({"hours": ["25:00", "26:00"]}, "hours", "must be a time such as 08:00"),
        ({"hours": ["08:00"]}, "hours", "write two times"),
        ({"hours": ["none"]}, "hours", "an advertising line needs hours"),
        ({"can": "receive fly"}, "can", "use one of receive"),
        ({"kind": "service"}, "kind", "there is no such field"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_of_the_line_changes(
    change: dict[str, Any], field: str, said: str, shop: str
) -> None:
    before = lines.create(OPERATOR, shop, LINE)
    with pytest.raises(Refused) as refused:
        lines.edit(OPERATOR, "3000", change)
    assert refused.value.field == field
    assert said in refused.value.en
    assert refused.value.fa != refused.value.en
    assert lines.show(OPERATOR, "3000") == before


def test_a_change_leaves_what_it_does_not_name(shop: str) -> None:
    before = lines.create(OPERATOR, shop, LINE | {"can": "flash، receive", "latin_price": 0}).line
    assert (before.can, before.tariff.latin_price_rials) == ({"flash", "receive"}, 0)
    after = lines.edit(OPERATOR, "3000", {"hours": "09:30 20:00", "can": ["none"]}).line
    assert (after.window, after.can, after.tariff) == (("09:30", "20:00"), frozenset(), before.tariff)
    after = lines.edit(OPERATOR, "3000", {"price": "120", "refund": "delivery_base"}).line
    assert (after.tariff.price_rials, after.tariff.cost_rials) == (120, 60)
    assert (after.window, after.tariff.refund_policy) == (("09:30", "20:00"), "delivery_base")


@pytest.mark.parametrize("model", [Account, Line, LineChange, User])
def test_every_field_has_its_name_in_both_languages(model: type[inputs.Input]) -> None:
    named = inputs.labels(model)
    assert named.keys() == model.model_fields.keys()
    assert all(one.say("fa") and one.say("en") and one.say("fa") != one.say("en") for one in named.values())


def test_what_a_line_can_has_a_column_each() -> None:
    assert tuple(records.CAPABILITIES) == CAN
