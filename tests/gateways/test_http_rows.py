"""Every row of protocol.md 2.4, against a socket server that misbehaves."""

from __future__ import annotations

import json
import socket
import time

import pytest
from batches import batch, gateway, sent
from misbehaving import Script, drip, keep_alive, raw, reset, says, serving, silence

from data import clock
from gateways import http
from gateways.gateway import Outcome

GOOD = json.dumps(
    {"results": [{"to": str(989121000000 + i), "ok": True, "id": str(i + 1)} for i in range(5)]}
).encode()
OK = "200 OK"


def submitted(script: Script, seconds: float = 10.0, **given: object) -> Outcome:
    with serving(script) as server:
        outcome = sent(gateway(server.address, **given), batch(), deadline_at=clock.monotonic() + seconds)
        assert len(server.received) == 1  # one attempt, whatever happens
    return outcome


CASES: list[tuple[str, Script, str]] = [
    ("a whole answer", says(OK, GOOD), "ok"),
    ("reset after our request", reset, "amb"),
    ("closed without an answer", raw(b""), "amb"),
    ("not HTTP", raw(b"SSH-2.0-OpenSSH_9\r\n"), "amb"),
    ("half a body", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + GOOD[:40]), "amb"),
    ("half a chunk", raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + GOOD[:40]), "amb"),
    ("half of the headers", raw(b"HTTP/1.1 200 OK\r\nContent-Type: appli"), "amb"),
    ("200 with HTML", says(OK, b"<html>hello</html>"), "amb"),
    ("200 with half a JSON (B01)", says(OK, GOOD[:40]), "amb"),
    ("200 and empty", says(OK, b""), "amb"),
    ("200 with a list of lists", says(OK, b'{"results":[["1","2","3","4"]]}'), "amb"),
    ("200 with null", says(OK, b"null"), "amb"),
    ("200 with an unlisted code", says(OK, b'{"code":"moon"}'), "amb"),
    ("200 with a listed code", says(OK, b'{"code":"throttled"}'), "notsent"),
    ("201 is not listed", says("201 Created", GOOD), "amb"),
    ("302 (B12)", says("302 Found", b"", "Location: http://127.0.0.1:9/"), "amb"),
    ("307 (B12)", says("307 Temporary Redirect", b"", "Location: http://127.0.0.1:9/"), "amb"),
    ("400", says("400 Bad Request", b"{}"), "rej"),
    ("401", says("401 Unauthorized", b"{}"), "notsent"),
    ("402", says("402 Payment Required", b"{}"), "notsent"),
    ("403", says("403 Forbidden", b"{}"), "notsent"),
    ("404", says("404 Not Found", b"{}"), "amb"),
    ("422", says("422 Unprocessable", b"{}"), "rej"),
    ("429", says("429 Too Many", b"{}"), "notsent"),
    ("500 after accepting (B02)", says("500 Oops", GOOD), "amb"),
    ("503", says("503 Busy", b"", "Retry-After: 5"), "amb"),
    ("more than 5 MB", says(OK, b" " * (5 * 2**20 + 1)), "amb"),
]


