"""What no other reader of JSON stumbles over makes no message unknown (RFC 8259, 8.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from batches import FIRST, batch, gateway, sent
from misbehaving import says, serving

from data import clock
from data.rules.wire_text import text_of
from data.store import spool
from gateways.gateway import Outcome

N = 3
STATUS_TEXT = "ارسال شد"
ANOTHER_PAGE = "Persian of another page"


def cp1256(text: str) -> bytes:
    """The page has no Persian ye."""
    return text.replace("ی", "ي").encode("cp1256")


# how a body may come → (its bytes, the content type that goes with it)
WRAPPED: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a byte order mark": (lambda text: b"\xef\xbb\xbf" + text.encode(), "application/json"),
    "space and a mark": (lambda text: b"\xef\xbb\xbf\r\n " + text.encode() + b"\r\n\t", "application/json"),
    "UTF-16 with its mark": (lambda text: text.encode("utf-16"), "application/json; charset=utf-16"),
    "declared as HTML": (str.encode, "text/html; charset=utf-8"),
    "declared as Latin": (str.encode, "application/json; charset=ISO-8859-1"),
    "declared as nonsense": (str.encode, "application/json; charset=moon"),
    ANOTHER_PAGE: (cp1256, "application/json; charset=utf-8"),
    "of a declared page": (cp1256, "application/json; charset=windows-1256"),
    "nothing declared": (str.encode, ""),
}


def contract(**more: Any) -> dict[str, Any]:
    results = [{"to": str(FIRST + i), "ok": True, "id": f"g{i}"} for i in range(N)]
    return more | {"results": results, "note": STATUS_TEXT}


def kavenegar(status: int = 1) -> dict[str, Any]:
    entries = [
        {"messageid": 900 + i, "status": status, "statustext": STATUS_TEXT, "localid": str(7 << 32 | i + 1),
         "receptor": f"0{FIRST + i - 980_000_000_000}"}
        for i in range(N)
    ]  # fmt: skip
    return {"return": {"status": 200, "message": "تایید شد"}, "entries": entries}


def answered(adapter: str, said: object, how: str, *, look_up: bool = False) -> Outcome:
    wrap, kind = WRAPPED[how]
    body = wrap(json.dumps(said, ensure_ascii=False))
    with serving(says("200 OK", body, *([f"Content-Type: {kind}"] if kind else []))) as server:
        made = gateway(server.address, adapter, token="k", **{"class": "G1"})
        if look_up:
            found = made.look_up(batch(N))
            assert found is not None
            return found
        return sent(made, batch(N), deadline_at=clock.monotonic() + 10)


@pytest.mark.parametrize("how", WRAPPED)
def test_an_answer_is_read_however_it_is_wrapped(how: str) -> None:
    assert answered("http", contract(), how).kind == "ok"
    assert answered("kavenegar", kavenegar(), how).kind == "ok"


@pytest.mark.parametrize("how", WRAPPED)
def test_a_look_up_is_read_however_it_is_wrapped(how: str) -> None:
    assert answered("http", contract(found=True), how, look_up=True).kind == "ok"
    assert answered("http", {"found": False}, how, look_up=True).code == "not_found"
    assert answered("kavenegar", kavenegar(), how, look_up=True).kind == "ok"
    assert answered("kavenegar", kavenegar(100), how, look_up=True).code == "not_found"


@pytest.mark.parametrize("how", WRAPPED)
def test_a_refusal_and_a_balance_are_read_however_they_are_wrapped(how: str) -> None:
    refused = answered("http", {"code": "no_credit", "text": STATUS_TEXT}, how)
    assert (refused.kind, refused.code, refused.stops_line) == ("notsent", "no_credit", True)
    wrap, kind = WRAPPED[how]
    for adapter, said in (
        ("http", {"balance_rials": 17, "note": STATUS_TEXT}),
        ("kavenegar", {"return": {"status": 200}, "entries": {"remaincredit": 17, "note": STATUS_TEXT}}),
    ):
        body = wrap(json.dumps(said, ensure_ascii=False))
        with serving(says("200 OK", body, f"Content-Type: {kind}")) as server:
            assert gateway(server.address, adapter, token="k").credit() == 17


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("listed", [False, True])
def test_a_webhook_is_read_however_it_is_wrapped(how: str, listed: bool, home: Path) -> None:
    wrap, kind = WRAPPED[how]
    receipt = {"id": "g1", "to": str(FIRST), "status": "DELIVERED", "note": STATUS_TEXT}
    message = {"id": "m1", "from": str(FIRST), "to": "3000", "text": "لغو"}
    made = gateway("http://127.0.0.1:9")
    for one, read in ((receipt, made.parse_receipts), (message, made.parse_inbound)):
        text = json.dumps([one] if listed else one, ensure_ascii=False)
        found = read(spooled(wrap(text), kind))
        if how == ANOTHER_PAGE:  # what a person wrote is not guessed at: it is kept to be looked at
            assert (found.frame.height, found.rejected.height) == (0, 1)
            continue
        assert (found.frame.height, found.rejected.height) == (1, 0)
        if "text" in one:
            assert found.frame["text"].to_list() == ["لغو"]


def spooled(body: bytes, kind: str) -> pl.Series:
    """Through the spool as a receiver puts it there."""
    mouth = spool.Spool()
    mouth.append("gw", "dlr", kind, body).result(10)
    mouth.close()
    found = spool.sealed("dlr")
    try:
        return spool.read(found)["body"]
    finally:
        spool.drop(*found)


def test_what_is_no_text_is_kept_to_be_looked_at() -> None:
    assert text_of(b'{"id":"\xff\x00"}', errors="backslashreplace") == '{"id":"\\xff\x00"}'
    assert text_of(b"\xff\xfe{", errors="backslashreplace") == "\\xff\\xfe{", "half a UTF-16 sign"
