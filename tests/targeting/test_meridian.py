"""Shapes over the 180th meridian hold the people beside it, and nobody on the other side of the earth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from data.errors import Refused
from data.store.population import Population
from targeting import meridian
from targeting.audience import Scope, build, parse_audience
from targeting.population.areas import read_areas
from tests.targeting.conftest import make_people, write_bank

WORLD = shapely.box(-180, -90, 180, 90)
WHERE = {  # place: lon, lat of one person each
    "east of 180": (-178.5, 66.2), "west of 180": (178.9, 65.1), "on it": (180.0, 64.0),
    "on it, from the other side": (-180.0, 63.5), "far": (40.0, 65.0), "half way round": (-20.0, 65.0),
    "south": (179.0, 50.0),
}  # fmt: skip
AT_180 = {"east of 180", "west of 180", "on it", "on it, from the other side"}


@pytest.fixture(scope="module")
def strait(tmp_path_factory: pytest.TempPathFactory) -> Any:
    people = make_people(len(WHERE)).with_columns(
        lon=pl.Series([lon for lon, _ in WHERE.values()]), lat=pl.Series([lat for _, lat in WHERE.values()])
    )
    with write_bank(tmp_path_factory.mktemp("strait") / "strait.duckdb", people, outline=WORLD) as found:
        yield found, dict(zip(people["msisdn"], WHERE, strict=True))


def inside(strait: tuple[Population, dict[int, str]], criterion: dict[str, Any], who: Scope) -> set[str]:
    population, names = strait
    frame = build(parse_audience({"all": [criterion]}), population, who).frame
    return {names[number] for number in frame["msisdn"]}


def box(*lons: float) -> dict[str, Any]:
    """Return a box from 60 to 70 degrees north with corners at these longitudes on both its sides."""
    ring = [*([lon, 60] for lon in lons), *([lon, 70] for lon in reversed(lons)), [lons[0], 60]]
    return {"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.mark.parametrize(
    "shape",
    [box(170, -170), box(-170, 170), box(170, 190), box(-190, -170),
     {"kind": "polygon", "geometry": {"type": "MultiPolygon", "coordinates": [
         [[[170, 60], [180, 60], [180, 70], [170, 70], [170, 60]]],
         [[[-180, 60], [-170, 60], [-170, 70], [-180, 70], [-180, 60]]]]}},
     {"kind": "circle", "lon": 179.5, "lat": 65, "radius_m": 300_000},
     {"kind": "circle", "lon": -179.5, "lat": 65, "radius_m": 300_000}],
    ids=["east", "west", "drawn on to 190", "drawn on to -190", "cut", "circle east", "circle west"],
)  # fmt: skip
def test_a_shape_over_180_holds_who_lives_beside_it(strait: Any, who: Scope, shape: dict[str, Any]) -> None:
    found = inside(strait, shape, who)
    assert {"east of 180", "west of 180"} <= found <= AT_180
    if shape["kind"] == "polygon":
        assert found == AT_180


def test_a_hole_over_180_is_outside(strait: Any, who: Scope) -> None:
    shape = box(170, -170)
    shape["geometry"]["coordinates"].append(
        [[-178, 66], [-179, 66], [-179, 67], [-178, 67], [-178, 66]]  # drawn the other way, on the other side
    )
    assert inside(strait, shape, who) == AT_180 - {"east of 180"}
    shape["geometry"]["coordinates"][1] = [[178, 62], [-178, 62], [-178, 68], [178, 68], [178, 62]]
    assert inside(strait, shape, who) == set()


def test_a_box_round_the_whole_map_still_holds_everybody(strait: Any, who: Scope) -> None:
    assert inside(strait, box(-180, 180), who) == set(WHERE) - {"south"}


@pytest.mark.parametrize(("west", "east"), [(-100, 100), (-120, 140), (135, -60)])
def test_a_side_that_could_be_meant_either_way_is_refused_with_both_mends(
    strait: Any, who: Scope, west: float, east: float
) -> None:
    with pytest.raises(Refused) as refused:
        inside(strait, box(west, east), who)
    assert refused.value.field == "all.0.geometry"
    assert "corner between" in refused.value.en
    assert "cut the shape at 180" in refused.value.en
    assert "۱۸۰" in refused.value.fa
    assert " to " not in refused.value.fa
    assert "درجهٔ غربی" in refused.value.fa
    assert "far" in inside(strait, box(-100, 0, 100), who)


def test_a_ring_round_a_pole_is_refused(strait: Any, who: Scope) -> None:
    ring = [[-150, 60], [-50, 60], [50, 60], [150, 60], [-150, 60]]
    with pytest.raises(Refused, match="round a pole") as refused:
        inside(strait, {"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [ring]}}, who)
    assert "گرد قطب" in refused.value.fa


def test_an_area_of_a_raw_table_is_cut_too(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    ring = "[[177,-19],[-179,-19],[-179,-16],[177,-16],[177,-19]]"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"W","name":"West"},'
        f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}',
        encoding="utf-8",
    )
    [area] = read_areas(path).geometries
    assert area.intersects(shapely.Point(-179.5, -17))
    assert area.intersects(shapely.Point(179.5, -17))
    assert not area.intersects(shapely.Point(0, -17))
    assert area.area == pytest.approx(4 * 3)


def test_a_shape_that_stays_on_one_side_is_left_as_it_was_drawn() -> None:
    shape = shapely.box(50, 35, 53, 37)
    assert meridian.cut(meridian.unwrapped(shape)) is shape
