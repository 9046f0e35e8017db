"""Where the people of a county live: its cities, the districts of Tehran, and the country round them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from data.reference import outlines
from targeting.population import codes, facts
from targeting.population.shapes import Triangles, triangles

if TYPE_CHECKING:
    from collections.abc import Sequence

TEHRAN = "2301021576"
SMALL_CITY = 3_000.0  # weight of a city of unknown size
PEOPLE_PER_KM2 = 8_000.0  # in a city; gives its radius
POINT_SIGMA_KM = 6.0  # of a county without a polygon

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Places:
    """Places in columns; `shape` ≥ 0 means anywhere in that shape, else scattered round the point."""

    counties: list[str]
    county: Ints  # index into counties
    city: Ints  # index into the cities, -1 in the country
    people: Floats  # of the census
    urban: npt.NDArray[np.bool_]
    lon: Floats
    lat: Floats
    sigma_km: Floats
    shape: Ints
    shapes: Triangles
    codes: list[Ints]  # five-digit postcodes of each place
    district: list[str]  # code of the municipal district that the place is, else ""


def iran_places(census: pl.DataFrame) -> Places:
    """Return the places of the counties of a census table; cities share their county's urban people by
    weight.
    """
    names = census["county"].unique(maintain_order=True).to_list()
    counties = facts.counties()
    totals = census.group_by("county", maintain_order=True).agg(
        urban=pl.sum("male_urban") + pl.sum("female_urban"),
        rural=pl.sum("male_rural") + pl.sum("female_rural"),
    )
    held = counties.join(totals, left_on="code", right_on="county", how="inner").sort("code")
    assert held["code"].to_list() == names, "the census is sorted by county"
    polygons = _land(names)
    district_shapes = {f.code: f.geometry for f in outlines.features("tehran_districts")}
    rows = _cities(held) + _districts(held, district_shapes) + _country(held, polygons)
    rows.sort(key=lambda row: (row[0], row[1]))
    shapes = {**polygons, **district_shapes}
    order = sorted({str(row[7]) for row in rows if row[7]})
    number = {code: place for place, code in enumerate(order)}
    column: list[Sequence[object]] = list(zip(*rows, strict=True))
    county, people = np.array(column[0], dtype=np.int64), np.array(column[2], dtype=np.float64)
    return Places(
        counties=names,
        county=county,
        city=np.array(column[1], dtype=np.int64),
        people=people,
        urban=np.array(column[3], dtype=bool),
        lon=np.array(column[4], dtype=np.float64),
        lat=np.array(column[5], dtype=np.float64),
        sigma_km=np.array(column[6], dtype=np.float64),
        shape=np.array([number.get(str(code), -1) for code in column[7]], dtype=np.int64),
        shapes=triangles([shapes[code] for code in order]),
        codes=_codes(county, people, held),
        district=[str(code) if code in district_shapes else "" for code in column[7]],
    )


Row = tuple[int, int, float, bool, float, float, float, str]


def _cities(held: pl.DataFrame) -> list[Row]:
    """Each city but Tehran; one of a county made since 2016 belongs to the nearest county of its province
    then.
    """
    cities = _with_census_county(held)
    weight = pl.col("weight").fill_null(SMALL_CITY).clip(SMALL_CITY / 10)
    shared = cities.with_columns(people=weight / weight.sum().over("held") * pl.col("urban"))
    rows = []
    for row in shared.filter(pl.col("code") != TEHRAN).iter_rows(named=True):
        sigma = float(np.sqrt(row["people"] / PEOPLE_PER_KM2 / np.pi)) / 1.6
        rows.append(
            (row["held"], row["index"], row["people"], True, row["lon"], row["lat"], max(sigma, 0.3), "")
        )
    return rows


def _districts(held: pl.DataFrame, shapes: dict[str, shapely.Geometry]) -> list[Row]:
    """Tehran's 22 districts share the city's people by the root of their area: the smaller are the denser."""
    cities = _with_census_county(held)
    weight = pl.col("weight").fill_null(SMALL_CITY).clip(SMALL_CITY / 10)
    city = cities.with_columns(people=weight / weight.sum().over("held") * pl.col("urban")).filter(
        code=TEHRAN
    )
    if city.is_empty():
        return []
    held_at, index, people = city.select("held", "index", "people").row(0)
    root = {code: float(np.sqrt(shapely.area(geometry))) for code, geometry in shapes.items()}
    return [
        (held_at, index, people * share / sum(root.values()), True, 0.0, 0.0, 0.0, code)
        for code, share in root.items()
    ]


def _country(held: pl.DataFrame, polygons: dict[str, shapely.Geometry]) -> list[Row]:
    """The villages of each county, and the townspeople of a county that has no city of its own."""
    towns = set(_with_census_county(held)["held"])
    rows = []
    for number, row in enumerate(held.iter_rows(named=True)):
        shape = row["code"] if row["code"] in polygons else ""
        point = (row["lon"], row["lat"], POINT_SIGMA_KM, shape)
        rows.append((number, -1, float(max(row["rural"], 1)), False, *point))
        if number not in towns:
            rows.append((number, -1, float(max(row["urban"], 1)), True, *point))
    return rows


def _with_census_county(held: pl.DataFrame) -> pl.DataFrame:
    """The cities with `index`, `held` (number of their census county) and that county's `urban` people."""
    codes_held = held["code"].to_list()
    number = {code: place for place, code in enumerate(codes_held)}
    point = {row["code"]: row for row in facts.counties().iter_rows(named=True)}
    census_codes = set(facts.census()["county"].unique())
    parent = {code: _parent(point[code], point, census_codes) for code in point}
    cities = facts.cities().with_row_index("index")
    where = pl.Series("held", [number.get(parent[code], -1) for code in cities["county"]], dtype=pl.Int64)
    urban = held.select(held=pl.int_range(pl.len(), dtype=pl.Int64), urban=pl.col("urban"))
    return (
        cities.with_columns(where).filter(pl.col("held") >= 0).join(urban, on="held", maintain_order="left")
    )


def _parent(county: dict[str, object], points: dict[str, dict[str, object]], census: set[str]) -> str:
    if county["code"] in census or county["lon"] is None:
        return str(county["code"])
    near = [
        (
            (float(str(p["lon"])) - float(str(county["lon"]))) ** 2
            + (float(str(p["lat"])) - float(str(county["lat"]))) ** 2,
            c,
        )
        for c, p in points.items()
        if c in census and p["province"] == county["province"] and p["lon"] is not None
    ]
    return min(near)[1]


def _land(names: list[str]) -> dict[str, shapely.Geometry]:
    """County polygons without the sea that belongs to them, as far as the coarse land outline tells."""
    wanted = set(names)
    found = {f.code: f.geometry for f in outlines.features("counties") if f.code in wanted}
    land = land_outline()
    dry = shapely.intersection(list(found.values()), land)
    return {
        code: part if shapely.area(part) > 0.2 * shapely.area(whole) else whole
        for (code, whole), part in zip(found.items(), dry, strict=True)
    }


@cache
def land_outline() -> shapely.Geometry:
    """The land of the country, about a kilometre too wide at the borders."""
    return shapely.buffer(
        shapely.union_all([f.geometry for f in outlines.features("provinces")]), 0.01, quad_segs=2
    )


def _codes(county: Ints, people: Floats, held: pl.DataFrame) -> list[Ints]:
    pool = codes.pools(facts.postcodes(), held.select("code", "province"))
    dealt: list[Ints] = []
    for number, code in enumerate(held["code"]):
        dealt += codes.deal(pool[code], people[county == number])
    return dealt
