"""Single raw tables: which file is which, other people's columns, areas, prefixes, marks of invention."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import shapely

from data.errors import Refused
from targeting.population import plan, quality
from targeting.population.areas import read_areas
from targeting.population.raw import locate
from targeting.population.readers import read_table

SQUARE = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"LI-X","name":"Whole"},'
    '"geometry":{"type":"Polygon","coordinates":[[[9.4,47.0],[9.7,47.0],[9.7,47.3],[9.4,47.3],[9.4,47.0]]]}}]}'
)


def test_the_whole_reference_folder_serves_each_country(reference_data: Path) -> None:
    assert {table: path.name for table, path in locate(reference_data, "SR").items()} == {
        "towers": "sr_cell_towers.csv", "prefixes": "sr_mobile_prefixes.csv", "areas": "sr_districts.geojson",
    }  # fmt: skip
    assert locate(reference_data, "GY")["towers"].name == "gy_cell_towers.csv.gz"


@pytest.mark.parametrize(
    ("counts", "suspect"),
    [
        ([120] * 8, True),
        ([121, 120, 119, 120, 122, 120], True),
        ([90, 340, 12, 55, 610, 140], False),
        ([120] * 3, False),
    ],
)
def test_a_table_with_the_same_count_for_every_code_is_suspect(counts: list[int], suspect: bool) -> None:
    codes = [str(n) for n in range(len(counts))]
    frame = pl.DataFrame({"place": ["Tabriz"] * len(counts), "code": codes, "count": counts})
    assert quality.suspect_flags(frame) == (["suspect_uniform", "suspect_uniform:Tabriz"] if suspect else [])


def test_a_shapefile_gives_the_same_areas_as_geojson(tmp_path: Path, reference_data: Path) -> None:
    import geopandas

    path = reference_data / "sr_districts.geojson"
    geopandas.read_file(path).to_crs(3857).to_file(tmp_path / "areas.shp")
    ours, theirs = read_areas(path), read_areas(tmp_path / "areas.shp")
    assert theirs.frame["code"].to_list() == ours.frame["code"].to_list()
    assert shapely.symmetric_difference(ours.outline, theirs.outline).area < 1e-6


def test_a_feature_that_is_no_area_is_rejected(tmp_path: Path) -> None:
    dot = (
        '{"type":"Feature","properties":{"name":"dot"},"geometry":{"type":"Point","coordinates":[9.5,47.1]}},'
    )
    path = tmp_path / "areas.geojson"
    path.write_text(SQUARE.replace('"features":[', '"features":[' + dot), encoding="utf-8")
    found = read_areas(path)
    assert found.rejected.rows() == [(1, "not_a_polygon")]
    assert found.frame["code"].to_list() == ["LI-X"]


def test_a_country_without_a_shipped_plan_gets_its_own_from_prefixes() -> None:
    table = pl.DataFrame({"prefix": ["70", "71"], "operator": ["mts", "mts"], "line_types": [[], []]})
    found = plan.plan_of("LU", pl.DataFrame({"prefix": ["6"], "operator": ["post"], "line_types": [[]]}))
    assert {row.operator for row in found if row.mobile} == {"post"}
    with pytest.raises(Refused):
        plan.plan_of("LU", table)


def test_columns_are_found_under_other_people_s_names(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.csv"
    path.write_text("Postal Code;place name;Latitude;Longitude\n9490;Vaduz;47.14;9.52\n", encoding="utf-8")
    assert read_table("postcodes", path).row(0, named=True) == {
        "line": 2, "postcode": "9490", "name": "Vaduz", "lat": "47.14", "lon": "9.52",
    }  # fmt: skip
