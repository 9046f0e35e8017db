"""Other countries: every circle, polygon and postcode audience is what a NumPy recount of the people says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from data import clock
from data.store.population import Population, open_population
from targeting.audience import count, parse_audience
from targeting.population.build import build_population
from targeting.population.report import BuildRequest
from targeting.scope import Scope

PEOPLE = 20_000
EARTH_M = 6_371_008.8
TODAY = date(2026, 11, 22)
FILES = {
    "SR": ("sr_cell_towers.csv", "sr_districts.geojson", "sr_mobile_prefixes.csv"),
    "GY": ("gy_cell_towers.csv.gz",),
    "LI": ("li_cities.csv", "li_postcodes.csv", "li_municipalities.geojson", "li_mobile_prefixes.csv"),
}


@pytest.fixture(params=sorted(FILES))
def people(
    request: pytest.FixtureRequest, home: Path, tmp_path: Path, reference_data: Path
) -> Iterator[tuple[Population, pl.DataFrame]]:
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in FILES[request.param]:
        shutil.copy(reference_data / name, raw / name)
    build_population(
        BuildRequest(today=TODAY, now=clock.now(), region=request.param, raw=raw, synthetic=PEOPLE, seed=3)
    )
    with open_population() as population:
        rows = population.con.sql("SELECT msisdn, lon, lat, postcode FROM subscribers").pl()
        assert rows.height == PEOPLE
        yield population, rows


def matched(population: Population, criterion: dict[str, object]) -> int:
    audience = parse_audience({"any": [criterion]})
    return count(audience, population, Scope(account_id=None, today=TODAY, advertising=False)).matched


def test_circles_are_recounted(people: tuple[Population, pl.DataFrame]) -> None:
    population, rows = people
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    for middle in (0, PEOPLE // 2, PEOPLE - 1):
        for radius_m in (150.0, 2_000.0, 40_000.0):
            away = haversine(lon, lat, lon[middle], lat[middle])
            circle = {"kind": "circle", "lon": lon[middle], "lat": lat[middle], "radius_m": radius_m}
            assert matched(population, circle) == int((away <= radius_m).sum()) > 0


def test_polygons_are_recounted_with_dents_and_edges(people: tuple[Population, pl.DataFrame]) -> None:
    population, rows = people
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    west, east = np.quantile(lon, (0.2, 0.8))
    south, north = np.quantile(lat, (0.2, 0.8))
    dent = ((west + east) / 2, (south + north) / 2)
    for ring in (
        [(west, south), (east, south), (east, north), (west, north), (west, south)],
        [(west, south), (east, south), (east, north), dent, (west, north), (west, south)],
        [(lon[0], lat[0]), (east, south), (east, north), (lon[0], lat[0])],
    ):
        shape = shapely.Polygon(ring)
        polygon = {"kind": "polygon", "geometry": json.loads(shapely.to_geojson(shape))}
        assert matched(population, polygon) == int(shapely.intersects_xy(shape, lon, lat).sum())


def test_postcodes_are_recounted_where_there_are_codes(people: tuple[Population, pl.DataFrame]) -> None:
    population, rows = people
    codes = rows["postcode"].drop_nulls()
    for prefix in sorted({code[:digits] for code in codes.unique() for digits in (2, 3, 4)}):
        expected = int(np.char.startswith(codes.to_numpy().astype(str), prefix).sum())
        assert matched(population, {"kind": "postcode", "prefix": prefix}) == expected


def haversine(lon: np.ndarray, lat: np.ndarray, lon0: float, lat0: float) -> np.ndarray:
    """Distances in metres on the sphere that the documents name."""
    a, b = np.radians(lat), np.radians(lat0)
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - lon0) / 2) ** 2
    return 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))
