"""Snapshots: published whole or not at all, kept by their readers, swept by housekeeping, closed to the
outside.
"""

from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from data.errors import Broken, Refused
from data.settings import settings
from data.store import population as store
from targeting.population import build as building
from targeting.population.build import build_population
from targeting.population.report import BuildRequest, Report

DAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path))
    settings.cache_clear()


def _build(people: int = 300, *, hours: int = 0, **wish: Any) -> Report:
    moment = DAY + timedelta(hours=hours)
    return build_population(BuildRequest(today=date(2026, 11, 22), now=moment, synthetic=people, **wish))


def _files() -> list[str]:
    return sorted(path.name for path in store.population_root().iterdir())


def test_without_a_snapshot_there_is_none_and_opening_is_refused() -> None:
    assert store.current() is None
    with pytest.raises(Refused) as refused:
        store.open_population()
    assert refused.value.field == "population"


def test_a_build_is_published_and_tells_what_it_holds() -> None:
    report = _build(seed=4)
    snapshot = store.current()
    assert snapshot is not None
    assert (snapshot.name, snapshot.subscribers, snapshot.region) == (report.snapshot, 300, "IR")
    assert (snapshot.as_of, snapshot.timezone, snapshot.seed) == (date(2026, 11, 22), "Asia/Tehran", 4)
    assert len(snapshot.salt) == 16
    assert snapshot.provenance["subscribers"]["flags"] == ["synthetic"]
    assert "salt" not in repr(snapshot)
    assert _files() == [f"{report.snapshot}.duckdb", "current"]
    files = [path for path in snapshot.path.parent.iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_same_seed_gives_the_same_rows_in_the_same_order() -> None:
    rows = []
    for _ in range(2):
        _build(2_000, seed=9, province="23")
        with store.open_population() as population:
            rows.append(population.con.sql("SELECT * FROM subscribers").pl())
    assert rows[0].equals(rows[1])


def test_a_snapshot_has_the_promised_columns_and_enums() -> None:
    _build()
    with store.open_population() as population:
        columns = dict(
            population.con.execute("SELECT column_name, column_type FROM (DESCRIBE subscribers)").fetchall()
        )
    assert list(columns) == [
        "msisdn", "order_key", "lon", "lat", "born_on", "gender", "province", "city", "postcode", "operator",
        "line_type", "occupation", "tower", "opted_out",
    ]  # fmt: skip
    enums = {name for name, kind in columns.items() if kind.startswith("ENUM")}
    assert enums == {"gender", "province", "city", "operator", "line_type", "occupation"}
    assert columns["tower"] == "UINTEGER"


def test_a_failed_build_leaves_the_old_snapshot_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _build()
    files = _files()
    salt = store.current()
    real = building.write_snapshot

    def breaks(*given: Any, **named: Any) -> None:
        real(*given, **named)
        raise Broken("the disk is full")

    monkeypatch.setattr(building, "write_snapshot", breaks)
    with pytest.raises(Broken):
        _build(hours=1)
    assert _files() == files
    assert store.current() == salt
    assert building.show().snapshot == before.snapshot


def test_a_file_that_is_no_snapshot_is_never_pointed_at(tmp_path: Path) -> None:
    before = _build()
    name = store.new_name("IR", DAY)
    bad = tmp_path / "bad.duckdb"
    duckdb.connect(str(bad)).close()
    with pytest.raises(duckdb.Error):
        store.publish(bad, name)
    current = store.current()
    assert current is not None
    assert current.name == before.snapshot
    assert f"{name}.duckdb" not in _files()


def test_a_snapshot_that_breaks_a_promise_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from targeting.population import synthesise

    real = synthesise.synthesise_iran

    def twice(*given: Any) -> pl.DataFrame:
        people = real(*given)
        return pl.concat([people, people.head(1)])

    monkeypatch.setattr(synthesise, "synthesise_iran", twice)
    with pytest.raises(Broken, match="every number once"):
        _build()
    assert store.current() is None


def test_a_reader_keeps_its_snapshot_while_others_are_published_and_swept() -> None:
    first = _build(300)
    reader = store.open_population()
    names = [first.snapshot] + [_build(100 + n, hours=n).snapshot for n in range(1, 5)]
    assert store.sweep(keep=3) == [names[1], names[0]]
    assert reader.con.execute("SELECT count(*) FROM subscribers").fetchall() == [(300,)]
    assert reader.con.execute("SELECT count(DISTINCT postcode) > 10 FROM subscribers").fetchall() == [(True,)]
    reader.close()
    with store.open_population() as now:
        assert now.snapshot.name == names[-1]
    with store.open_population(names[2]) as older:
        assert older.snapshot.subscribers == 102
    with pytest.raises(Refused):
        store.open_population(names[0])


def test_the_published_snapshot_is_never_swept() -> None:
    names = [_build(100, hours=n).snapshot for n in range(3)]
    store._point(store.population_root(), names[0])
    assert store.sweep(keep=1) == [names[1]]
    current = store.current()
    assert current is not None
    assert current.name == names[0]


def test_what_a_dead_build_left_is_swept_and_a_living_one_s_is_not() -> None:
    root = store.population_root()
    dead = root / f".building-999999999-{os.uname().nodename.replace('-', '_')}-x"
    dead.mkdir()
    with store.building("20261122T090000-ir-000000") as living:
        store.sweep()
        assert living.exists()
    assert not dead.exists()
    assert not living.exists()


def test_readers_of_the_pointer_see_the_old_name_or_the_new_never_a_part() -> None:
    root, names = store.population_root(), {store.new_name("IR", DAY) for _ in range(2)}
    store._point(root, min(names))
    seen: set[str | None] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(store._current_name())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(40):
        for name in names:
            store._point(root, name)
    done.set()
    reader.join()
    assert seen <= names


def test_a_reader_can_neither_write_nor_reach_outside_nor_unlock() -> None:
    _build()
    with store.open_population() as population:
        for query in (
            "DELETE FROM subscribers",
            "SELECT * FROM read_csv('/etc/hostname')",
            "COPY subscribers TO '/tmp/numbers.csv'",
            "SET enable_external_access = true",
            "SET memory_limit = '64GB'",
            "ATTACH '/tmp/other.duckdb'",
        ):
            with pytest.raises(duckdb.Error):
                population.con.execute(query)
        given = pl.DataFrame({"msisdn": [1]})
        population.con.register("given", given)
        assert population.con.execute("SELECT count(*) FROM given").fetchall() == [(1,)]


def test_many_threads_of_a_server_open_one_snapshot_at_once() -> None:
    _build()
    wrong: list[Exception] = []

    def look() -> None:
        try:
            for _ in range(20):
                with store.open_population() as population:
                    population.con.execute("SELECT count(*) FROM towers").fetchall()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_snapshots_are_closed_to_other_users() -> None:
    report = _build()
    root = store.population_root()
    assert stat.S_IMODE((root / f"{report.snapshot}.duckdb").stat().st_mode) == 0o600
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_place_queries_touch_few_row_groups() -> None:
    _build(400_000)
    with store.open_population() as population:
        groups = population.con.execute(
            "SELECT row_group_id, min(stats), max(stats) FROM pragma_storage_info('subscribers') "
            "WHERE column_name = 'lon' AND segment_type = 'DOUBLE' GROUP BY row_group_id"
        ).fetchall()
        spans = population.con.execute(
            "SELECT max(lon) - min(lon) "
            "FROM (SELECT rowid // 122880 AS part, lon FROM subscribers) GROUP BY part"
        ).fetchall()
        whole = population.con.execute("SELECT max(lon) - min(lon) FROM subscribers").fetchall()[0][0]
    assert len(groups) >= 4
    assert min(span for (span,) in spans) < whole / 2
