"""Stores whose bytes are lost or damaged: one sentence names the file and the mend, and doctor ends."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from data.errors import Broken, ChaparError, Refused
from data.settings import settings
from data.store import operations
from data.store import population as store
from flows.cli import main
from flows.steps import examining
from targeting.population.build import build_population
from targeting.population.report import BuildRequest

RUBBISH = random.Random("rubbish").randbytes(300_000)
CHECKS = {"python", "timezone", "home", "operations", "population"}


@pytest.fixture
def published(home: Path) -> Path:
    """A home with a population; the path of its snapshot, which nobody has read yet."""
    day = datetime(2026, 11, 22, 9, tzinfo=UTC)
    build_population(BuildRequest(today=day.date(), now=day, synthetic=300))
    store._read.cache_clear()
    return next(store.population_root().glob("*.duckdb"))


def _doctor() -> dict[str, examining.Check]:
    return {check.name: check for check in examining.examine()}


@pytest.mark.parametrize("kept", [0, 12_288])
def test_a_damaged_population_names_its_file_and_the_mend(published: Path, kept: int) -> None:
    whole = published.read_bytes()
    published.write_bytes(whole[:kept] + RUBBISH[: len(whole) - kept])
    for look in (store.current, store.open_population):
        with pytest.raises(Broken, match="chapar population build") as broken:
            look()
        assert str(published) in broken.value.en
        assert broken.value.fa != broken.value.en
    assert main(["population", "show"]) == 1
    assert not _doctor()["population"].ok


def test_a_snapshot_that_is_damaged_after_it_was_read_is_told_of_too(published: Path) -> None:
    assert store.current() is not None
    published.write_bytes(RUBBISH)
    with pytest.raises(Broken, match="chapar population build"):
        store.open_population()


def test_a_block_found_damaged_by_a_question_is_told_of_too(published: Path) -> None:
    with pytest.raises(Broken, match="chapar population build"), store.open_population():
        raise duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2")
    with pytest.raises(duckdb.Error, match="Binder"), store.open_population() as population:
        population.con.execute("SELECT nothing FROM meta")


@pytest.mark.parametrize("held", [b"rubbish", b"", RUBBISH[:40]])
def test_a_pointer_that_names_nothing_says_the_mend(published: Path, held: bytes) -> None:
    (published.parent / "current").write_bytes(held)
    with pytest.raises(Broken, match="chapar population build"):
        store.current()


def test_a_snapshot_that_is_gone_says_the_mend(published: Path) -> None:
    published.unlink()
    with pytest.raises(Refused, match="chapar population build"):
        store.current()


COMMANDS = [
    ("account", "list"), ("audit",), ("campaign", "status", "1"), ("dispatch", "--drain"),
    ("worker", "--once"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_damaged_operations_store_names_its_file_and_the_mend(
    home: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    operations.forget_engines()
    for file in home.glob("operations.sqlite*"):
        file.unlink()
    (home / "operations.sqlite").write_bytes(RUBBISH)
    assert main(list(words)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{home / 'operations.sqlite'} is damaged" in said
    assert "restore it from a backup" in said


@pytest.mark.parametrize("place", ["", "no/such/folder/x.sqlite"])
def test_a_store_that_cannot_be_opened_names_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("CHAPAR_DATABASE_URL", f"sqlite:///{tmp_path / place}")
    settings.cache_clear()
    operations.forget_engines()
    with pytest.raises(Broken, match="cannot be used") as broken:
        operations.migrate()
    assert str(tmp_path / place) in broken.value.en
    assert broken.value.fa != broken.value.en


def test_what_the_store_refuses_for_other_reasons_is_raised_as_it_is(home: Path) -> None:
    with pytest.raises(sa.exc.OperationalError, match="no such table"), operations.reading() as c:
        c.execute(sa.text("SELECT * FROM nowhere"))


def test_doctor_ends_whatever_a_check_meets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def strange() -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, RuntimeError("the disk\nis strange"))

    monkeypatch.setattr("data.store.population.current", strange)
    found = _doctor()
    assert set(found) >= CHECKS
    assert (found["population"].ok, found["spool"].ok) == (False, True)
    assert found["population"].say == "RuntimeError: the disk; mend what it names, look again"


@pytest.mark.parametrize("under", ["", "deeper"])
def test_doctor_says_that_the_home_must_be_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, under: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path / "file" / under))
    settings.cache_clear()
    operations.forget_engines()
    found = _doctor()
    assert set(found) >= CHECKS
    assert not found["home"].ok
    assert "CHAPAR_HOME must be a folder" in found["home"].say


def test_every_such_error_speaks_both_languages() -> None:
    for damaged in (True, False):
        error: ChaparError = operations._of_file("said", damaged=damaged)
        assert error.fa != error.en
