"""An order to rented numbers is an advert, whatever it says of itself: its blocked are left out, its text
ends with the way out, and no service line carries it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data import clock
from data.errors import Refused
from data.records import accounts, lines
from data.records.campaigns import Draft
from data.store import operations
from data.use_cases.floor import new_key
from targeting import adverts
from targeting.audience import build, parse_audience
from targeting.orders import checking, choosing
from tests.targeting.conftest import TODAY, Bank

EVERYBODY = {"any": [{"kind": "region", "province": "23"}, {"kind": "region", "province": "10"}]}
OWN = {"any": [{"kind": "numbers", "numbers": ["09121234567"]}]}
HIDDEN = {"any": OWN["any"], "none": [{"any": [{"any": EVERYBODY["any"]}]}]}


@pytest.fixture
def shop(home: Path) -> int:
    with operations.writing() as c:
        account_id = accounts.create_account(
            c, accounts.NewAccount("shop", credit_rials=10**9), actor="test", now=clock.now()
        )
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="test", now=clock.now())
        for name, kind in (("5000", "ad"), ("3000", "service")):
            new = lines.NewLine(name, "sim", account_id, kind, 90, 60)
            lines.create_line(c, new, actor="test", now=clock.now())
    assert home
    return account_id


def order(account_id: int, line: str, audience: dict[str, Any], **more: Any) -> Draft:
    file = {"line": line, "text": "سلام", "audience": audience} | more
    who = checking.Orderer(account_id, "test", new_key())
    with operations.reading() as c:
        return checking.draft_of(c, file, who, now=clock.now())


@pytest.mark.parametrize("audience", [EVERYBODY, HIDDEN])
def test_a_service_line_carries_nothing_to_rented_numbers(shop: int, audience: dict[str, Any]) -> None:
    for said in ({}, {"advertising": False}, {"advertising": True}):
        with pytest.raises(Refused) as refused:
            order(shop, "3000", audience, **said)
        assert refused.value.field == "line"
    assert not order(shop, "3000", OWN).advertising


@pytest.mark.parametrize("audience", [EVERYBODY, OWN])
def test_on_an_advertising_line_false_is_a_contradiction(shop: int, audience: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        order(shop, "5000", audience, advertising=False)
    assert refused.value.field == "advertising"
    for said in ({}, {"advertising": True}):
        made = order(shop, "5000", audience, **said)
        assert (made.advertising, made.text) == (True, "سلام\nلغو۱۱")
    assert order(shop, "3000", OWN).text == "سلام"


def test_whoever_blocked_adverts_is_left_out_and_the_way_out_is_paid_for(shop: int, bank: Bank) -> None:
    made = order(shop, "5000", EVERYBODY, text="س" * 65)
    with operations.reading() as c:
        scope = choosing.scope_of(c, replace(made, advertising=False), today=TODAY)
    built = build(parse_audience(made.audience), bank.population, scope)
    blocked = set(bank.people.filter("opted_out")["msisdn"])
    assert blocked
    assert not blocked & set(built.frame["msisdn"])
    assert made.text.endswith("لغو۱۱")


def test_an_order_that_an_older_version_took_is_refused_when_it_is_planned(shop: int) -> None:
    made = order(shop, "5000", EVERYBODY)
    with operations.reading() as c:
        service = next(line.id for line in lines.of_account(c, shop) if line.kind == "service")
        with pytest.raises(Refused) as refused:
            choosing.scope_of(c, replace(made, line_id=service), today=TODAY)
    assert refused.value.field == "line"


def test_words_of_selling_on_a_service_line_are_warned_of_and_sent(shop: int) -> None:
    with operations.reading() as c:
        service, ad = (lines.find(c, shop, name) for name in ("3000", "5000"))
    assert service
    assert ad
    [notice] = adverts.sale_notices(service, "حراج تا فردا")
    assert "حراج" in notice.fa
    assert adverts.sale_notices(ad, "حراج تا فردا") == []
    assert order(shop, "3000", OWN, text="حراج تا فردا").text == "حراج تا فردا"
