"""The operations store and the lake: transactions, privacy, files that count only when a row names them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from data import clock as the_clock
from data.errors import Broken, Retryable
from data.facts import receipts, recipients, submissions
from data.records import processes
from data.store import lake, operations
from data.store.tables import home as home_table
from data.store.tables import lake_file, metadata, process

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_the_store_is_sqlite_in_wal_that_syncs_every_commit_and_is_private(home: Path) -> None:
    with operations.writing() as c:
        asked = {
            name: c.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert (home / "operations.sqlite").stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o077 == 0


def test_every_table_is_made_once(home: Path) -> None:
    operations.migrate()
    operations.migrate()
    with operations.reading() as c:
        assert set(sa.inspect(c).get_table_names()) - {"sqlite_sequence"} == {
            *metadata.tables,
            "alembic_version",
        }


def test_a_home_has_a_secret_of_its_own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.settings import settings

    with operations.reading() as c:
        first = processes.secret(c)
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path / "second"))
    settings.cache_clear()
    operations.migrate()
    with operations.reading() as c:
        assert len(first) == 32
        assert processes.secret(c) != first


def test_a_failed_transaction_leaves_nothing(home: Path) -> None:
    with pytest.raises(AssertionError), operations.writing() as c:
        assert processes.set_fact(c, "x", 1), "nothing is returned, so this fails after the write"
    with operations.reading() as c:
        assert processes.fact(c, "x") is None


def test_a_reader_cannot_write_and_does_not_wait_for_a_writer(home: Path) -> None:
    with pytest.raises(OperationalError, match="readonly"), operations.reading() as c:
        c.execute(sa.insert(home_table).values(key="x", value=1))
    with operations.writing() as w:
        processes.set_fact(w, "x", 1)
        with operations.reading() as c:
            assert processes.fact(c, "x") is None, "it sees what was committed"


def test_a_store_that_stays_busy_is_retryable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "BUSY_MILLISECONDS", 50)
    operations.forget_engines()
    failed: list[BaseException] = []

    def second() -> None:
        try:
            with operations.writing() as c:
                processes.set_fact(c, "y", 1)
        except BaseException as error:
            failed.append(error)

    with operations.writing() as c:
        processes.set_fact(c, "x", 1)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(20)
    assert [type(error) for error in failed] == [Retryable]


def test_many_threads_lose_no_update(home: Path) -> None:
    with operations.writing() as c:
        processes.set_fact(c, "n", 0)

    def count() -> None:
        for _ in range(10):
            with operations.writing() as c:
                processes.set_fact(c, "n", processes.fact(c, "n") + 1)

    threads = [threading.Thread(target=count) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    with operations.reading() as c:
        assert processes.fact(c, "n") == 60


def test_times_are_utc_and_a_time_without_a_zone_is_refused(home: Path) -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    with operations.writing() as c:
        processes.announce(c, "p", now=NOW.astimezone(tehran))
        assert c.scalar(sa.select(process.c.seen_at)) == NOW
    with pytest.raises(StatementError), operations.writing() as c:
        processes.announce(c, "p", now=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_process_that_is_gone_has_no_address(home: Path) -> None:
    with operations.writing() as c:
        processes.announce(c, "receiver", now=NOW, address="http://127.0.0.1:1")
        assert processes.address_of(c, "receiver") == "http://127.0.0.1:1"
        c.execute(sa.update(process).values(pid_started="1"))
        assert processes.address_of(c, "receiver") is None, "the pid lives, but it is another process"
        assert processes.address_of(c, "nobody") is None


def test_a_file_counts_only_when_a_row_names_it(home: Path) -> None:
    written = submissions.write(submissions.SCHEMA.to_frame())
    with operations.writing() as c:
        assert lake.paths(c, "submissions") == []
        lake.record(c, written, run_ids=[], now=NOW)
        assert lake.paths(c, "submissions") == [str(lake.lake_root() / written.path)]
    assert (lake.lake_root() / written.path).stat().st_mode & 0o077 == 0


def test_a_changed_or_missing_file_is_broken(home: Path) -> None:
    written = submissions.write(submissions.SCHEMA.to_frame())
    assert lake.checked(written.path, written.sha256).exists()
    with (lake.lake_root() / written.path).open("ab") as file:
        file.write(b"x")
    with pytest.raises(Broken):
        lake.checked(written.path, written.sha256)
    with pytest.raises(Broken):
        lake.checked("submissions/none.parquet", "0")


def test_orphans_are_swept_when_nobody_can_still_name_them(home: Path) -> None:
    kept, orphan = (submissions.write(submissions.SCHEMA.to_frame()) for _ in range(2))
    with operations.writing() as c:
        lake.record(c, kept, run_ids=[], now=NOW)
        assert lake.sweep_orphans(c, older_than=the_clock.now() - timedelta(hours=1)) == 0
        assert lake.sweep_orphans(c, older_than=the_clock.now() + timedelta(hours=1)) == 1
    assert (lake.lake_root() / kept.path).exists()
    assert not (lake.lake_root() / orphan.path).exists()


def test_a_set_is_named_by_its_hash_and_equal_sets_are_one_file(home: Path) -> None:
    frame = _set(3)
    first, second = recipients.write_set(frame), recipients.write_set(frame)
    assert first == second
    assert first.sha256 in first.path
    with operations.writing() as c:
        lake.record(c, first, run_ids=[], now=NOW)
        lake.record(c, second, run_ids=[], now=NOW)
        assert c.scalar(sa.select(sa.func.count()).select_from(lake_file)) == 1


def test_a_set_with_a_number_twice_is_never_written(home: Path) -> None:
    twice = _set(3).with_columns(msisdn=pl.lit(989120000000, pl.UInt64))
    with pytest.raises(Broken):
        recipients.write_set(twice)
    with pytest.raises(AssertionError):
        recipients.write_set(_set(3).with_columns(pos=pl.col("pos") + 1))


@pytest.mark.parametrize(("first", "n"), [(1, 1), (1, 150), (100, 150), (99, 2), (201, 50), (250, 1)])
def test_a_window_of_a_set_is_its_rows_whatever_row_group_they_lie_in(
    first: int, n: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "ROW_GROUP_ROWS", 100)
    recipients._row_group.cache_clear()
    frame = _set(250)
    written = recipients.write_set(frame)
    assert recipients.window(written.path, written.sha256, pos_from=first, n=n).equals(
        frame.slice(first - 1, n)
    )
    recipients._row_group.cache_clear()


def test_the_lake_is_read_and_nothing_else(home: Path, tmp_path: Path) -> None:
    import duckdb

    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    con = lake.connect()
    for forbidden in (
        f"SELECT * FROM read_csv('{secret}')",
        f"COPY (SELECT 1) TO '{tmp_path / 'x.csv'}'",
        "SET enable_external_access = true",
        f"ATTACH '{tmp_path / 'x.db'}'",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(forbidden).fetchall()
    con.close()


def test_receipts_keep_what_was_not_understood(home: Path) -> None:
    frame = pl.DataFrame([{"gateway": "sim", "status": "ODD", "gid": "1"}]).select(
        *[
            pl.lit(None).alias(name) if name not in ("gateway", "status", "gid") else pl.col(name)
            for name in receipts.SCHEMA
        ]
    )
    written = receipts.write(frame)
    assert pl.read_parquet(lake.lake_root() / written.path).schema == receipts.SCHEMA


def test_what_is_append_only_says_so(home: Path) -> None:
    with operations.writing() as c:
        names = set(c.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    assert {
        f"{table}_no_{verb}"
        for table in ("ledger_entry", "audit_log", "evidence")
        for verb in ("update", "delete")
    } <= names
    with pytest.raises(DBAPIError), operations.writing() as c:
        c.execute(
            sa.text(
                "INSERT INTO ledger_entry (key, debit, credit, amount_rials, actor, at) "
                "VALUES ('k','a','a',1,'t','t')"
            )
        )


def _set(n: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "pos": range(1, n + 1),
            "msisdn": range(989_120_000_000, 989_120_000_000 + n),
            "text": ["x"] * n,
            "ucs2": [False] * n,
            "parts": [1] * n,
            "price_rials": [90] * n,
            "operator": ["mci"] * n,
            "bank": [False] * n,
        },
        schema=recipients.SCHEMA,
    )


def test_the_migrations_make_exactly_the_tables_of_the_code(home: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from data.store.tables import metadata

    with operations.writing() as c:
        assert compare_metadata(MigrationContext.configure(c), metadata) == []
