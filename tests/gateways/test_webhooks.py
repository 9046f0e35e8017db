"""Receipts and inbound of the contract, read in columns."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways import webhooks
from gateways.forms import forms_as_json
from gateways.gateway import INBOUND, RECEIPTS

ONE = {"id": "1", "ref": "a-1-x", "to": "989121234567", "status": "DELIVERED", "at": "2026-11-22T10:00:00Z"}


def bodies(*given: object) -> pl.Series:
    return pl.Series([one if isinstance(one, str) else json.dumps(one) for one in given], dtype=pl.String)


def test_one_object_and_a_list_are_read_alike() -> None:
    found = webhooks.receipts(bodies(ONE, [ONE, {**ONE, "id": "2"}], "  " + json.dumps(ONE) + "\n"))
    assert found.frame.schema == RECEIPTS
    assert found.frame.get_column("index").to_list() == [0, 1, 1, 2]
    assert found.frame.row(0, named=True) == {
        "index": 0, "ref": "a-1-x", "message_id": None, "to": 989121234567, "gid": "1", "status": "DELIVERED",
        "state": "delivered", "part": None, "at": datetime(2026, 11, 22, 10, tzinfo=UTC),
    }  # fmt: skip
    assert found.rejected.height == 0


def test_numbers_may_come_without_quotes() -> None:
    found = webhooks.receipts(bodies({"id": 7, "to": 989121234567, "status": "EXPIRED", "part": 2}))
    assert found.frame.select("gid", "to", "part").row(0) == ("7", 989121234567, 2)


def test_every_word_of_the_contract_has_its_state_and_others_have_none() -> None:
    words = [*webhooks.STATES, "delivered", "MAYBE"]
    found = webhooks.receipts(bodies(*({**ONE, "status": word} for word in words)))
    assert found.frame.get_column("state").to_list() == [*webhooks.STATES.values(), "delivered", None]
    assert found.frame.get_column("status").to_list()[-1] == "MAYBE"


def test_moments_are_utc_whatever_their_zone() -> None:
    told = [
        "2026-11-22T13:30:00+03:30",
        "2026-11-22T10:00:00.000Z",
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00",
        "soon",
    ]
    found = webhooks.receipts(bodies(*({**ONE, "at": at} for at in told)))
    expected = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert found.frame.get_column("at").to_list() == [expected] * 4 + [None]


@pytest.mark.parametrize("at", ["+12345-01-01T00:00:00Z", "-200000-01-01T00:00:00Z", "1969-12-31T00:00:00Z"])
def test_a_moment_of_another_century_is_none(at: str) -> None:
    assert webhooks.receipts(bodies({**ONE, "at": at})).frame.get_column("at").to_list() == [None]


def test_a_list_is_of_a_thousand_at_most() -> None:
    found = webhooks.receipts(bodies([ONE] * 1_000, [ONE] * 1_001))
    assert found.frame.get_column("index").unique().to_list() == [0]
    assert found.rejected.rows() == [(1, "a list of more than 1000")]


def test_a_poisoned_body_is_rejected_alone() -> None:
    poison = ["", "x", "{", "[1]", '"text"', "{'id':1}", "[{]", "null", "[[]]", "\x00"]
    mixed = [part for bad in poison for part in (json.dumps(ONE), bad)]
    found = webhooks.receipts(bodies(*mixed))
    assert found.frame.get_column("index").to_list() == list(range(0, 20, 2))
    assert found.rejected.get_column("index").to_list() == list(range(1, 20, 2))


def test_a_field_that_holds_more_than_a_value_is_its_json_whoever_stands_beside_it() -> None:
    odd = {"id": {"a": 1}, "status": ["DELIVERED"]}
    for others in ((), ("garbage",), ([ONE],)):
        found = webhooks.receipts(bodies(odd, *others)).frame.row(0, named=True)
        assert (found["gid"], found["status"], found["state"]) == ('{"a":1}', '["DELIVERED"]', None)


def test_a_body_cannot_shift_its_neighbours() -> None:
    two = json.dumps([ONE]) + "," + json.dumps([ONE])
    found = webhooks.receipts(bodies(ONE, two, '[{"id":"', '["}]', '[]},{"rows":[]', ONE))
    assert found.frame.get_column("index").to_list() == [0, 5]
    assert found.rejected.get_column("index").to_list() == [1, 2, 3, 4]


def test_a_receipt_that_names_no_message_or_no_status_is_rejected() -> None:
    found = webhooks.receipts(
        bodies({"status": "DELIVERED"}, {"id": "1"}, {"ref": "a", "status": "X"}, {}, [])
    )
    assert found.frame.height == 0
    assert found.rejected.get_column("index").to_list() == [0, 1, 2, 3]


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=20))
def test_whatever_comes_nothing_is_raised_and_nothing_is_lost_silently(texts: list[str]) -> None:
    found = webhooks.receipts(pl.Series(texts, dtype=pl.String))
    assert set(found.rejected.get_column("index")) <= set(range(len(texts)))


def test_no_bodies_give_empty_frames() -> None:
    assert webhooks.receipts(pl.Series([], dtype=pl.String)).frame.schema == RECEIPTS
    assert webhooks.inbound(pl.Series([], dtype=pl.String)).frame.schema == INBOUND


def test_inbound_needs_sender_receiver_and_text() -> None:
    one = {"id": "m1", "from": "989121234567", "to": "3000", "text": "لغو ۱۱", "at": "2026-11-22T10:00:00Z"}
    found = webhooks.inbound(bodies(one, {**one, "id": None}, {"from": "98912"}))
    assert found.frame.schema == INBOUND
    assert found.frame.select("sender", "to", "text").unique().rows() == [("989121234567", "3000", "لغو ۱۱")]
    assert found.rejected.get_column("index").to_list() == [2]


def test_a_form_is_read_like_the_json_it_stands_for() -> None:
    told = pl.Series(["messageid=5&status=10", '{"a":"1=2"}', "text=%D8%B3%D9%84%D8%A7%D9%85&from=98"])
    assert forms_as_json(told).to_list() == [
        '{"messageid": "5", "status": "10"}', '{"a":"1=2"}', '{"text": "سلام", "from": "98"}',
    ]  # fmt: skip
