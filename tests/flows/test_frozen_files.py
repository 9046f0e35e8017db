"""What is frozen is compared with its hash before anything is sent on the strength of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk import FIRST_NUMBER

from data.facts import recipients
from data.rules import reasons
from data.store import lake, operations
from data.store.tables import audit_log
from data.use_cases import campaigns
from data.use_cases.floor import OPERATOR
from flows.steps import auditing, planning, starting

Opened = Callable[..., Any]
STRANGER = 989_359_999_999


def set_of(d: Any, run_id: int) -> Path:
    return lake.lake_root() / str(d.of(run_id).set_path)


def with_a_stranger(path: Path) -> bytes:
    """The same set in which one number is another's."""
    frame = pl.read_parquet(path)
    numbers = [*frame["msisdn"].to_list()[:-1], STRANGER]
    changed = path.with_name("changed")
    frame.with_columns(pl.Series("msisdn", numbers, dtype=pl.UInt64)).write_parquet(changed)
    body = changed.read_bytes()
    changed.unlink()
    return body


def traced() -> list[tuple[str, Any]]:
    with operations.reading() as c:
        return [(row.action, row.detail) for row in c.execute(audit_log.select()) if row.action == "run.halt"]


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("damage", ["stranger", "gone", "short"])
def test_a_changed_set_pauses_its_run_with_an_alarm_before_anything_is_sent(
    damage: str, begun: bool, desk: Opened, clock: Any
) -> None:
    d = desk("G1", bulk=3, in_flight=1)
    other, run_id = d.run(2, first=50), d.run(9)
    path = set_of(d, run_id)
    whole = path.read_bytes()
    if begun:
        recipients.window(str(d.of(run_id).set_path), str(d.of(run_id).set_sha256), pos_from=1, n=3)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(with_a_stranger(path) if damage == "stranger" else whole[:-1])
    d.tick()
    run = d.of(run_id)
    assert run.state == "paused"
    assert "not the file that was frozen" in str(run.why)
    assert set(d.gateway.copies()) == {FIRST_NUMBER + 50, FIRST_NUMBER + 51}, "the others are written to"
    assert d.of(other).state == "closed"
    assert traced() == [("run.halt", {"why": reasons.plain(str(run.why))})]
    assert "set.intact" in {breach["invariant"] for breach in auditing.audit()["breaches"]}
    path.write_bytes(whole)
    campaigns.resume(OPERATOR, run.campaign_id)
    d.tick()
    assert d.states(run_id) == {"submitted": 9}
    d.clean()


def test_a_change_is_seen_whatever_times_the_file_says(desk: Opened) -> None:
    d = desk("G2", bulk=3)
    run_id = d.run(6)
    path = set_of(d, run_id)
    recipients.window(str(d.of(run_id).set_path), str(d.of(run_id).set_sha256), pos_from=1, n=6)
    was, body = path.stat(), bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    d.tick()
    assert d.of(run_id).state == "paused"
    assert d.gateway.calls == []


def test_a_changed_set_settles_nothing_that_is_open_and_hinders_nobody(desk: Opened, clock: Any) -> None:
    d = desk("G1", script=["lost"])
    run_id = d.run(2)
    d.gateway.blind = True
    d.tick()
    other = d.run(2, first=10)
    path = set_of(d, run_id)
    whole = path.read_bytes()
    path.write_bytes(with_a_stranger(path))
    clock.advance(hours=49)
    d.tick()
    assert d.batch(run_id).state == "unknown"
    assert d.of(other).state == "closed"
    path.write_bytes(whole)
    clock.advance(minutes=1)
    d.tick()
    assert d.batch(run_id).state == "written_off"
    d.clean()


def test_an_upload_that_was_changed_after_the_order_is_refused_at_the_plan(
    desk: Opened, home: Path, clock: Any
) -> None:
    from targeting.uploads import store_upload

    d = desk("G2")
    sha = store_upload(b"mobile\n09120000001\n09120000002\n", d.account_id)
    order = {"audience": {"any": [{"kind": "file", "upload": sha}]}}
    d.campaign(**order)
    (kept,) = (home / "uploads" / str(d.account_id)).iterdir()
    kept.write_bytes(b"mobile\n09120000001\n09359999999\n")
    (run_id,) = starting.start_due()
    planning.plan_due(d.box)
    run = d.of(run_id)
    assert run.state == "cancelled"
    assert "not what was uploaded" in str(run.why)
    assert d.gateway.calls == []
    assert store_upload(b"mobile\n09120000001\n09120000002\n", d.account_id) == sha
    assert kept.read_bytes().endswith(b"09120000002\n"), "who brings it again gets what he brought"
