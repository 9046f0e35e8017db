"""Kavenegar against a server that speaks its wire format; its code tables as cases."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest
from batches import FIRST, batch, gateway, sent
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from data import clock
from data.errors import Retryable
from gateways.gateway import Answer, Gateway, Outcome
from gateways.sms.kavenegar import RETURNS, STATES, KavenegarGateway, words_of

KEY = "5A6B7C8D"
RUN = 7


def adapter(server: HTTPServer) -> Gateway:
    return gateway(server.url_for("/"), "kavenegar", token=KEY, **{"class": "G1"})


def answer(entries: Any, status: int = 200) -> dict[str, Any]:
    return {"return": {"status": status, "message": "تایید شد"}, "entries": entries}


def entry(i: int, status: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "messageid": 8792343 + i, "message": "x", "status": status, "statustext": "…", "sender": "3000",
        "receptor": f"0{FIRST + i - 980000000000}", "date": 1356619709, "cost": 120, **more,
    }  # fmt: skip


def submitted(
    server: HTTPServer, told: Any, n: int = 3, text: str = "سلام"
) -> tuple[Outcome, dict[str, list[str]]]:
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        request.get_data()
        return Response(json.dumps(told), content_type="application/json")

    method = "sendarray" if "{i}" in text else "send"
    server.expect_oneshot_request(f"/v1/{KEY}/sms/{method}.json", method="POST").respond_with_handler(handler)
    outcome = sent(adapter(server), batch(n, text=text, run_id=RUN), deadline_at=clock.monotonic() + 10)
    return outcome, parse_qs(seen[0].get_data().decode())


def test_one_text_goes_by_send_with_a_local_id_for_each(httpserver: HTTPServer) -> None:
    outcome, form = submitted(httpserver, answer([entry(2), entry(0), entry(1, 5)]))
    assert form["receptor"] == ["09121000000,09121000001,09121000002"]
    assert form["localid"] == [",".join(str(RUN << 32 | pos) for pos in (1, 2, 3))]
    assert (form["sender"], form["message"]) == (["3000"], ["سلام"])
    assert outcome.kind == "ok"
    assert outcome.results is not None
    assert outcome.results.get_column("gid").to_list() == ["8792343", "8792344", "8792345"]


def test_different_texts_go_by_sendarray(httpserver: HTTPServer) -> None:
    outcome, form = submitted(httpserver, answer([entry(0), entry(1), entry(2)]), text='"{i}" سلام & =')
    assert json.loads(form["message"][0]) == [f'"{i}" سلام & =' for i in range(3)]
    assert json.loads(form["receptor"][0]) == ["09121000000", "09121000001", "09121000002"]
    assert json.loads(form["sender"][0]) == ["3000"] * 3
    assert json.loads(form["localmessageids"][0]) == [str(RUN << 32 | pos) for pos in (1, 2, 3)]
    assert outcome.kind == "ok"


def test_a_blocked_number_is_refused_and_the_others_go(httpserver: HTTPServer) -> None:
    outcome, _ = submitted(httpserver, answer([entry(0), entry(1, 14), entry(2)]))
    assert outcome.results is not None
    assert outcome.results.get_column("state").to_list() == ["submitted", "blacklisted", "submitted"]


@pytest.mark.parametrize(
    "entries",
    [[entry(0), entry(1)], [entry(0), entry(1), entry(1)], [entry(0), entry(1), entry(2, 77)], [], None],
)
def test_an_answer_that_does_not_name_each_message_once_proves_nothing(
    httpserver: HTTPServer, entries: Any
) -> None:
    assert submitted(httpserver, answer(entries))[0].kind == "amb"


@pytest.mark.parametrize("code", sorted(RETURNS))
def test_every_documented_return_status_has_its_outcome(httpserver: HTTPServer, code: str) -> None:
    outcome, _ = submitted(httpserver, answer(None, int(code)))
    meaning = RETURNS[code][0]
    assert (outcome.kind, outcome.stops_line, outcome.code) == (meaning.outcome, meaning.stops_line, code)


def test_the_table_has_the_documented_statuses() -> None:
    documented = "400 401 402 403 404 405 406 407 409 411 412 413 414 415 416 417 418 419 422 424 426"
    assert set(documented.split()) <= set(RETURNS)
    assert {code for code, (meaning, _, _) in RETURNS.items() if meaning.stops_line} == {
        "401", "403", "407", "412", "416", "418", "426", "427", "501",
    }  # fmt: skip
    assert {code for code, (meaning, _, _) in RETURNS.items() if meaning.outcome == "amb"} == {"402", "409"}


def test_a_refused_call_is_told_in_the_providers_words(httpserver: HTTPServer) -> None:
    outcome, _ = submitted(httpserver, answer(None, 418))
    assert outcome.code is not None
    assert words_of(outcome.code) == ("اعتبار شما کافی نمی‌باشد", "your credit is not enough")
    assert words_of("412") == ("ارسال‌کننده نامعتبر است", "the sender is not valid")
    assert words_of("299") is None


def test_an_unlisted_return_status_proves_nothing(httpserver: HTTPServer) -> None:
    assert submitted(httpserver, answer([entry(i) for i in range(3)], 299))[0].kind == "amb"


def looked_up(server: HTTPServer, rows: list[dict[str, Any]]) -> Outcome | None:
    path = f"/v1/{KEY}/sms/statuslocalmessageid.json"
    server.expect_oneshot_request(path, method="POST").respond_with_json(answer(rows))
    return adapter(server).look_up(batch(2, run_id=RUN))


def local(pos: int, status: int, gid: int | None = None) -> dict[str, Any]:
    return {"messageid": gid or 0, "localid": str(RUN << 32 | pos), "status": status, "statustext": "…"}


@pytest.mark.parametrize(
    ("rows", "kind", "code"),
    [
        ([local(2, 10, 9), local(1, 4, 8)], "ok", None),
        ([local(1, 100), local(2, 100)], "rej", "not_found"),
        ([local(1, 100), local(2, 4, 8)], "amb", "200"),
        ([local(1, 100)], "amb", "200"),
        ([local(1, 4, 8), local(9, 4, 9)], "amb", "200"),
        ([local(1, 4, 8), local(2, 10)], "amb", "200"),
        ([local(1, 4, 8), local(2, 77, 9)], "amb", "200"),
    ],
)
def test_a_look_up_is_certain_only_when_it_speaks_of_every_message(
    httpserver: HTTPServer, rows: list[dict[str, Any]], kind: str, code: str | None
) -> None:
    outcome = looked_up(httpserver, rows)
    assert outcome is not None
    assert (outcome.kind, outcome.code) == (kind, code)


@pytest.mark.parametrize("statuses", [(10, 11), (11, 11), (6, 14), (13, 4)])
def test_a_message_with_an_id_was_accepted_whatever_became_of_it_since(
    httpserver: HTTPServer, statuses: tuple[int, int]
) -> None:
    outcome = looked_up(httpserver, [local(pos, status, 7 + pos) for pos, status in enumerate(statuses, 1)])
    assert outcome is not None
    assert outcome.kind == "ok"
    assert outcome.results is not None
    assert outcome.results.select("gid", "code", "state").rows() == [
        ("8", None, "submitted"), ("9", None, "submitted"),
    ]  # fmt: skip


def test_a_looked_up_message_without_an_id_was_refused(httpserver: HTTPServer) -> None:
    mixed = looked_up(httpserver, [local(1, 11, 8), local(2, 14)])
    assert mixed is not None
    assert mixed.results is not None
    assert mixed.results.get_column("state").to_list() == ["submitted", "blacklisted"]
    none = looked_up(httpserver, [local(1, 6), local(2, 14)])
    assert none is not None
    assert none.results is not None
    assert (none.kind, none.results.get_column("state").to_list()) == ("rej", ["failed", "blacklisted"])


def test_receipts_come_as_forms_and_as_queries(httpserver: HTTPServer) -> None:
    told = [f'{{"messageid":"{i}","status":"{status}"}}' for i, status in enumerate(STATES)]
    found = adapter(httpserver).parse_receipts(pl.Series([*told, "messageid=77&status=10", "status=10", "x"]))
    assert found.frame.get_column("state").to_list() == [*STATES.values(), "delivered"]
    assert found.frame.get_column("gid").to_list()[-1] == "77"
    assert found.rejected.get_column("index").to_list() == [len(STATES) + 1, len(STATES) + 2]


def test_inbound_has_sender_line_and_text(httpserver: HTTPServer) -> None:
    bodies = pl.Series(["from=09121234567&to=3000&message=%D8%B3%D9%84%D8%A7%D9%85&messageid=5"])
    found = adapter(httpserver).parse_inbound(bodies)
    assert found.frame.select("gid", "sender", "to", "text").row(0) == ("5", "09121234567", "3000", "سلام")


def test_credit_is_in_rial(httpserver: HTTPServer) -> None:
    path = f"/v1/{KEY}/account/info.json"
    httpserver.expect_oneshot_request(path).respond_with_json(
        answer({"remaincredit": 1500032, "type": "master"})
    )
    assert adapter(httpserver).credit() == 1500032
    httpserver.expect_oneshot_request(path).respond_with_json(answer(None, 403))
    with pytest.raises(Retryable):
        adapter(httpserver).credit()


def test_statuses_and_unread_messages_can_be_fetched(httpserver: HTTPServer) -> None:
    kavenegar = adapter(httpserver)
    assert isinstance(kavenegar, KavenegarGateway)
    httpserver.expect_oneshot_request(f"/v1/{KEY}/sms/status.json").respond_with_json(
        answer([{"messageid": 5, "status": 10, "statustext": "…"}])
    )
    told = kavenegar.parse_receipts(bodies_of(kavenegar.ask_receipts(pl.Series(["5"])))).frame
    assert told.select("gid", "status", "state").rows() == [("5", "10", "delivered")]
    inbound = [{"messageid": 6, "message": "سلام", "sender": "09121234567", "receptor": "3000", "date": 0}]
    httpserver.expect_oneshot_request(f"/v1/{KEY}/sms/receive.json").respond_with_json(answer(inbound))
    written = kavenegar.parse_inbound(bodies_of(kavenegar.ask_inbound("3000"))).frame
    assert written.select("gid", "sender", "to", "text").row(0) == ("6", "09121234567", "3000", "سلام")


def bodies_of(told: Answer) -> pl.Series:
    return pl.Series([told.body.decode()])


def test_a_call_never_has_more_than_two_hundred_messages(httpserver: HTTPServer) -> None:
    assert gateway("", "kavenegar", token=KEY, bulk=5000).capabilities.bulk == 200
