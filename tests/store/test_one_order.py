"""A home that was made before it had an order of its own, and the order of every population it builds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from data.records import accounts, campaigns, lines, processes, runs
from data.rules.order_columns import order_keys
from data.store import operations, population
from data.store.population import Snapshot, open_population
from data.store.tables import slice_taken
from targeting.population.build import build_population
from targeting.population.report import BuildRequest

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIGRATIONS = Path(operations.__file__).parent / "migrations"
(OURS,) = (MIGRATIONS / "versions").glob("*_one_order_and_rounds.py")
BEFORE = f"{int(OURS.name[:4]) - 1:04d}"


def _to(revision: str, *, down: bool = False) -> None:
    """Bring the tables to a revision, as `operations.migrate` brings them to the newest."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with operations.writing() as c:
        config.attributes["engine"] = c.engine
    (command.downgrade if down else command.upgrade)(config, revision)


def _salt() -> bytes:
    with operations.reading() as c:
        return processes.order_salt(c)


@pytest.mark.parametrize(("real", "kept"), [(True, True), (False, False)])
def test_an_older_home_keeps_the_order_of_real_people_and_not_one_that_can_be_guessed(
    home: Path, monkeypatch: pytest.MonkeyPatch, real: bool, kept: bool
) -> None:
    build_population(BuildRequest(DAY, NOON, synthetic=50))
    published = population.current()
    assert published is not None
    old: Snapshot = replace(published, salt=bytes(range(16)), seed=None if real else 1)
    _to(BEFORE, down=True)
    monkeypatch.setattr(population, "current", lambda: old)
    operations.forget_engines()
    operations.migrate()
    assert (_salt() == old.salt) == kept


def test_old_slices_are_told_their_round_and_their_series_is_folded(home: Path) -> None:
    rows = [("h1", 1, "Spring"), ("h1", 6, None), ("h2", 9, "بهاري"), ("h1", 1, None), ("h1", 4, None)]
    run_ids = _runs(len(rows))
    _to(BEFORE, down=True)
    with operations.writing() as c:
        for run_id, (key, row, series) in zip(run_ids, rows, strict=True):
            c.exec_driver_sql(
                "INSERT INTO slice_taken (account_id, audience_hash, series, row, taken, run_id, at)"
                " VALUES (1, ?, ?, ?, 5, ?, '2026-11-22 12:00:00')", (key, series, row, run_id),
            )  # fmt: skip
    operations.forget_engines()
    operations.migrate()
    with operations.reading() as c:
        found = c.execute(sa.select(slice_taken).order_by(slice_taken.c.id)).all()
    assert [one.round for one in found] == [run_ids[at] for at in (0, 0, 2, 3, 3)]
    assert [one.series for one in found] == ["spring", None, "بهاری", None, None]
    assert all(one.own and one.last_key is None for one in found)


def _runs(n: int) -> list[int]:
    """Make so many runs of one campaign."""
    with operations.writing() as c:
        account = accounts.create_account(c, accounts.NewAccount("shop"), actor="t", now=NOON)
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="t", now=NOON)
        lines.create_line(c, lines.NewLine("3000", "sim", account, "service", 90, 60), actor="t", now=NOON)
        line = lines.find(c, account, "3000")
        assert line
        draft = campaigns.Draft(account, line.id, "t", "quick", "x", {}, False, token="t", created_by="t")
        order = campaigns.get(c, campaigns.create(c, draft, now=NOON), account_id=account)
        return [runs.approve(c, order, line, key=f"k{i}", due_at=NOON, now=NOON)[0] for i in range(n)]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_population_of_a_home_has_the_home_s_order(home: Path, seed: int) -> None:
    build_population(BuildRequest(DAY, NOON, synthetic=300, seed=seed))
    with open_population() as opened:
        numbers, keys = opened.con.execute(
            "SELECT list(msisdn), list(order_key) FROM subscribers"
        ).fetchall()[0]
    assert keys == order_keys(np.array(numbers, dtype=np.uint64), _salt()).tolist()
    assert opened.snapshot.salt == _salt()


def test_two_homes_have_two_orders_of_the_same_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    from data.settings import settings

    first = _salt()
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path / "another"))
    settings.cache_clear()
    operations.forget_engines()
    build_population(BuildRequest(DAY, NOON, synthetic=50))
    assert _salt() != first
