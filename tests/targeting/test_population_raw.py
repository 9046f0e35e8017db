"""Populations built from raw tables: three countries as they came, variants of tower files, dirty rows."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from data.errors import Refused
from data.rules.msisdn_columns import parse_column
from data.settings import settings
from data.store import population as store
from targeting.population.build import build_population, show
from targeting.population.report import BuildRequest, Report

TODAY = date(2026, 11, 22)
PEOPLE = 20_000
SQUARE = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"LI-X","name":"Whole"},'
    '"geometry":{"type":"Polygon","coordinates":[[[9.4,47.0],[9.7,47.0],[9.7,47.3],[9.4,47.3],[9.4,47.0]]]}}]}'
)
Build = Callable[..., Report]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Build from a folder in a home of its own."""
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path / "home"))
    settings.cache_clear()

    def build(folder: Path, region: str, **wish: Any) -> Report:
        moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
        return build_population(BuildRequest(today=TODAY, now=moment, raw=folder, region=region, **wish))

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for raw tables."""
    made = tmp_path / "raw"
    made.mkdir()
    return made


def _take(source: Path, folder: Path, pattern: str) -> Path:
    for path in source.glob(pattern):
        (folder / path.name).symlink_to(path)
    return folder


def _subscribers() -> pl.DataFrame:
    with store.open_population() as population:
        enums = "* REPLACE (gender::VARCHAR AS gender, province::VARCHAR AS province, city::VARCHAR AS city)"
        return population.con.sql(f"SELECT {enums} FROM subscribers").pl()


@pytest.mark.parametrize("region", ["SR", "GY", "LI"])
def test_a_country_is_built_round_its_own_places(
    region: str, built: Build, folder: Path, reference_data: Path
) -> None:
    report = built(_take(reference_data, folder, f"{region.lower()}_*"), region, synthetic=PEOPLE, seed=3)
    people = _subscribers()
    assert report.subscribers == people.height == people["msisdn"].n_unique() == PEOPLE
    parsed = parse_column("+" + people["msisdn"].cast(pl.String), region)
    assert parsed["msisdn"].equals(people["msisdn"]), "every number is a mobile number of the country"
    assert people["order_key"].n_unique() == PEOPLE
    assert report.tables["subscribers"]["flags"] == ["synthetic"]
    if region == "LI":
        assert people["postcode"].str.contains(r"^94(8|9)\d$").all()
        assert people["tower"].null_count() == PEOPLE
        assert people["city"].null_count() == 0
    else:
        assert people["tower"].null_count() == 0
        assert people["postcode"].null_count() == PEOPLE
    assert show().to_json() == report.to_json()


def test_people_of_suriname_stay_near_its_towers_and_in_its_districts(
    built: Build, folder: Path, reference_data: Path
) -> None:
    report = built(_take(reference_data, folder, "sr_*"), "SR", synthetic=PEOPLE, seed=3)
    assert report.rejected == {"towers": 3}
    lines = (report.rejected_folder or Path()).joinpath("towers.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert all(",outside_country," in line for line in lines[1:])
    with store.open_population() as population:
        con = population.con
        far = con.execute(
            "SELECT max(sqrt(((s.lon - t.lon) * cos(radians(t.lat))) ** 2 + (s.lat - t.lat) ** 2)) "
            "FROM subscribers s JOIN towers t ON s.tower = t.id"
        ).fetchall()[0][0]
        rows = con.sql("SELECT lon, lat, province::VARCHAR AS province FROM subscribers").pl()
        areas = con.sql("SELECT code, wkb FROM districts").pl()
        assert population.snapshot.timezone == "America/Paramaribo"
    assert far * 111.2 < 2.5
    for code, wkb in areas.iter_rows():
        inside = shapely.intersects_xy(shapely.from_wkb(wkb), rows["lon"].to_numpy(), rows["lat"].to_numpy())
        assert np.array_equal(inside, (rows["province"] == code).fill_null(value=False).to_numpy())


def test_the_same_seed_builds_the_same_country(built: Build, folder: Path, reference_data: Path) -> None:
    _take(reference_data, folder, "li_*")
    built(folder, "LI", synthetic=2_000, seed=5)
    first = _subscribers()
    built(folder, "LI", synthetic=2_000, seed=5)
    assert _subscribers().equals(first)


def test_tower_files_with_and_without_header_gzipped_renamed_or_of_mozilla_give_the_same_towers(
    built: Build, tmp_path: Path, reference_data: Path
) -> None:
    plain = (reference_data / "cell_towers_variant_headerless.csv").read_text(encoding="utf-8")
    names = "radio,mcc,mnc,lac,cid,psc,long,lat,range,sample,changeable,created,updated,avgsignal\n"
    variants: dict[str, bytes] = {
        "towers.csv": plain.encode(),
        "download_cell_towers.csv": (reference_data / "cell_towers_variant_mls.csv").read_bytes(),
        "towers.csv.gz": gzip.compress(plain.encode()),
        "sr_cell_towers.csv": (names + plain).encode(),
        "semicolons/towers.csv": (names + plain).replace(",", ";").encode(),
    }
    found = []
    for name, content in variants.items():
        path = tmp_path / "variants" / name.replace(".", "_") / Path(name).name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        built(path.parent, "SR", synthetic=500)
        with store.open_population() as population:
            found.append(population.con.sql("SELECT * FROM towers ORDER BY id").pl())
    assert found[0].height == 60
    assert all(frame.equals(found[0]) for frame in found)


def test_each_dirty_tower_is_rejected_with_its_reason(built: Build, folder: Path) -> None:
    good = "GSM,746,2,102,{cell},0,-55.15,5.82,1000,1,1,1231874924,1231874924,0\n"
    rows = [
        good.format(cell=1), good.format(cell=1), "5G,746,2,102,3,0,-55.1,5.8,1000,1,1,1,1,0\n",
        "GSM,0,2,102,4,0,-55.1,5.8,1000,1,1,1,1,0\n", "GSM,746,x,102,5,0,-55.1,5.8,1000,1,1,1,1,0\n",
        "GSM,746,2,102,6,0,-555.1,5.8,1000,1,1,1,1,0\n", "GSM,746,2,102,7,0,,5.8,1000,1,1,1,1,0\n",
        "GSM,746,2,102,8,0,0,0,1000,1,1,1,1,0\n", "GSM,746,2,102,9,0,-55.1,north,1000,1,1,1,1,0\n",
        "GSM,746,2,102,10,0,-55.1,5.8,wide,1,1,1,1,0\n", "GSM,746,2,102,,0,-55.1,5.8,1000,1,1,1,1,0\n",
        good.format(cell=12), "lte,746,2,102,13,-1,-55.15,5.82,,,,,,\n",
    ]  # fmt: skip
    (folder / "towers.csv").write_text("".join(rows), encoding="utf-8")
    report = built(folder, "SR", synthetic=100)
    assert report.tables["towers"]["rows"] == 3
    assert report.rejected == {"towers": 10}
    written = pl.read_csv((report.rejected_folder or Path()) / "towers.csv", infer_schema=False)
    assert dict(written.select("line", "reason").iter_rows()) == {
        "2": "duplicate", "3": "radio", "4": "mcc", "5": "net", "6": "position", "7": "position_missing",
        "8": "position_zero", "9": "position", "10": "range_m", "11": "cell",
    }  # fmt: skip


def test_subscribers_are_checked_and_words_become_codes(
    built: Build, folder: Path, reference_data: Path
) -> None:
    _take(reference_data, folder, "li_*")
    rows = [
        "msisdn,lon,lat,born_on,gender,province,city,postcode,operator,line_type,occupation,tower",
        "+423 660 12 34 56,9.52,47.14,1990-02-28,F,LI-11,Vaduz,9490,Telecom Liechtenstein,prepaid,J001,",
        "6601234567,,,,,,,,,,,GSM-295-1-1-1",
        "+4236601234 56,9.52,47.14,,,,,,,,,",
        "+4232221111,,,,,,,,,,,",
        "7812345,9.52,,,,,,,,,,",
        "7812346,9.52,46.5,,,,,,,,,",
        "7812347,,,1990-02-30,,,,,,,,",
        "7812348,,,2030-01-01,,,,,,,,",
        "7812349,,,,other,,,,,,,",
        "7812350,,,,,,Atlantis,,,,,",
        "7812351,,,,,,,94-90-00-00-00-1,,,,",
        "7812352,,,,,,,,nobody,,,",
        "7812353,,,,,,,,,,,",
    ]
    (folder / "subscribers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = built(folder, "LI")
    people = _subscribers().sort("msisdn")
    assert people["msisdn"].to_list() == [4237812353, 423660123456]
    assert people.row(1, named=True) | {"order_key": 0} == {
        "msisdn": 423660123456, "order_key": 0, "lon": 9.52, "lat": 47.14, "born_on": date(1990, 2, 28),
        "gender": "female", "province": "LI-11", "city": "3042030", "postcode": "9490",
        "operator": "telecom_liechtenstein", "line_type": "prepaid", "occupation": "J001", "tower": None,
        "opted_out": False,
    }  # fmt: skip
    assert people["operator"].cast(pl.String)[0] == "salt"
    written = pl.read_csv((report.rejected_folder or Path()) / "subscribers.csv", infer_schema=False)
    reasons = dict(written.select("line", "reason").iter_rows())
    assert reasons.pop("3").startswith("msisdn: ")
    assert reasons.pop("5").startswith("msisdn: ")
    assert reasons == {
        "4": "duplicate", "6": "position_missing", "7": "outside_country", "8": "born_on", "9": "born_on",
        "10": "gender", "11": "city", "12": "postcode", "13": "operator",
    }  # fmt: skip
    assert "synthetic" not in report.tables["subscribers"]["flags"]


def test_iranian_subscribers_may_come_as_parquet_with_persian_words(built: Build, folder: Path) -> None:
    pl.DataFrame({
        "number": ["09121234567", "۰۹۳۵۱۲۳۴۵۶۷"], "sex": ["زن", "مرد"], "city": ["تهران", "اصفهان"],
        "born_on": [date(1990, 1, 1), None], "postcode": ["1131613133", None],
    }).write_parquet(folder / "subscribers.parquet")  # fmt: skip
    report = built(folder, "IR")
    people = _subscribers().sort("msisdn")
    assert people["msisdn"].to_list() == [989121234567, 989351234567]
    assert people["gender"].to_list() == ["female", "male"]
    assert people["city"].to_list() == ["2301021576", "1002031406"]
    assert people["operator"].cast(pl.String).to_list() == ["mci", "irancell"]
    assert people["born_on"].to_list() == [date(1990, 1, 1), None]
    assert report.rejected == {}


def test_digits_and_operators_are_understood_as_people_write_them(built: Build, folder: Path) -> None:
    rows = [
        "msisdn,lon,lat,operator,born_on",
        "09121234567,۵۱.۴,۳۵.۷,همراه اول,1990-01-01T00:00:00",
        "09121234568,５１.４,35.7,,",
        "09121234569,٥١.٤,35.7,MTN Irancell,",
        "09121234570,51.4,35.7,mci,1990-01-01garbage",
    ]
    (folder / "subscribers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = built(folder, "IR")
    people = _subscribers().sort("msisdn")
    assert people["msisdn"].to_list() == [989121234567, 989121234569]
    assert people["lon"].to_list() == [51.4, 51.4]
    assert people["operator"].cast(pl.String).to_list() == ["mci", "irancell"]
    assert people["born_on"].to_list() == [date(1990, 1, 1), None]
    written = pl.read_csv((report.rejected_folder or Path()) / "subscribers.csv", infer_schema=False)
    assert dict(written.select("line", "reason").iter_rows()) == {"3": "position", "5": "born_on"}


def test_uniform_postcodes_are_flagged_in_the_report(built: Build, folder: Path) -> None:
    (folder / "areas.geojson").write_text(SQUARE, encoding="utf-8")
    (folder / "postcodes.csv").write_text(
        "postcode,place,lat,lon,phones\n"
        + "".join(f"94{n},P{n},47.1,9.5{n - 80},500\n" for n in range(80, 90)),
        encoding="utf-8",
    )
    report = built(folder, "LI", synthetic=200)
    assert "suspect_uniform" in report.tables["postcode_areas"]["flags"]
    people = ["msisdn,postcode", *(f"78{n:05d},94{80 + n % 10}" for n in range(400))]
    (folder / "subscribers.csv").write_text("\n".join(people), encoding="utf-8")
    assert "suspect_uniform" in built(folder, "LI").tables["subscribers"]["flags"]


def test_sources_are_told_as_the_folder_states_them(built: Build, folder: Path, reference_data: Path) -> None:
    _take(reference_data, folder, "sr_*")
    (folder / "sources.csv").write_text(
        "table,source,as_of\ntowers,OpenCelliD,2020-06-30\n", encoding="utf-8"
    )
    told = built(folder, "SR", synthetic=100).tables["towers"]
    assert (told["source"], told["as_of"]) == ("OpenCelliD", "2020-06-30")


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ({}, "raw"),
        ({"towers.csv": "radio,mcc\nGSM,1\n"}, "raw.towers"),
        ({"towers.csv": ""}, "raw.towers"),
        ({"a_cell_towers.csv": "GSM\n", "b_cell_towers.csv": "GSM\n"}, "raw.towers"),
        ({"areas.geojson": "{"}, "raw.areas"),
        ({"prefixes.csv": "prefix,operator\n71,Digicel\n"}, "raw"),
        ({"subscribers.csv": "msisdn\n"}, "raw.subscribers"),
        ({"towers.csv": "radio,mcc,net,area,cell,lon,lat\n"}, "raw.towers"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_and_nothing_is_published(
    files: dict[str, str], field: str, built: Build, folder: Path
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        built(folder, "SR", synthetic=None if "subscribers.csv" in files else 100)
    assert refused.value.field == field
    assert store.current() is None
    assert list(store.population_root().iterdir()) == []


def test_synthetic_iran_takes_the_towers_of_the_folder(
    built: Build, folder: Path, reference_data: Path
) -> None:
    shutil.copy(reference_data / "ir_cell_towers_SYNTHETIC.csv.gz", folder)
    report = built(folder, "IR", synthetic=2_000, seed=1, province="تهران")
    assert report.tables["towers"]["source"] == "ir_cell_towers_SYNTHETIC.csv.gz"
    assert report.tables["towers"]["rows"] + report.rejected.get("towers", 0) == 12_000
    with store.open_population() as population:
        known = population.con.sql("SELECT DISTINCT net, operator FROM towers ORDER BY net").pl()
    assert known["operator"].to_list() == ["mci", "rightel", "irancell"]
    assert _subscribers()["tower"].null_count() == 0
