"""Receipts: in any order, repeated, early, late, forged, in parts, unreadable; nothing is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER

from data.records import arrivals
from data.store import operations, spool
from data.store.tables import quarantine
from flows.steps import receiving

Opened = Callable[..., Any]
PRICE, COST = 90, 60


def test_each_receipt_gives_its_message_its_state(desk: Opened) -> None:
    d = desk()
    run_id = d.run(4)
    d.tick()
    heard = d.hear(
        d.receipt(FIRST_NUMBER, "DELIVERED"),
        d.receipt(FIRST_NUMBER + 1, "UNDELIVERABLE"),
        d.receipt(FIRST_NUMBER + 2, "ENROUTE"),
    )
    assert (heard.receipts, heard.unmatched, heard.duplicates, heard.quarantined) == (3, 0, 0, 0)
    assert d.states(run_id) == {"delivered": 1, "undelivered": 1, "at_operator": 1, "submitted": 1}
    d.clean()


def test_a_word_that_nobody_knows_is_kept_and_changes_nothing(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1)
    d.tick()
    assert d.hear(d.receipt(FIRST_NUMBER, "TELEPORTED")).receipts == 1
    assert d.states(run_id) == {"submitted": 1}


def test_b07_receipts_that_come_before_the_answer_are_applied(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["lost"])
    run_id = d.run(2)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER))
    assert d.states(run_id) == {"delivered": 1, "unknown": 1}
    assert d.money().unknown == 2 * PRICE, "a receipt of one message does not decide the money of all"
    clock.advance(seconds=5)
    d.tick()
    assert d.states(run_id) == {"delivered": 1, "submitted": 1}
    d.clean()


def test_b08_a_hundred_copies_reversed_are_as_one_in_order(desk: Opened) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    story = [
        d.receipt(FIRST_NUMBER + i, word) for i in range(3) for word in ("ACCEPTED", "ENROUTE", "DELIVERED")
    ]
    heard = d.hear(*[one for one in reversed(story) for _ in range(100)])
    assert (heard.receipts, heard.duplicates) == (9, 891)
    again = d.hear(*story)
    assert again.receipts == 9, "repeats of an earlier drain are harmless"
    assert d.states(run_id) == {"delivered": 3}
    d.clean()


def test_no_order_of_receipts_changes_the_outcome(desk: Opened) -> None:
    d = desk()
    run_id = d.run(40)
    d.tick()
    chance = random.Random("orders")
    words = ["QUEUED", "ACCEPTED", "ENROUTE", "REJECTED", "BLOCKED", "EXPIRED", "UNDELIVERABLE", "DELIVERED"]
    strongest = {
        "QUEUED": 1,
        "ACCEPTED": 2,
        "ENROUTE": 3,
        "REJECTED": 4,
        "BLOCKED": 5,
        "EXPIRED": 6,
        "UNDELIVERABLE": 8,
        "DELIVERED": 9,
    }
    told = {FIRST_NUMBER + i: chance.sample(words, chance.randint(1, 4)) for i in range(40)}
    receipts = [d.receipt(number, word) for number, said in told.items() for word in said]
    chance.shuffle(receipts)
    for start in range(0, len(receipts), 17):
        d.hear(*receipts[start : start + 17])
    shown = {
        "QUEUED": "submitted",
        "ACCEPTED": "submitted",
        "ENROUTE": "at_operator",
        "REJECTED": "rejected",
        "BLOCKED": "blacklisted",
        "EXPIRED": "expired",
        "UNDELIVERABLE": "undelivered",
        "DELIVERED": "delivered",
    }
    for number, said in told.items():
        assert d.state_of(run_id, number) == shown[max(said, key=strongest.__getitem__)], said


def test_a_message_of_parts_is_delivered_when_all_parts_are(desk: Opened) -> None:
    d = desk()
    run_id = d.run(3, text="س" * 180)  # three parts
    d.tick()
    first, second, third = FIRST_NUMBER, FIRST_NUMBER + 1, FIRST_NUMBER + 2
    d.hear(d.receipt(first, part="1"), d.receipt(first, part="2"))
    assert d.state_of(run_id, first) == "at_operator"
    d.hear(d.receipt(first, part="3"), d.receipt(first, part="3"))
    assert d.state_of(run_id, first) == "delivered"
    d.hear(
        d.receipt(second, part="1"), d.receipt(second, "UNDELIVERABLE", part="2"), d.receipt(second, part="3")
    )
    assert d.state_of(run_id, second) == "undelivered", "the worst final one"
    d.hear(d.receipt(third, part="2"), d.receipt(third))
    assert d.state_of(run_id, third) == "delivered", "a receipt of the whole says all"


def test_what_cannot_be_read_is_kept_in_quarantine_and_its_neighbours_are_not_touched(desk: Opened) -> None:
    d = desk()
    run_id = d.run(2)
    d.tick()
    garbage = [
        "<html>",
        "",
        "{",
        '{"status": "DELIVERED"}',
        "[[[",
        "\x00\x01",
        '{"id":"1","status":null}',
        "null",
        "7",
    ]
    heard = d.hear(d.receipt(FIRST_NUMBER), *garbage, d.receipt(FIRST_NUMBER + 1))
    assert heard.receipts == 2
    assert heard.quarantined == len(garbage)
    with operations.reading() as c:
        rows = c.execute(sa.select(quarantine)).all()
    kept = [body.replace("\0", "\\x00") for body in garbage]  # PostgreSQL keeps no NUL
    assert sorted(row.body for row in rows) == sorted(kept)
    assert all(row.why and row.gateway == "sim" for row in rows)
    assert d.states(run_id) == {"delivered": 2}
    assert arrivals_total()["quarantined"] == len(garbage)
    d.clean()


def test_a_body_for_a_gateway_that_is_gone_is_kept(desk: Opened) -> None:
    d = desk()
    heard = d.hear('{"id": "1", "status": "DELIVERED"}', gateway="gone")
    assert (heard.receipts, heard.quarantined) == (0, 1)


def test_of_two_drains_that_read_the_same_segment_one_writes(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.arrive(*[d.receipt(FIRST_NUMBER + i) for i in range(3)])
    found = receiving._next_segments()  # both hold it before either is done
    both = [receiving._pass(d.box, found).receipts, receiving._pass(d.box, found).receipts]
    assert both == [3, 0]
    assert arrivals_total()["receipts"] == 3


@pytest.mark.parametrize("point", ["receipt.after_insert", "receipt.inside"])
def test_a_kill_in_the_middle_of_a_drain_loses_nothing_and_doubles_nothing(
    point: str, desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    d.arrive(*[d.receipt(FIRST_NUMBER + i) for i in range(3)])
    killed = _drain_in_a_child(f"{point}=1")
    assert killed.returncode == -9, killed.stderr
    assert d.states(run_id) == {"submitted": 3}, "nothing half done"
    done = _drain_in_a_child("")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["receipts"] == 3
    assert d.states(run_id) == {"delivered": 3}
    assert arrivals_total()["receipts"] == 3
    d.clean()


def test_a_drained_segment_brings_nothing_twice_and_goes_with_the_next_drain(desk: Opened) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.arrive(d.receipt(FIRST_NUMBER))
    assert receiving.drain(d.box).receipts == 1
    assert len(spool.sealed("dlr")) == 1, "the disk deletes it later"
    assert receiving.drain(d.box).receipts == 0
    assert spool.sealed("dlr") == []
    assert arrivals_total()["receipts"] == 1


def test_drained_segments_do_not_stand_in_the_way_of_newer_ones(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    monkeypatch.setattr(receiving, "PASS_SEGMENTS_MAX", 1)
    with monkeypatch.context() as patch:
        patch.setattr(spool, "drop", lambda *segments: None)  # as after a crash
        for i in range(3):
            d.arrive(d.receipt(FIRST_NUMBER + i))
            assert receiving.drain(d.box).receipts == 1
    assert len(spool.sealed("dlr")) == 3
    assert receiving.sweep() == 3
    assert spool.sealed("dlr") == []


def test_what_is_refused_is_kept_as_it_came_among_what_is_read_quickly(desk: Opened) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    odd = '{ "id": "1",  "note": "no status" }'
    heard = d.hear(d.receipt(FIRST_NUMBER), odd, d.receipt(FIRST_NUMBER + 1))
    assert (heard.receipts, heard.quarantined) == (2, 1)
    assert d.states(run_id) == {"delivered": 2, "submitted": 1}
    with operations.reading() as c:
        assert c.scalar(sa.select(quarantine.c.body)) == odd


def test_a_segment_that_another_drain_took_meanwhile_is_no_error(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.arrive(d.receipt(FIRST_NUMBER))
    found = receiving._next_segments()
    assert receiving.drain(d.box).receipts == 1
    receiving.sweep()
    looks = [found, [], []]
    monkeypatch.setattr(receiving, "_next_segments", lambda: looks.pop(0))
    assert receiving.drain(d.box) == receiving.Drained()
    assert looks == []


def _drain_in_a_child(points: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", "receipts", "--drain", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "CHAPAR_FAILPOINTS": points},
    )


def arrivals_total() -> dict[str, int]:
    with operations.reading() as c:
        return arrivals.totals(c)
