"""Raw tables that a build refuses: what it says of their rows, and what it leaves behind."""

from __future__ import annotations

import gzip
import json
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

TOWERS = "radio,mcc,net,area,cell,lon,lat\nGSM,746,2,1,1,-55.15,5.82\n"
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


HEADER = "msisdn,gender\n"
GZIPPED = gzip.compress(HEADER.encode() * 100, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("areas.shp", b"garbage\n", "areas.shp is not a Shapefile"),
        ("areas.geojson.gz", b"garbage\n", "areas.geojson.gz is not gzip, or was cut short"),
        ("subscribers.csv.gz", b"msisdn\n", "subscribers.csv.gz is not gzip, or was cut short"),
        ("subscribers.csv.gz", GZIPPED[:-9], "subscribers.csv.gz is not gzip, or was cut short"),
        ("subscribers.csv.gz", GZIPPED[:12] + b"\xff" * 20, "subscribers.csv.gz is not gzip"),
        ("subscribers.csv", (HEADER + "1,f\n").encode("utf-16"), "UTF-16, or no text at all: save it as CSV"),
        ("subscribers.csv", (HEADER + "1,f\n").encode("utf-16-le"), "UTF-16, or no text at all: save"),
        ("subscribers.csv", (HEADER + "1,زن\n").encode("cp1256"), "not UTF-8: save it as CSV in UTF-8"),
        ("subscribers.csv", b'msisdn,gender\n1,f\n2,"f\n3,f\n', "close every quotation mark .*in line 3"),
        ("subscribers.csv", b"msisdn,lon,lat,MSISDN\n1,,,2\n", "the column msisdn more than once: keep one"),
    ],
    ids=("shapefile", "geojson_gz", "gz", "cut", "spoilt", "utf16", "utf16_le", "cp1256", "quote", "twice"),
)
def test_a_file_that_cannot_be_read_is_named_with_the_mend(
    name: str, content: bytes, said: str, refuse: Refuse, folder: Path
) -> None:
    (folder / name).write_bytes(content)
    refused = refuse()
    assert refused.field == f"raw.{name.partition('.')[0]}"
    assert name in refused.en
    assert name in refused.fa
    assert re.search(said, refused.en)
    assert "infer_schema" not in refused.en
    assert "\0" not in refused.en


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("towers,OpenCelliD,2026-99-01", "line 2: '2026-99-01' is no day: write as_of as YYYY-MM-DD"),
        ("towers,OpenCelliD,2026-03-20,old", "line 2: it has more cells than the header"),
    ],
)
def test_a_row_of_sources_that_cannot_be_meant_is_refused(
    row: str, said: str, refuse: Refuse, folder: Path
) -> None:
    (folder / "towers.csv").write_text(TOWERS, encoding="utf-8")
    (folder / "sources.csv").write_text(f"table,source,as_of\n{row}\n", encoding="utf-8")
    refused = refuse(100)
    assert refused.field == "raw.sources"
    assert said in refused.en


@pytest.mark.parametrize("other", ["a-subscribers.csv", "all_subscribers.csv.gz", "subscribers.parquet"])
def test_two_files_for_one_table_are_refused_whatever_their_names(
    other: str, refuse: Refuse, folder: Path
) -> None:
    for name in ("subscribers.csv", other):
        (folder / name).write_text(HEADER, encoding="utf-8")
    refused = refuse()
    assert refused.field == "raw.subscribers"
    assert other in refused.en


def test_rows_with_more_cells_than_the_header_are_rejected_and_shown(refuse: Refuse, folder: Path) -> None:
    rows = ("5978123456,f,a,b,c\n", "5978123457,f,,c\n", "5978123458,x,\n", "5978123459,x\n")
    (folder / "subscribers.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    refuse()
    (kept,) = (store.population_root() / "rejected").iterdir()
    written = pl.read_csv(kept / "subscribers.csv", infer_schema=False)
    assert written.select("line", "reason", "beyond_header").rows() == [
        ("2", "beyond_header", "a"), ("3", "beyond_header", "c"), ("4", "gender", None),
        ("5", "gender", None),
    ]  # fmt: skip


def test_a_list_of_rejects_may_be_mended_and_built_again(refuse: Refuse, folder: Path) -> None:
    text = "line,reason,msisdn,gender,beyond_header\n7,gender,+5978123456,x,\n"
    (folder / "subscribers.csv").write_text(text, encoding="utf-8")
    assert "commonest reason is 'gender'" in refuse().en


@pytest.mark.parametrize(
    "column",
    [pl.Series([b"\xff"]), pl.Series([[1]]), pl.Series([{"a": 1}]), pl.Series([1], dtype=pl.Duration)],
)
def test_a_parquet_column_that_is_no_text_is_named(refuse: Refuse, folder: Path, column: pl.Series) -> None:
    pl.DataFrame({"msisdn": ["+5978123456"], "city": column}).write_parquet(folder / "subscribers.parquet")
    assert f"city ({column.dtype})" in refuse().en


@pytest.mark.parametrize(("x", "said"), [(500_000.0, "1 not_wgs84"), (None, "it is empty")])
def test_areas_of_which_none_is_usable_say_why(
    refuse: Refuse, folder: Path, x: float | None, said: str
) -> None:
    ring = [[x, 0], [x, 1], [0, 1], [x, 0]] if x else None
    one = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    areas = {"type": "FeatureCollection", "features": [one] if ring else []}
    (folder / "areas.geojson").write_text(json.dumps(areas), encoding="utf-8")
    (folder / "towers.csv").write_text(TOWERS, encoding="utf-8")
    refused = refuse(1_000)
    assert refused.field == "raw.areas"
    assert said in refused.en
