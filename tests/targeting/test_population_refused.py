"""Raw tables that a build refuses: what it says of their rows, and what it leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from data.errors import Refused
from data.store import population as store
from targeting.population.build import build_population
from targeting.population.report import BuildRequest

Refuse = Callable[..., Refused]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for raw tables."""
    made = tmp_path / "raw"
    made.mkdir()
    return made


@pytest.fixture
def refuse(home: Path, folder: Path) -> Refuse:
    """Build from the folder in a home of its own, and return how it was refused."""

    def build(synthetic: int | None = None) -> Refused:
        moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
        wish = BuildRequest(
            today=date(2026, 11, 22), now=moment, raw=folder, region="SR", synthetic=synthetic
        )
        with pytest.raises(Refused) as refused:
            build_population(wish)
        return refused.value

    return build


def test_a_file_of_a_header_alone_says_that_it_has_no_rows(refuse: Refuse, folder: Path) -> None:
    (folder / "subscribers.csv").write_text("msisdn,lon,lat\n", encoding="utf-8")
    assert "has no rows, only its header" in refuse().en


@pytest.mark.parametrize(
    ("files", "said", "kept_rows"),
    [
        (
            {"subscribers.csv": "msisdn,gender\nhello,f\n+5978123456,x\n+5978123457,y\n"},
            "3 of 3 rows were rejected.*reason is 'gender' .subscribers: 2 rows.",
            {"subscribers.csv": 3},
        ),
        (
            {"towers.csv": "radio,mcc,net,area,cell,lon,lat\n5G,746,2,1,1,-55,5\n"},
            "reason is 'radio' .towers: 1 row.",
            {"towers.csv": 1},
        ),
    ],
)
def test_rejects_are_kept_and_named_where_the_build_is_refused_for_them(
    files: dict[str, str], said: str, kept_rows: dict[str, int], refuse: Refuse, folder: Path
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    refused = refuse(None if "subscribers.csv" in files else 100)
    assert re.search(said, refused.en)
    (kept,) = (store.population_root() / "rejected").iterdir()
    assert str(kept) in refused.en
    assert str(kept) in refused.fa
    assert {path.name: len(pl.read_csv(path, infer_schema=False)) for path in kept.iterdir()} == kept_rows
    assert kept.parent.stat().st_mode & 0o077 == 0
    assert store.current() is None
    store.sweep(keep=0)
    assert not kept.exists()
