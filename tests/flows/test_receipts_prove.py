"""Receipts prove or do nothing: one verdict on whose each is, read by state and money alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk import FIRST_NUMBER

from data.records import runs
from data.store import lake, operations
from flows.steps import receiving

Opened = Callable[..., Any]
PRICE, CREDIT = 90, 1_000_000
WORDS = {"DELIVERED": "delivered", "BLOCKED": "blacklisted", "UNDELIVERABLE": "undelivered",
         "EXPIRED": "expired", "ENROUTE": "at_operator"}  # fmt: skip


def by_number(number: int, status: str, **more: Any) -> dict[str, Any]:
    """A receipt as a gateway posts it that knows nothing of our reference."""
    return {"id": f"x{number}", "to": str(number), "status": status} | more


def lost(desk: Opened, n: int, **more: Any) -> tuple[Any, int]:
    """A blind gateway took a batch and its answer was lost."""
    d = desk("G0", script=["lost"], **more)
    run_id = d.run(n)
    d.tick()
    assert d.states(run_id) == {"unknown": n}
    return d, run_id


def at_the_horizon(d: Any, clock: Any) -> None:
    clock.advance(hours=49)
    d.tick()
    clock.advance(seconds=61)
    d.settle()


@pytest.mark.parametrize(("policy", "refunded"), [("send_base", 1), ("delivery_base", 3)])
@pytest.mark.parametrize("referenced", [False, True])
def test_what_proves_a_lost_answer_decides_state_and_money_alike(
    policy: str, refunded: int, referenced: bool, desk: Opened, clock: Any
) -> None:
    d, run_id = lost(desk, 7, refund=policy)
    clock.advance(seconds=5)
    told = [by_number(FIRST_NUMBER + i, word) for i, word in enumerate(WORDS)]
    if referenced:
        told = [one | {"ref": d.batch(run_id).ref} for one in told]
    d.hear(*told)
    at_the_horizon(d, clock)
    assert d.states(run_id) == dict.fromkeys(WORDS.values(), 1) | {"written_off": 2}
    assert d.money().available == CREDIT - (len(WORDS) - refunded) * PRICE
    assert (d.money().held, d.money().unknown) == (0, 0)
    d.clean()
    assert d.hear().unmatched == 0, "and nothing of it is parked any longer"


def test_a_delivery_that_came_before_the_attempt_or_elsewhere_proves_nothing(
    desk: Opened, clock: Any
) -> None:
    d = desk("G0", script=["lost"])
    d.hear(by_number(FIRST_NUMBER, "DELIVERED"))
    clock.advance(seconds=5)
    d.others["other"] = type(d.gateway)(d.gateway.able, name="other")
    run_id = d.run(2)
    d.tick()
    clock.advance(seconds=5)
    d.hear(by_number(FIRST_NUMBER + 1, "DELIVERED"), gateway="other")
    at_the_horizon(d, clock)
    assert d.states(run_id) == {"written_off": 2}
    assert d.money().available == CREDIT
    d.clean()


def test_a_forged_reference_charges_nobody(desk: Opened, clock: Any) -> None:
    d, run_id = lost(desk, 3)
    clock.advance(seconds=5)
    ref = d.batch(run_id).ref
    forged = ref[:-1] + ("0" if ref[-1] != "0" else "1")
    heard = d.hear(*(by_number(FIRST_NUMBER + i, "DELIVERED", ref=forged) for i in range(3)))
    assert (heard.receipts, heard.forged, heard.unmatched) == (3, 3, 0)
    at_the_horizon(d, clock)
    assert d.states(run_id) == {"written_off": 3}
    assert d.money().available == CREDIT
    d.clean()


def test_an_id_and_the_number_of_another_move_neither(desk: Opened, clock: Any) -> None:
    d = desk(refund="delivery_base")
    run_id = d.run(3)
    d.tick()
    gids = d.gateway.gids()
    mixed = {"id": gids[FIRST_NUMBER], "to": str(FIRST_NUMBER + 1), "status": "BLOCKED"}
    stranger = {"id": gids[FIRST_NUMBER + 2], "to": "989359999999", "status": "UNDELIVERABLE"}
    heard = d.hear(mixed, stranger)
    assert (heard.receipts, heard.contradicted, heard.unmatched) == (2, 2, 0)
    clock.advance(seconds=61)
    d.settle()
    assert d.states(run_id) == {"submitted": 3}
    assert d.money().available == CREDIT - 3 * PRICE
    d.clean()


def test_names_of_two_messages_are_no_proof_of_a_third(desk: Opened, clock: Any) -> None:
    d = desk("G0", script=["ok", "lost"])
    d.run(1)
    d.tick()
    run_id = d.run(1, first=50)
    d.tick()
    clock.advance(seconds=5)
    gid = d.gateway.gids()[FIRST_NUMBER]
    assert d.hear({"id": gid, "to": str(FIRST_NUMBER + 50), "status": "DELIVERED"}).contradicted == 1
    at_the_horizon(d, clock)
    assert d.states(run_id) == {"written_off": 1}
    d.clean()


@pytest.mark.parametrize("written", ["0{}", "{}", "+98{}", "0098{}", "98{}"])
def test_a_number_is_the_same_in_any_of_its_writings(written: str, desk: Opened) -> None:
    d = desk()
    run_id = d.run(2)
    d.tick()
    to = written.format(FIRST_NUMBER - 980_000_000_000)
    by_id = d.receipt(FIRST_NUMBER, ref=None, to=to)
    by_reference = d.receipt(FIRST_NUMBER, id="unknown", to=to)
    for one in (by_id, by_reference):
        heard = d.hear(one)
        assert (heard.unmatched, heard.contradicted) == (0, 0), one
    assert d.states(run_id) == {"delivered": 1, "submitted": 1}


def test_a_reference_without_a_number_agrees_with_the_id_or_names_nobody(desk: Opened) -> None:
    d = desk()
    first, second = d.run(1), d.run(1, first=50)
    d.tick()
    gids = d.gateway.gids()
    said = {"ref": d.batch(second).ref, "status": "DELIVERED"}
    assert d.hear(said | {"id": gids[FIRST_NUMBER]}).contradicted == 1
    assert d.hear(said | {"id": "never given"}).unmatched == 1
    assert d.states(first, second) == {"submitted": 2}
    assert d.hear(said | {"id": gids[FIRST_NUMBER + 50]}).receipts == 1
    assert d.states(second) == {"delivered": 1}


def test_two_runs_to_the_very_same_people_each_hear_their_own(desk: Opened) -> None:
    d = desk()
    first, second = d.run(2), d.run(2)
    d.tick()
    with operations.reading() as c:
        assert runs.get(c, first).set_path == runs.get(c, second).set_path, "one file holds both"
    refs = d.batch(first).ref, d.batch(second).ref
    told = [{"ref": ref, "to": str(FIRST_NUMBER + i), "status": "DELIVERED"} for i, ref in enumerate(refs)]
    assert d.hear(*told).unmatched == 0
    assert d.states(first) == d.states(second) == {"delivered": 1, "submitted": 1}


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
@pytest.mark.parametrize("name", ["ref", "id"])
def test_a_receipt_that_waits_for_a_lost_set_finds_its_message_when_it_is_back(
    name: str, damage: bytes, desk: Opened, clock: Any
) -> None:
    d = desk()
    run_id = d.run(2)
    d.tick()
    with operations.reading() as c:
        path = lake.lake_root() / str(runs.get(c, run_id).set_path)
    kept = path.read_bytes()
    path.write_bytes(damage) if damage else path.unlink()
    other = {"ref": "id", "id": "ref"}[name]
    heard = d.hear(d.receipt(FIRST_NUMBER, "BLOCKED", **{other: None}))
    assert (heard.receipts, heard.unmatched) == (1, 1)
    clock.advance(seconds=61)
    d.hear()
    path.write_bytes(kept)
    clock.advance(seconds=61)
    d.hear()
    assert d.states(run_id) == {"blacklisted": 1, "submitted": 1}
    d.settle()
    assert d.money().available == CREDIT - PRICE
    d.clean()
    clock.advance(seconds=61)
    assert d.hear() == receiving.Drained()


def test_receipts_of_an_earlier_version_are_read_and_judged(desk: Opened, clock: Any) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    known, unknown = d.receipt(FIRST_NUMBER), d.receipt(FIRST_NUMBER + 1, ref=None, to=None)
    d.hear(known, unknown | {"id": "not yet"})
    with operations.reading() as c:
        (path,) = (Path(one) for one in lake.paths(c, "receipts"))
    old = pl.read_parquet(path).drop("verdict", "ref_run")
    old.with_columns(gid=pl.col("gid").replace("not yet", unknown["id"])).write_parquet(path)
    d.hear(d.receipt(FIRST_NUMBER + 2))
    assert d.states(run_id) == {"delivered": 2, "submitted": 1}
    clock.advance(seconds=5)
    d.run(1, first=50)
    d.tick()
    d.hear()
    assert d.states(run_id) == {"delivered": 3}