@pytest.mark.parametrize(("script", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("gateway_class", ["G0", "G2"])
def test_every_row_of_the_table_gives_its_outcome(script: Script, kind: str, gateway_class: str) -> None:
    outcome = submitted(script, **{"class": gateway_class})
    assert outcome.kind == kind, outcome.why


@pytest.mark.parametrize("status", ["401 x", "402 x", "403 x"])
def test_a_key_or_credit_that_is_gone_stops_the_line(status: str) -> None:
    assert submitted(says(status)).stops_line


def test_the_head_of_an_answer_that_was_not_understood_is_kept() -> None:
    outcome = submitted(says(OK, b"<html>" + b"x" * 5000))
    assert outcome.body_head is not None
    assert outcome.body_head.startswith("<html>")
    assert len(outcome.body_head) == 2048


@pytest.mark.parametrize(
    "script",
    [
        silence,
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
        drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        drip(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9000\r\n\r\n"),
    ],
    ids=[
        "silence",
        "dripping body",
        "dripping headers",
        "dripping body without a length",
        "dripping redirect",
    ],
)
def test_a_call_ends_at_its_total_deadline(script: Script) -> None:
    started = time.monotonic()
    outcome = submitted(script, seconds=0.4)
    assert outcome.kind == "amb"
    assert time.monotonic() - started < 2


def test_a_name_that_does_not_resolve_is_not_sent() -> None:
    outcome = sent(gateway("http://no-such-host.invalid"), batch(), deadline_at=clock.monotonic() + 10)
    assert outcome.kind == "notsent"


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = sent(gateway(f"http://127.0.0.1:{port}"), batch(), deadline_at=clock.monotonic() + 10)
    assert outcome.kind == "notsent"


def test_a_connection_that_is_not_made_in_time_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib3.util.connection.create_connection", never)
    outcome = sent(gateway("http://127.0.0.1:9"), batch(), deadline_at=clock.monotonic() + 10)
    assert outcome.kind == "notsent"


def test_a_deadline_that_passed_before_the_first_byte_is_not_sent() -> None:
    with serving(keep_alive) as server:
        outcome = sent(gateway(server.address), batch(), deadline_at=clock.monotonic() - 1)
        assert outcome.kind == "notsent"
        assert server.received == []


def test_a_failed_tls_handshake_is_not_sent() -> None:
    with serving(raw(b"")) as server:
        address = server.address.replace("http:", "https:")
        outcome = sent(gateway(address), batch(), deadline_at=clock.monotonic() + 1)
    assert outcome.kind == "notsent"


def test_what_fails_before_a_connection_is_taken_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("of s3cret")

    monkeypatch.setattr("gateways.wire.Adapter.get_connection_with_tls_context", broken)
    outcome = sent(gateway("http://127.0.0.1:9"), batch(), deadline_at=clock.monotonic() + 10)
    assert (outcome.kind, "s3cret" in outcome.why) == ("notsent", False)


def test_what_fails_while_the_request_is_written_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("of s3cret")

    monkeypatch.setattr("urllib3.connection.HTTPConnection.request", broken)
    with serving(keep_alive) as server:
        outcome = sent(gateway(server.address), batch(), deadline_at=clock.monotonic() + 10)
    assert (outcome.kind, "s3cret" in outcome.why) == ("amb", False)


def test_a_blind_gateway_gets_a_connection_of_its_own_for_each_call() -> None:
    for gateway_class, connections in (("G0", 3), ("G2", 1)):
        with serving(keep_alive) as server:
            blind = gateway(server.address, **{"class": gateway_class})
            for _ in range(3):
                sent(blind, batch(), deadline_at=clock.monotonic() + 10)
            assert (gateway_class, server.connections) == (gateway_class, connections)


def test_a_connection_idle_for_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.wire.IDLE_SECONDS", -1.0)
    with serving(keep_alive) as server:
        pooled = gateway(server.address, **{"class": "G2"})
        for _ in range(2):
            sent(pooled, batch(), deadline_at=clock.monotonic() + 10)
        assert server.connections == 2


def test_nothing_retries_and_nothing_comes_from_the_environment() -> None:
    session = http.session()
    assert session.trust_env is False
    assert set(session.adapters) == {"http://", "https://"}
    for adapter in session.adapters.values():
        assert adapter.max_retries.total == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("120", 120.0), ("99999999", 900.0), ("-1", 1.0), ("0", 1.0), ("soon", 1.0), ("", 1.0),
        ("Wed, 21 Oct 1999 07:28:00 GMT", 1.0), ("Wed, 21 Oct 2099 07:28:00 GMT", 900.0), ("1e9", 1.0),
        ("9" * 400, 900.0), ("Wed, 99 Foo", 1.0),
    ],
)  # fmt: skip
def test_retry_after_is_clamped(value: str | None, seconds: float | None) -> None:
    assert http.retry_after(value) == seconds


def test_a_429_tells_how_long_to_wait() -> None:
    assert submitted(says("429 x", b"", "Retry-After: 120")).retry_after_seconds == 120.0


def test_traces_show_neither_numbers_nor_keys() -> None:
    masked = http.masked("https://x/v1/5A6B7C/sms 989121234567 and 1234567")
    assert masked == "https://x/v1/•••/sms 9891•••67 and •••"
