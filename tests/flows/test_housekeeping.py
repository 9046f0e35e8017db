"""Housekeeping takes what nobody names and leaves what somebody may still need."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from data import clock as the_clock
from data.records import accounts, sessions, users
from data.store import lake, operations
from data.store.tables import lake_file, session
from flows.steps import housekeeping


def _file(*, age: timedelta, named: bool) -> Path:
    written = lake.write(pl.DataFrame({"a": [1]}), "receipts")
    path = lake.lake_root() / written.path
    at = (the_clock.now() - age).timestamp()
    os.utime(path, (at, at))
    if named:
        with operations.writing() as c:
            lake.record(c, written, run_ids=[], now=the_clock.now())
    return path


def test_an_orphan_goes_and_a_named_or_young_file_stays(home: Path) -> None:
    orphan = _file(age=timedelta(days=1), named=False)
    young = _file(age=timedelta(minutes=1), named=False)
    named = _file(age=timedelta(days=1), named=True)
    assert housekeeping.tidy()["orphans"] == 1
    assert [orphan.exists(), young.exists(), named.exists()] == [False, True, True]


def test_a_retired_file_goes_after_a_day_with_its_row(home: Path) -> None:
    path = _file(age=timedelta(), named=True)
    with operations.writing() as c:
        c.execute(sa.update(lake_file).values(retired_at=the_clock.now() - timedelta(hours=25)))
    assert housekeeping.sweep_retired() == 1
    assert not path.exists()
    with operations.reading() as c:
        assert c.scalar(sa.select(sa.func.count()).select_from(lake_file)) == 0


def test_a_session_is_forgotten_long_after_its_end(home: Path, clock: Any) -> None:
    now = the_clock.now()
    with operations.writing() as c:
        account_id = accounts.create_account(c, accounts.NewAccount("shop"), actor="test", now=now)
        sara = users.NewUser(account_id, "sara", "a-long-password")
        who = users.create_user(c, sara, actor="test", now=now)
        sessions.open_session(c, who, address="", now=now)
    assert housekeeping.forget_sessions() == 0
    clock.advance(days=8)
    assert housekeeping.forget_sessions() == 1
    with operations.reading() as c:
        assert c.scalar(sa.select(sa.func.count()).select_from(session)) == 0


def test_an_upload_stays_while_an_order_needs_it(open_shop: Any, home: Path) -> None:
    from targeting.uploads import store_upload

    shop = open_shop()
    kept = store_upload(b"number\n09120000001\n", shop.account_id)
    gone = store_upload(b"number\n09120000002\n", shop.account_id)
    order = shop.campaign(1, audience={"any": [{"kind": "file", "upload": kept}]})
    assert order
    for path in (home / "uploads").glob("*/*"):
        os.utime(path, (0, 0))
    assert housekeeping.sweep_uploads() == 1
    assert [path.name for path in (home / "uploads").glob("*/*")] == [kept]
    assert gone != kept


def test_tidying_an_empty_home_finds_nothing(home: Path) -> None:
    assert set(housekeeping.tidy().values()) == {0}
