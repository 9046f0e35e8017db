"""A gateway that must be asked is asked: little at a time, and what it says is on disk before it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from desk import FIRST_NUMBER
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from data.store import spool
from flows.steps import asking, receiving
from gateways import config

Opened = Callable[..., Any]
PRICE, CREDIT = 90, 1_000_000


class Provider:
    """Kavenegar on its last day: it takes messages, pushes nothing and answers what it is asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.by_localid: dict[str, dict[str, Any]] = {}
        self.words: dict[int, int] = {}  # messageid → status
        self.asked: list[list[str]] = []
        self.unread: list[dict[str, Any]] = []
        self.answers_with: int | None = None
        self.drops_after_taking = False
        for method in ("send", "sendarray", "status", "statuslocalmessageid", "receive"):
            server.expect_request(f"/v1/k/sms/{method}.json").respond_with_handler(getattr(self, method))

    def said(self, entries: Any) -> Response:
        if self.answers_with:
            return Response("later", self.answers_with)
        return Response(json.dumps({"return": {"status": 200, "message": "ok"}, "entries": entries}))

    def send(self, request: Request) -> Response:
        form = parse_qs(request.get_data().decode())
        taken = []
        for to, local in zip(form["receptor"][0].split(","), form["localid"][0].split(","), strict=True):
            gid = 1_000 + len(self.by_localid)
            taken.append({"messageid": gid, "status": 1, "receptor": to, "localid": local})
            self.by_localid[local] = taken[-1]
        return Response("", 502) if self.drops_after_taking else self.said(taken)

    sendarray = send

    def status(self, request: Request) -> Response:
        ids = parse_qs(request.get_data().decode())["messageid"][0].split(",")
        self.asked.append(ids)
        return self.said([{"messageid": int(one), "status": self.words.get(int(one), 100)} for one in ids])

    def statuslocalmessageid(self, request: Request) -> Response:
        ids = parse_qs(request.get_data().decode())["localid"][0].split(",")
        known = [self.by_localid.get(one, {"messageid": 0, "status": 100}) | {"localid": one} for one in ids]
        return self.said(known)

    def receive(self, request: Request) -> Response:
        found, self.unread = self.unread, []
        return self.said(found or None)


@pytest.fixture
def provided(desk: Opened, httpserver: HTTPServer) -> Any:
    d = desk("G1")
    given = {"adapter": "kavenegar", "base": httpserver.url_for("/"), "token": "k", "class": "G1",
             "quiet_s": 10, "bulk": 100}  # fmt: skip
    d.gateway = config.make("sim", config.parse_settings("sim", given))
    d.provider = Provider(httpserver)
    return d


def test_receipts_that_are_never_brought_are_asked_for_and_folded(provided: Any, clock: Any) -> None:
    d = provided
    run_id = d.run(4)
    d.tick()
    assert d.states(run_id) == {"submitted": 4}
    d.provider.words = {1_000: 10, 1_001: 14, 1_002: 5}
    assert asking.ask_due(d.box) == 1
    assert d.provider.asked == [["1000", "1001", "1002", "1003"]]
    heard = receiving.drain(d.box)
    assert (heard.receipts, heard.unmatched, heard.quarantined) == (3, 0, 0), "an unknown id says nothing"
    assert d.states(run_id) == {"delivered": 1, "blacklisted": 1, "at_operator": 1, "submitted": 1}
    clock.advance(seconds=61)
    d.settle()
    assert d.money().available == CREDIT - 3 * PRICE
    assert asking.ask_due(d.box) == 1
    assert d.provider.asked[-1] == ["1002", "1003"], "who has an end is not asked about"
    d.clean()


def test_questions_are_few_spaced_and_end(
    provided: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = provided
    monkeypatch.setattr(asking, "CALLS_MAX", 2)  # one of them for the line
    d.gateway.asking = type(d.gateway.asking)(3, 48 * 3600.0, inbound=True)
    d.run(7)
    d.tick()
    assert [asking.ask_due(d.box) for _ in range(4)] == [1, 2, 0, 0], "a pass, what was left of it, a pause"
    assert [len(ids) for ids in d.provider.asked] == [3, 3, 1]
    clock.advance(seconds=61)
    assert asking.ask_due(d.box) == 1
    assert d.provider.asked[-1] == ["1000", "1001", "1002"]
    clock.advance(hours=49)
    d.provider.asked.clear()
    asking.ask_due(d.box)
    asking.ask_due(d.box)
    assert d.provider.asked == [], "nobody knows any more"


def test_who_does_not_answer_is_left_alone_for_a_while(provided: Any, clock: Any) -> None:
    d = provided
    d.run(2)
    d.tick()
    d.provider.answers_with = 503
    assert [asking.ask_due(d.box) for _ in range(3)] == [0, 0, 0]
    assert len(d.provider.asked) <= 1
    d.provider.answers_with = None
    d.provider.words = {1_000: 10}
    clock.advance(seconds=61)
    assert asking.ask_due(d.box) >= 1
    assert receiving.drain(d.box).receipts == 1


def test_what_people_write_is_on_disk_before_it_is_read(provided: Any, clock: Any) -> None:
    d = provided
    d.provider.unread = [
        {"messageid": 7, "message": "لغو۱۱", "sender": "09121111111", "receptor": "3000", "date": 1356619709}
    ]
    assert asking.ask_due(d.box) == 1
    (segment,) = spool.sealed("mo")
    bodies = spool.read([segment])
    assert bodies["gateway"].to_list() == ["sim"]
    told = d.gateway.parse_inbound(bodies["body"]).frame
    assert told.select("gid", "sender", "to", "text").rows() == [("7", "09121111111", "3000", "لغو۱۱")]
    assert told["at"][0].timestamp() == 1356619709
    clock.advance(seconds=61)
    assert asking.ask_due(d.box) == 0, "an empty answer is not kept"
    assert spool.sealed("mo") == [segment]


def test_an_absence_past_the_memory_of_the_gateway_sends_nothing_again(provided: Any, clock: Any) -> None:
    d = provided
    d.provider.drops_after_taking = True
    run_id = d.run(2)
    d.tick()
    assert d.states(run_id) == {"unknown": 2}
    taken = len(d.provider.by_localid)
    d.provider.by_localid, d.provider.drops_after_taking = {}, False
    clock.advance(hours=13)
    for _ in range(3):
        d.tick()
        clock.advance(minutes=10)
    assert d.provider.by_localid == {}, "nothing was sent again"
    assert taken == 2
    assert d.states(run_id) == {"unknown": 2}
    d.clean()


def test_an_absence_within_its_memory_is_proof(provided: Any, clock: Any) -> None:
    d = provided
    d.provider.drops_after_taking = True
    run_id = d.run(2)
    d.tick()
    d.provider.by_localid, d.provider.drops_after_taking = {}, False
    clock.advance(hours=11)
    d.tick()
    d.tick()
    assert d.states(run_id) == {"submitted": 2}
    assert timedelta(seconds=d.gateway.capabilities.lookup_seconds) == timedelta(hours=12)
    assert FIRST_NUMBER
