"""Of which day a raw table is: stated, in its rows, or unknown; never the day its file was copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.settings import settings
from data.store import population as store
from flows.cli import main

PEOPLE = "msisdn,gender\n09121234567,female\n09121234568,male\n"


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of raw tables with two subscribers, and a home for the snapshot."""
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "subscribers.csv").write_text(PEOPLE, encoding="utf-8")
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command with --json and return its document."""
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_people_of_no_stated_day_are_of_an_unknown_day(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = told(capsys, "population", "build", "--raw", str(raw))
    shown = told(capsys, "population", "show")
    for report in (built, shown):
        assert report["as_of"] is report["tables"]["subscribers"]["as_of"] is None
        assert "no_as_of" in report["tables"]["subscribers"]["flags"]
        assert report["tables"]["cities"]["as_of"] is not None, "what is shipped has its date"
        (notice,) = report["notices"]
        assert "subscribers" in notice["en"]
        assert "sources.csv" in notice["en"]
        assert "دانسته نیست" in notice["fa"]
    snapshot = store.current()
    assert snapshot
    assert snapshot.as_of is None
    assert main(["population", "show"]) == 0
    assert "the date of these tables is unknown: subscribers" in capsys.readouterr().out


def test_a_date_that_is_stated_is_told(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (raw / "sources.csv").write_text("table,source,as_of\nsubscribers,,2026-03-20\n", encoding="utf-8")
    report = told(capsys, "population", "build", "--raw", str(raw))
    assert (report["as_of"], report["notices"]) == ("2026-03-20", [])
    assert report["tables"]["subscribers"] == {
        "rows": 2, "source": "subscribers.csv", "as_of": "2026-03-20", "flags": []
    }  # fmt: skip
