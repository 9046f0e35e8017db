"""The one requests session: one attempt, a total deadline, no redirects, no proxies, redacted traces.

Follows protocol.md 2.4 row by row: `call` says what happened on the wire, `refusal` what a status that is
not 200 proves. "Not sent" is said only with proof; everything else that went wrong is "lost".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from data import clock
from data.failpoints import failpoint
from data.settings import settings
from gateways.gateway import BODY_HEAD_BYTES, Answer, Kind, Outcome
from gateways.wire import Adapter, NotStartedError, Running

ANSWER_MAX_BYTES = 5 * 2**20
CHUNK_BYTES = 65_536
RETRY_AFTER_MIN_SECONDS, RETRY_AFTER_MAX_SECONDS = 1.0, 900.0
STOPS_LINE = frozenset({401, 402, 403})  # decisions 19: the line is at fault, not the messages
REJECTS = frozenset({400, 422})
_UNSENT = (NameResolutionError, NewConnectionError, ConnectTimeoutError)
_DIGITS = re.compile(r"\d{7,}")
_log = logging.getLogger("chapar.gateways")


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call; `fresh` asks for a connection of its own, `label` is what traces may say of it."""

    method: Literal["GET", "POST"]
    url: str
    deadline_at: float  # data.clock.monotonic()
    label: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fresh: bool = False


@cache
def session() -> requests.Session:
    """The one session: no Retry adapter, no environment, connections pooled per host."""
    made = requests.Session()
    made.trust_env = False
    adapter = Adapter()
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


def call(wanted: Call) -> Answer:
    """Make exactly one attempt. Never raises for what the other side did, never follows, never repeats."""
    if clock.monotonic() >= wanted.deadline_at:
        return Answer("notsent", "the deadline passed before the first byte")
    prepared = _prepared(wanted)
    started = clock.monotonic()
    failpoint("call.before_write")
    with Running(wanted.deadline_at, fresh=wanted.fresh) as running:
        answer = _attempt(prepared, running)
    failpoint("call.after_answer")
    if _log.isEnabledFor(logging.DEBUG):
        milliseconds = round((clock.monotonic() - started) * 1000)
        _log.debug(
            "gateway call %s to %s: %s, status %s, %d bytes, %d ms: %s", wanted.label,
            urlsplit(wanted.url).hostname, answer.kind, answer.status, len(answer.body), milliseconds,
            masked(answer.why),
        )  # fmt: skip
    return answer


def _prepared(wanted: Call) -> requests.PreparedRequest:
    """Fill the request by hand: addresses are checked when configured, and nothing is to be merged in."""
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.body = wanted.method, wanted.url, wanted.body
    prepared.headers = CaseInsensitiveDict({"Accept-Encoding": "identity", **wanted.headers})
    if wanted.body is not None:
        prepared.headers["Content-Length"] = str(len(wanted.body))
    return prepared


def _attempt(prepared: requests.PreparedRequest, running: Running) -> Answer:
    """Send through the adapter itself: Session.send would read a redirect's body to see where it leads."""
    left = max(running.deadline_at - clock.monotonic(), 0.001)
    timeout = (min(settings().dispatch.connect_seconds, left), left)
    try:
        adapter = session().get_adapter(prepared.url or "")
        with adapter.send(prepared, stream=True, timeout=timeout, verify=True, proxies={}) as response:
            body = _read(response, running)
            if isinstance(body, Answer):
                return body
            return Answer(
                "answered", f"HTTP {response.status_code}", response.status_code, body,
                response.headers.get("Retry-After"), response.headers.get("Content-Type", ""),
            )  # fmt: skip
    except NotStartedError:
        return Answer("notsent", "the deadline passed before the first byte")
    except Exception as error:
        return _failed(error, running)


def _read(response: requests.Response, running: Running) -> bytes | Answer:
    chunks, size = [], 0
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > ANSWER_MAX_BYTES:
            return Answer(
                "lost", "the answer is longer than 5 MB", response.status_code, b"".join(chunks)[:4096]
            )
        if running.expired or clock.monotonic() >= running.deadline_at:
            break
    body = b"".join(chunks)
    if running.expired or clock.monotonic() >= running.deadline_at:
        return Answer("lost", "the answer did not end before the total deadline", response.status_code, body)
    return body


def _failed(error: Exception, running: Running) -> Answer:
    """Only a call whose first byte was certainly never written is "not sent"."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, _UNSENT) or running.stage == "connecting":
        return Answer("notsent", f"no connection: {type(reason or error).__name__}")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Answer("notsent", f"not an address: {type(error).__name__}")
    if running.stage == "waiting":  # no connection was taken yet, so none was written to
        return Answer("notsent", f"the call could not be made: {type(error).__name__}")
    if running.expired:
        return Answer("lost", "no whole answer before the total deadline")
    if isinstance(error, ValueError):  # it cites what it was given
        return Answer("lost", f"answer lost: {type(error).__name__}")
    return Answer("lost", f"answer lost: {type(error).__name__}: {masked(str(error))[:200]}")


def refusal(answer: Answer) -> Outcome | None:
    """Return what an answer proves that is not a 200; None for a 200, whose body decides."""
    if answer.kind == "notsent":
        return outcome("notsent", answer, answer.why)
    if answer.kind == "lost" or answer.status is None:
        return outcome("amb", answer, answer.why)
    if answer.status == 200:
        return None
    if answer.status == 429:
        return outcome("notsent", answer, "HTTP 429: too many requests", retry=True)
    if answer.status in STOPS_LINE:
        return outcome("notsent", answer, f"HTTP {answer.status}: key or credit of the line", stops_line=True)
    if answer.status in REJECTS:
        return outcome("rej", answer, f"HTTP {answer.status}: the gateway refuses this call")
    return outcome("amb", answer, f"HTTP {answer.status} proves nothing")


def outcome(
    kind: Kind,
    answer: Answer,
    why: str,
    *,
    code: str | None = None,
    stops_line: bool = False,
    retry: bool = False,
) -> Outcome:
    """Return an Outcome that carries the evidence of `answer` (status, size, first 2 kB)."""
    return Outcome(
        kind=kind,
        why=why,
        code=code if code is not None else (str(answer.status) if answer.status else None),
        http_status=answer.status,
        bytes=len(answer.body) if answer.status else None,
        body_head=answer.body[:BODY_HEAD_BYTES].decode("utf-8", "replace") if answer.body else None,
        retry_after_seconds=retry_after(answer.retry_after) if retry or kind == "notsent" else None,
        stops_line=stops_line,
    )


def retry_after(value: str | None) -> float | None:
    """Read Retry-After (seconds or an HTTP date), clamped to 1 s … 15 min; nonsense is 1 s, absence None."""
    if value is None:
        return None
    try:
        seconds = float(min(int(value.strip()), 10**6))
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - clock.now()).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            seconds = 0.0
    return min(max(seconds, RETRY_AFTER_MIN_SECONDS), RETRY_AFTER_MAX_SECONDS)


def masked(text: str) -> str:
    """Hide every run of seven digits or more, and whatever follows /v1/ (a key in a path)."""
    text = re.sub(r"/v1/[^/\s]+", "/v1/•••", text)
    return _DIGITS.sub(
        lambda found: found[0][:4] + "•••" + found[0][-2:] if len(found[0]) >= 10 else "•••", text
    )
