"""The contract of docs/gateways.md: bodies built in columns, answers matched by number."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from batches import FIRST, batch, gateway, sent
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import says, serving

from data import clock
from data.errors import Retryable
from gateways import contract
from gateways.gateway import RESULTS, Outcome, Outgoing

HOSTILE = [
    "", '"', "\\", '\\"', "\n\r\t", "\x00\x01\x1f\x7f", "\u2028\u2029", "😀👩‍👩‍👧", "می‌خواهم",
    "</script>", "{name}", "\ufeff", "\ud7ff",
    '"},{"to":"989990000000","text":"x', "a" * 5000,
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=20))
def test_a_body_says_what_json_dumps_would_say(texts: list[str]) -> None:
    _same_as_json_dumps(texts)


def test_hostile_texts_stay_texts() -> None:
    _same_as_json_dumps(HOSTILE)


def _same_as_json_dumps(texts: list[str]) -> None:
    numbers = range(FIRST, FIRST + len(texts))
    frame = pl.DataFrame(
        {"pos": range(1, len(texts) + 1), "msisdn": numbers, "text": texts, "parts": [1] * len(texts)},
        schema={"pos": pl.UInt32, "msisdn": pl.UInt64, "text": pl.String, "parts": pl.UInt16},
    )
    body = contract.send_body(Outgoing('r"1\\', 1, "خط", frame))
    messages = [{"to": str(to), "text": text, "parts": 1} for to, text in zip(numbers, texts, strict=True)]
    expected = {"ref": 'r"1\\', "line": "خط", "messages": messages}
    assert json.loads(body) == json.loads(json.dumps(expected)) == expected


def yes(i: int, **more: Any) -> dict[str, Any]:
    return {"to": str(FIRST + i), "ok": True, "id": f"g{i}", **more}


def no(i: int, code: str | None) -> dict[str, Any]:
    return {"to": str(FIRST + i), "ok": False, "code": code}


def answered(results: Any, n: int = 3, status: str = "200 OK", **settings: Any) -> Outcome:
    with serving(says(status, json.dumps({"results": results}).encode())) as server:
        return sent(gateway(server.address, **settings), batch(n), deadline_at=clock.monotonic() + 10)


def test_an_answer_in_any_order_is_matched_by_number() -> None:
    outcome = answered([yes(2), no(0, "blacklist"), yes(1)])
    assert outcome.kind == "ok"
    assert outcome.results is not None
    assert outcome.results.schema == RESULTS
    assert outcome.results.rows() == [
        (1, False, None, "blacklist", "blacklisted"),
        (2, True, "g1", None, "submitted"),
        (3, True, "g2", None, "submitted"),
    ]


def test_an_answer_in_our_order_has_the_same_columns() -> None:
    outcome = answered([yes(0), yes(1), yes(2)])
    assert outcome.results is not None
    assert outcome.results.schema == RESULTS
    assert outcome.results.get_column("gid").to_list() == ["g0", "g1", "g2"]


@pytest.mark.parametrize(
    "results",
    [
        [yes(0), yes(1)],
        [yes(0), yes(1), yes(1)],
        [yes(0), yes(1), yes(7)],
        [yes(0), yes(1), yes(2), yes(2)],
        [yes(0), yes(1), yes(2), yes(3)],
        [yes(0), yes(1), {"to": "nobody", "ok": True, "id": "1"}],
        [yes(0), yes(1), {"to": str(FIRST + 2), "ok": True}],
        [yes(0), yes(1), {"to": str(FIRST + 2), "ok": None, "id": "1"}],
        [yes(0), yes(1), {"to": str(FIRST + 2), "ok": "yes", "id": "1"}],
        [yes(0), yes(1), no(2, "never heard of")],
        [yes(0), yes(1), no(2, None)],
        [yes(0), yes(1), [1]],
        [],
        None,
        {},
    ],
)
def test_an_answer_that_does_not_name_each_message_once_proves_nothing(results: Any) -> None:
    assert answered(results).kind == "amb"


def test_numbers_and_ids_without_quotes_are_understood() -> None:
    outcome = answered([{"to": FIRST + i, "ok": True, "id": 10 + i} for i in range(3)])
    assert outcome.results is not None
    assert outcome.results.get_column("gid").to_list() == ["10", "11", "12"]


def test_a_call_of_which_nothing_was_accepted_is_refused_with_its_reasons() -> None:
    outcome = answered([no(0, "blacklist"), no(1, "invalid_number"), no(2, "bad_text")])
    assert outcome.kind == "rej"
    assert outcome.results is not None
    assert outcome.results.get_column("state").to_list() == ["blacklisted", "rejected", "rejected"]


def test_a_call_refused_for_want_of_credit_was_not_sent_and_stops_the_line() -> None:
    outcome = answered([no(i, "no_credit") for i in range(3)])
    assert (outcome.kind, outcome.stops_line, outcome.code) == ("notsent", True, "no_credit")


def test_a_throttled_call_may_be_made_later() -> None:
    outcome = answered([no(i, "throttled") for i in range(3)])
    assert (outcome.kind, outcome.stops_line) == ("notsent", False)


def test_the_settings_add_codes_and_statuses() -> None:
    codes = {"moon": {"outcome": "rej", "state": "not_at_operator"}, "503": {"outcome": "notsent"}}
    outcome = answered([yes(0), yes(1), no(2, "moon")], codes=codes)
    assert outcome.results is not None
    assert outcome.results.get_column("state").to_list()[2] == "not_at_operator"
    assert answered([], status="503 Busy", codes=codes).kind == "notsent"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b'{"found":false}', "200 OK", "rej"),
        (b'{"found":true,"results":[]}', "200 OK", "amb"),
        (b'{"results":[]}', "200 OK", "amb"),
        (b"<html>", "200 OK", "amb"),
        (b"{}", "404 Not Found", "amb"),
        (b"{}", "400 Bad Request", "amb"),
        (b'{"code":"no_credit"}', "402 x", "amb"),
    ],
)
def test_only_found_false_means_not_there(body: bytes, status: str, kind: str) -> None:
    with serving(says(status, body)) as server:
        outcome = gateway(server.address, **{"class": "G1"}).look_up(batch(3))
    assert outcome is not None
    assert outcome.kind == kind
    assert (outcome.code == "not_found") is (kind == "rej")


def test_a_look_up_that_finds_gives_the_results() -> None:
    with serving(says("200 OK", json.dumps({"found": True, "results": [yes(1), yes(0)]}).encode())) as server:
        outcome = gateway(server.address, **{"class": "G2"}).look_up(batch(2, ref="a b"))
        assert b"GET /lookup?ref=a%20b HTTP" in server.received[0]
    assert outcome is not None
    assert outcome.kind == "ok"


def test_a_blind_gateway_cannot_be_asked() -> None:
    assert gateway("http://127.0.0.1:9").look_up(batch()) is None


def test_every_call_carries_the_token() -> None:
    with serving(says("200 OK", b'{"balance_rials": 5}')) as server:
        assert gateway(server.address, token="k3y").credit() == 5
        assert b"Authorization: Bearer k3y\r\n" in server.received[0]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"balance_rials":"much"}', b"{}"])
def test_a_balance_that_is_not_told_is_asked_again(body: bytes) -> None:
    with serving(says("200 OK", body)) as server, pytest.raises(Retryable):
        gateway(server.address).credit()
