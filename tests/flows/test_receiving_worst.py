"""Receipts where the disk or the other side is at its worst: one bad thing holds up nothing else."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER

from data.errors import Retryable
from data.records import arrivals, runs
from data.store import lake, operations, spool
from data.store.tables import quarantine
from flows.steps import examining, receiving

Opened = Callable[..., Any]


@pytest.mark.parametrize("name", ["dlr-0.seg", "dlr-9.seg"])
def test_an_empty_or_dangling_segment_holds_nothing_up(name: str, desk: Opened) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    (spool.folder() / name).touch()
    (spool.folder() / f"dlr-1{name[4]}.seg").symlink_to("nowhere")
    assert d.hear(d.receipt(FIRST_NUMBER)).receipts == 1
    assert d.states(run_id) == {"delivered": 1, "submitted": 2}
    assert d.hear().receipts == 0


def test_a_segment_that_the_disk_does_not_give_back_is_set_aside(desk: Opened) -> None:
    d = desk()
    d.run(3)
    d.tick()
    bad = spool.folder() / "dlr-0.seg"
    bad.symlink_to("/proc/self/mem")  # reading its beginning is an input/output error
    assert d.hear(d.receipt(FIRST_NUMBER)).receipts == 1
    assert [path.stem for path in spool.unreadable()] == [bad.stem]
    said = [check.say for check in examining.examine() if check.name == "spool" and not check.ok]
    assert len(said) == 1
    assert bad.stem in said[0]


def test_a_segment_is_not_blamed_for_want_of_memory(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.arrive(d.receipt(FIRST_NUMBER), "{")  # not JSON: read with patience

    def want(path: Path) -> bytes:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    with monkeypatch.context() as short:
        short.setattr(Path, "read_bytes", want)
        with pytest.raises(Retryable, match="Cannot allocate memory"):
            receiving.drain(d.box)
    assert spool.unreadable() == []
    assert receiving.drain(d.box).receipts == 1


@pytest.mark.parametrize("kind", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_not_taken_for_an_open_segment(kind: Callable[..., None], desk: Opened) -> None:
    d = desk()
    d.run(3)
    d.tick()
    kind(spool.folder() / "dlr-0.open")
    assert d.hear(d.receipt(FIRST_NUMBER)).receipts == 1


def test_a_content_type_says_nothing_of_its_neighbours(desk: Opened) -> None:
    d = desk()
    d.run(3)
    d.tick()
    mouth = spool.Spool()
    bodies = [json.dumps(d.receipt(FIRST_NUMBER)), "{", json.dumps(d.receipt(FIRST_NUMBER + 1))]
    for body in bodies:
        mouth.append("sim", "dlr", spool.POISONED, body.encode()).result(10)
    mouth.close()
    drained = receiving.drain(d.box)
    assert (drained.receipts, drained.quarantined) == (2, 1)


def test_what_is_too_much_or_too_long_for_quarantine_lies_whole_in_the_lake(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    monkeypatch.setattr(arrivals, "ROWS_MAX", 2)
    long = "{" + "x" * arrivals.BODY_CHARS_MAX
    assert d.hear(*["{"] * 3, d.receipt(FIRST_NUMBER)).quarantined == 3
    assert d.hear(long).quarantined == 1
    with operations.reading() as c:
        assert arrivals.totals(c)["quarantined"] == 4
        assert c.scalar(sa.select(sa.func.count()).select_from(quarantine)) == 3
        assert c.scalar(sa.select(quarantine.c.body).order_by(quarantine.c.id.desc())).endswith(arrivals.CUT)
        many, one = (pl.read_parquet(path) for path in lake.paths(c, "quarantine"))
    assert many["body"].to_list() == ["{"] * 3
    assert one["body"].to_list() == [long]


def test_a_pass_ends_when_it_holds_enough_receipts(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk()
    run_id = d.run(5)
    d.tick()
    for i in range(5):
        d.arrive(d.receipt(FIRST_NUMBER + i))
    monkeypatch.setattr(receiving, "LOAD_BYTES", 1)
    monkeypatch.setattr(d.box.settings.receipts, "drain_rows", 1)
    passes = []
    once = receiving._pass
    monkeypatch.setattr(receiving, "_pass", lambda *given: passes.append(once(*given)) or passes[-1])
    assert receiving.drain(d.box).receipts == 5
    assert [done.receipts for done in passes] == [2, 2, 1]
    assert d.states(run_id) == {"delivered": 5}


@pytest.mark.parametrize("part", [-1, 65536, 1.0, True, "1/3", "x"])
def test_a_part_that_is_no_number_does_not_speak_of_the_whole(desk: Opened, part: Any) -> None:
    d = desk()
    d.run(1)
    d.tick()
    heard = d.hear({**d.receipt(FIRST_NUMBER), "part": part})
    assert (heard.receipts, heard.quarantined) == (0, 1)


def test_parts_that_a_message_does_not_have_do_not_deliver_it(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1, text="س" * 150)  # three parts
    d.tick()
    one = d.receipt(FIRST_NUMBER)
    d.hear(*({**one, "part": part} for part in (0, 1, 7, 65535)))
    assert d.states(run_id) == {"at_operator": 1}
    d.hear(*({**one, "part": part} for part in (2, 3)))
    assert d.states(run_id) == {"delivered": 1}


def test_what_cannot_be_deleted_does_not_take_the_receipts_back(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER))

    def refuse(*segments: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(spool, "drop", refuse)
    assert d.hear(d.receipt(FIRST_NUMBER + 1)).receipts == 1


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
def test_a_lost_set_does_not_hold_up_the_receipts_of_other_runs(desk: Opened, damage: bytes) -> None:
    d = desk()
    lost, kept = d.run(2), d.run(3)  # the same numbers in both
    d.tick()
    with operations.reading() as c:
        path = lake.lake_root() / str(runs.get(c, lost).set_path)
    path.write_bytes(damage) if damage else path.unlink()
    refs = [d.batch(run_id).ref for run_id in (lost, kept)]
    said = {"to": FIRST_NUMBER, "status": "DELIVERED", "at": "2026-11-22T10:00:00Z"}
    heard = d.hear(*({**said, "ref": ref} for ref in refs))
    assert (heard.receipts, heard.unmatched) == (2, 1)
    assert d.states(kept) == {"delivered": 1, "submitted": 2}


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
def test_lost_submissions_do_not_hold_up_receipts_by_the_ids_of_others(desk: Opened, damage: bytes) -> None:
    d = desk()
    lost = d.run(2)
    d.tick()
    kept = d.run(3, first=100)
    d.tick()
    with operations.reading() as c:
        path = Path(lake.paths(c, "submissions", run_ids=[lost])[0])
    path.write_bytes(damage) if damage else path.unlink()
    gids = d.gateway.gids()
    heard = d.hear(*({"id": gids[n], "status": "DELIVERED"} for n in (FIRST_NUMBER, FIRST_NUMBER + 100)))
    assert (heard.receipts, heard.unmatched) == (2, 1)
    assert d.states(kept) == {"delivered": 1, "submitted": 2}


def test_a_backlog_is_drained_in_passes_that_fit_into_memory(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    run_id = d.run(3)
    d.tick()
    for i in range(3):
        d.arrive(d.receipt(FIRST_NUMBER + i))
    monkeypatch.setattr(receiving, "PASS_BYTES", 1)  # less than any: one by one
    assert len(receiving._next_segments()) == 1
    monkeypatch.setattr(receiving, "PASS_BYTES", 2 * spool.sealed("dlr")[0].bytes + 1)
    assert len(receiving._next_segments()) == 2
    assert receiving.drain(d.box).receipts == 3
    assert d.states(run_id) == {"delivered": 3}


def test_part_0_is_not_the_whole_message(desk: Opened) -> None:
    d = desk()
    d.run(1)
    d.tick()
    one = d.receipt(FIRST_NUMBER)
    heard = d.hear(*({**one, "part": part} for part in (1, 2, 1, 0)), one)
    assert (heard.receipts, heard.duplicates) == (4, 1)
