"""Receipts where the disk or the other side is at its worst: one bad thing holds up nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk import FIRST_NUMBER

from data.records import runs
from data.store import lake, operations, spool, spool_reader
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


def test_a_segment_that_the_disk_does_not_give_back_is_set_aside(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(3)
    d.tick()
    d.arrive(d.receipt(FIRST_NUMBER))
    (bad,) = spool.sealed("dlr")
    d.arrive(d.receipt(FIRST_NUMBER + 1))
    read = pl.read_ndjson

    def broken(source: Any, **more: Any) -> pl.DataFrame:
        if source == bad.path:
            raise OSError(5, "Input/output error")
        return read(source, **more)

    monkeypatch.setattr(spool_reader.pl, "read_ndjson", broken)
    monkeypatch.setattr(spool, "read_opened", lambda *given: None)
    assert receiving.drain(d.box).receipts == 1
    assert [path.stem for path in spool.unreadable()] == [bad.path.stem]
    said = [check.say for check in examining.examine() if check.name == "spool" and not check.ok]
    assert len(said) == 1
    assert bad.path.stem in said[0]


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
