"""A group of answers read at once says of each what it says alone."""

from __future__ import annotations

import json
import random

import polars as pl
import pytest
from batches import FIRST, batch, gateway
from polars.testing import assert_frame_equal

from gateways.gateway import Answer, Outgoing

N = 3


def results(**changes: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"to": str(FIRST + i), "ok": True, "id": f"g{i}"} for i in range(N)]
    for row in rows[: int(changes.pop("first", N))]:  # type: ignore[call-overload]
        row.update(changes)
    return rows


BODIES = [
    {"results": results()},
    {"results": results(id=None)},
    {"results": results(ok=None)},
    {"results": results(ok=False, code="blacklist", first=1)},
    {"results": results(ok=False, code="throttled")},
    {"results": results(ok=False, code="no_credit")},
    {"results": results(ok=False, code="moon", first=1)},
    {"results": results(to="989120000000", first=1)},
    {"results": results()[::-1]},
    {"results": results()[:2]},
    {"results": results() * 2},
    {"results": [results()[0]] * N},
    {"results": []},
    {"results": None},
    {"results": results(), "note": "x"},
    {"note": "x", "results": results()},
    {"code": "no_credit"},
    {"results": results(id=17)},
    {"results": results(to=FIRST, first=1)},
    [],
]
RAW = [
    b"", b"<html>", b'{"results":[', b"]}", b'{"results":[{"to":"989121000000","ok":true,"id":"a"}',
    b'{"to":"1","ok":true,"id":"b"}]}', b'{"results":[]},{"results":[]}', b'{"results":[{"to":"\xff"}]}',
]  # fmt: skip


def answers() -> list[Answer]:
    said = [json.dumps(body, separators=(",", ":")).encode() for body in BODIES] + RAW
    good = [Answer("answered", "HTTP 200", 200, body) for body in said]
    return [
        *good,
        Answer("answered", "HTTP 500", 500, said[0]),
        Answer("lost", "reset"),
        Answer("notsent", "no"),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_a_group_says_what_each_says_alone(seed: int) -> None:
    chosen = random.Random(seed)
    pairs = [(batch(N, ref=f"a-{place}-xxxxx"), chosen.choice(answers())) for place in range(12)]
    if seed % 2:  # the usual group: nearly everything accepted, one odd answer among them
        pairs = [
            (outgoing, pairs[0][1] if place == 5 else answers()[0])
            for place, (outgoing, _) in enumerate(pairs)
        ]
    left = pl.DataFrame({"pos": [9], "msisdn": [FIRST + N]}, schema={"pos": pl.UInt32, "msisdn": pl.UInt64})
    pairs[3] = (Outgoing("a-3-xxxxx", 7, "3000", pairs[3][0].messages, left), pairs[3][1])
    to = gateway("http://127.0.0.1:9")
    together = to.judge(pairs)
    for pair, outcome in zip(pairs, together, strict=True):
        alone = to.judge([pair])[0]
        slow = to._contract._understood(pair[1], pair[0])  # type: ignore[attr-defined]
        for other in (alone, slow):
            assert (outcome.kind, outcome.code, outcome.why) == (other.kind, other.code, other.why)
            if outcome.results is None or other.results is None:
                assert outcome.results is other.results
            else:
                assert_frame_equal(outcome.results, other.results)


def test_accepted_answers_are_read_without_a_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    to = gateway("http://127.0.0.1:9")
    monkeypatch.setattr(type(to._contract), "_understood", lambda *_: pytest.fail("looked closer"))  # type: ignore[attr-defined]
    outcomes = to.judge([(batch(N), answers()[0])] * 4)
    assert [outcome.results.height for outcome in outcomes if outcome.results is not None] == [N] * 4
