"""The simulator's server: plain ASGI, the contract of docs/gateways.md, and a few words for tests.

Beside the contract: GET /stats (counters), GET /record (the record as JSON lines), POST /webhook {"url"},
POST /behaviour (fields of Behaviour that change from now on).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray

from gateways.simulator import faults, record
from gateways.simulator.behaviour import FAULTS, Behaviour
from gateways.simulator.postman import Postman

ID_FIRST = 1_000_001
BODY_MAX_BYTES = 20 * 2**20


class BadCallError(Exception):
    """The call is not of the contract: (status, code)."""


@dataclass(slots=True)
class Simulator:
    """State of one simulator: everything that must last is in the record."""

    log_level: ClassVar[str] = "critical"  # its broken answers are meant, and no news

    how: Behaviour
    folder: Path
    book: record.Record = field(init=False)
    postman: Postman = field(init=False)
    results: dict[str, bytes] = field(default_factory=dict)  # ref → its first accepted answer
    calls: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    next_id: int = ID_FIRST

    def __post_init__(self) -> None:
        """Take up where an earlier process of this folder stopped."""
        before = record.read(self.folder)
        self.book = record.Record(self.folder)
        self.postman = Postman(self.how)
        if before.height:
            self.next_id = int(before.get_column("id").max()) + 1  # type: ignore[arg-type]
            for (ref,), rows in before.group_by("ref", maintain_order=True):
                accepted = [(to, str(gid)) for to, gid in rows.select("to", "id").rows()]
                self.results[str(ref)] = _body([_yes(str(to), gid) for to, gid in accepted])

    async def __call__(self, scope: dict[str, Any], receive: Any, send: faults.Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        try:
            await self._route(scope, receive, send)
        except BadCallError as error:
            status, code = error.args
            await faults.answer(send, status, json.dumps({"code": code}).encode())

    async def _route(self, scope: dict[str, Any], receive: Any, send: faults.Send) -> None:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("GET", "/stats"):
            await faults.answer(send, 200, json.dumps(self.stats()).encode())
        elif (method, path) == ("GET", "/record"):
            await faults.answer(send, 200, self.book.path.read_bytes())
        elif (method, path) == ("POST", "/webhook"):
            self.postman.webhook = json.loads(await _whole(receive))["url"]
            await faults.answer(send, 200, b"{}")
        elif (method, path) == ("POST", "/behaviour"):
            changed = {**self.how.model_dump(), **json.loads(await _whole(receive))}
            self.how = self.postman.how = Behaviour.model_validate(changed)
            await faults.answer(send, 200, b"{}")
        elif not self._known(scope):
            raise BadCallError(401, "bad_key")
        elif (method, path) == ("POST", "/send"):
            await self._send(await _whole(receive), send)
        elif (method, path) == ("GET", "/lookup"):
            await self._look_up(parse_qs(scope["query_string"].decode()).get("ref", [""])[0], send)
        elif (method, path) == ("GET", "/balance"):
            await faults.answer(send, 200, json.dumps({"balance_rials": self.how.balance_rials}).encode())
        else:
            raise BadCallError(404, "no_such_page")

    def _known(self, scope: dict[str, Any]) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        return not self.how.token or given == f"Bearer {self.how.token}".encode()

    async def _send(self, raw: bytes, send: faults.Send) -> None:
        ref, line, to = _understood(raw, self.how.bulk)
        self.calls[ref] += 1
        self.counts["calls"] += 1
        fault = self.how.fault(ref, self.calls[ref])
        if fault:
            self.counts[f"fault:{fault}"] += 1
        body = b""
        if fault is None or FAULTS[fault]:
            body = self._accept(ref, line, to)
        if fault is None:
            await faults.answer(send, 200, body)
        else:
            await faults.misbehave(fault, send, wrong(body, fault), self.how)

    def _accept(self, ref: str, line: str, to: list[str]) -> bytes:
        """Accept a call: give ids, write the record, plan the receipts; return the right answer."""
        if self.how.idempotent and ref in self.results:
            self.counts["repeated"] += 1
            return self.results[ref]
        numbers = np.array(to).astype(np.uint64)
        ids = np.arange(self.next_id, self.next_id + len(to), dtype=np.uint64)
        self.next_id += len(to)
        lines, good = self._lines(to, ids, numbers)
        self.book.append(ref, line, numbers[good].tolist(), ids[good].tolist())
        self.postman.accepted(ref, line, numbers[good], ids[good])
        self.counts["accepted"] += int(good.sum())
        body = _body(lines)
        self.results.setdefault(ref, body)
        return body

    def _lines(
        self, to: list[str], ids: NDArray[np.uint64], numbers: NDArray[np.uint64]
    ) -> tuple[list[str], NDArray[np.bool_]]:
        good = np.ones(len(to), dtype=np.bool_)
        lines = [_yes(number, gid) for number, gid in zip(to, ids.tolist(), strict=True)]
        if self.how.refusals:
            codes, place = list(self.how.refusals), self.how.refused(numbers)
            good = place < 0
            for i in np.flatnonzero(~good).tolist():
                lines[i] = f'{{"to":"{to[i]}","ok":false,"code":"{codes[place[i]]}"}}'
        return lines, good

    async def _look_up(self, ref: str, send: faults.Send) -> None:
        if not self.how.lookup:
            raise BadCallError(404, "no_such_page")
        self.counts["look_ups"] += 1
        found = None if self.how.forgets else self.results.get(ref)
        body = b'{"found":false,"results":[]}' if found is None else b'{"found":true,' + found[1:]
        await faults.answer(send, 200, body)

    def stats(self) -> dict[str, int]:
        """Return counters: calls, accepted, fault:*, receipts posted and waiting, …"""
        return {
            **self.counts,
            "receipts_posted": self.postman.posted,
            "receipts_waiting": self.postman.waiting,
        }


def _yes(to: str, gid: int | str) -> str:
    return f'{{"to":"{to}","ok":true,"id":"{gid}"}}'


def _body(lines: list[str]) -> bytes:
    return f'{{"results":[{",".join(lines)}]}}'.encode()


def wrong(body: bytes, fault: str) -> bytes:
    """Return an answer with one message missing, named twice, replaced by a stranger, or in another order."""
    if fault not in ("short", "twice", "stranger", "shuffle") or not body:
        return body
    results = json.loads(body)["results"]
    if fault == "short":
        results = results[:-1]
    elif fault == "twice":
        results = [*results[:-1], results[0]] if len(results) > 1 else results * 2
    elif fault == "stranger":
        results = [*results[:-1], {"to": "989990000000", "ok": True, "id": "1"}]
    else:
        results = results[::-1]
    return json.dumps({"results": results}).encode()


def _understood(raw: bytes, bulk: int) -> tuple[str, str, list[str]]:
    try:
        call = json.loads(raw)
        messages = call["messages"]
        to = [message["to"] for message in messages]
        ref, line = call["ref"], call["line"]
    except (ValueError, KeyError, TypeError):
        raise BadCallError(400, "bad_request") from None
    if not to or len(to) > bulk:
        raise BadCallError(422, "too_many" if to else "empty")
    if not all(number.isdigit() for number in to):
        raise BadCallError(422, "invalid_number")
    return ref, line, to


async def _whole(receive: Any) -> bytes:
    chunks, size = [], 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise BadCallError(400, "cut_off")
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_MAX_BYTES:
            raise BadCallError(413, "too_long")
        if not event.get("more_body"):
            return b"".join(chunks)
