"""Synthetic people of any country round its own towers, else its cities, else its postcodes (decisions 30).

There is no census here: ages and trades are plain chance, and the tables say so.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from data.errors import Refused
from targeting.population import curve, numbering, people
from targeting.population.choice import choice
from targeting.population.codes import uneven
from targeting.population.folder import Given
from targeting.population.near import nearest_point
from targeting.population.plan import plan_of
from targeting.population.positions import Centres
from targeting.population.synthesise import OPTED_OUT_SHARE, Wanted, named, occupations
from targeting.population.towers import nearest

TOWER_SIGMA_KM = 0.7
POSTCODE_SIGMA_KM = 0.8
PEOPLE_PER_KM2 = 4_000.0  # in a city
AGE_SPAN = (people.AGE_MIN, 90)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def synthesise_elsewhere(given: Given, wanted: Wanted) -> pl.DataFrame:
    """Return the subscribers, sorted by place. Raises Refused where the folder has no place to put them."""
    country = given.country
    rng = np.random.Generator(np.random.PCG64(wanted.seed))
    centres, weight = _centres(given, rng)
    at = choice(np.zeros(len(weight), dtype=np.int64), weight).draw(
        np.zeros(wanted.count, dtype=np.int8), rng
    )
    land = country.outline if country.outline is not None else shapely.box(-180, -90, 180, 90)
    lon, lat = centres.scatter(at, land, rng)
    order = np.argsort(curve.curve_keys(lon, lat), kind="stable")
    lon, lat = lon[order].round(6), lat[order].round(6)
    provinces = country.table("provinces")["code"].to_list()
    province = _province(given, lon, lat, provinces)
    plan = numbering.blocks(plan_of(country.region, country.table("prefixes")), provinces or [""])
    line = numbering.lines(plan, np.maximum(province, 0), rng)
    born_on = _birthdays(wanted, rng)
    frame = pl.DataFrame({
        "msisdn": line.msisdn,
        "lon": lon,
        "lat": lat,
        "born_on": pl.Series(born_on).cast(pl.Date),
        "gender": named(rng.integers(0, 2, wanted.count), list(people.GENDERS)),
        "province": named(province, provinces),
        "city": _city(given, lon, lat),
        "postcode": _postcode(given, lon, lat, rng),
        "operator": named(line.operator, plan.operators),
        "line_type": named(line.postpaid, list(numbering.LINE_TYPES)),
        "occupation": occupations(country, born_on, wanted.as_of, rng),
        "opted_out": rng.random(wanted.count, dtype=np.float32) < OPTED_OUT_SHARE,
    })  # fmt: skip
    towers = country.table("towers")
    seen = (
        pl.lit(None, dtype=pl.UInt32)
        if towers.is_empty()
        else pl.Series(nearest(np.stack([lon, lat], axis=1), towers, frame["operator"], rng))
    )
    return frame.with_columns(tower=seen)


def _centres(given: Given, rng: np.random.Generator) -> tuple[Centres, Floats]:
    """The places to put people round, and how many go to each (as weights)."""
    towers, cities, codes = (
        given.country.table("towers"),
        given.country.table("cities"),
        given.postcode_points,
    )
    if not towers.is_empty():
        masts = towers.group_by("lon", "lat", maintain_order=True).agg(cells=pl.len())
        return _round(masts, np.full(masts.height, TOWER_SIGMA_KM)), masts["cells"].to_numpy().astype(float)
    if not cities.is_empty():
        size = cities["population"].fill_null(1_000).clip(100).to_numpy().astype(float)
        return _round(cities, np.maximum(np.sqrt(size / PEOPLE_PER_KM2 / np.pi), 0.3)), size
    if not codes.is_empty():
        return _round(codes, np.full(codes.height, POSTCODE_SIGMA_KM)), uneven(codes.height, rng)
    raise Refused(
        "raw",
        "there is nothing to place people round: add towers, cities or postcodes with lon and lat",
        "جایی برای پخش افراد نیست: جدول دکل‌ها، شهرها یا کدپستی‌ها را با lon و lat بیفزایید",
    )  # fmt: skip


def _round(table: pl.DataFrame, sigma_km: Floats) -> Centres:
    return Centres(table["lon"].to_numpy(), table["lat"].to_numpy(), sigma_km)


def _province(given: Given, lon: Floats, lat: Floats, provinces: list[str]) -> Ints:
    """The province of each position: the area it is in; without areas, that of the nearest city; else -1."""
    number = {code: place for place, code in enumerate(provinces)}
    if given.areas is not None and "provinces" not in given.files:
        found = given.areas.code_at(lon, lat)
        return np.array([number.get(code, -1) for code in found], dtype=np.int64)
    cities = given.country.table("cities")
    if cities.is_empty() or not provinces:
        return np.full(len(lon), -1, dtype=np.int64)
    near = nearest_point(np.stack([lon, lat], axis=1), _degrees(cities))
    return np.array([number.get(code, -1) for code in cities["province"]], dtype=np.int64)[near]


def _city(given: Given, lon: Floats, lat: Floats) -> pl.Series:
    cities = given.country.table("cities")
    if cities.is_empty():
        return pl.Series([None] * len(lon), dtype=pl.String)
    near = nearest_point(np.stack([lon, lat], axis=1), _degrees(cities))
    return named(near, cities["code"].to_list())


def _postcode(given: Given, lon: Floats, lat: Floats, rng: np.random.Generator) -> pl.Series:
    """The nearest postcode's, where postcodes have a position; else any, some far commoner than others."""
    points = given.postcode_points
    if not points.is_empty():
        near = nearest_point(np.stack([lon, lat], axis=1), _degrees(points))
        return points["postcode"].gather(near)
    codes = given.country.table("postcode_areas")["prefix"]
    if codes.is_empty():
        return pl.Series([None] * len(lon), dtype=pl.String)
    drawn = choice(np.zeros(len(codes), dtype=np.int64), uneven(len(codes), rng)).draw(
        np.zeros(len(lon), dtype=np.int8), rng
    )
    return codes.gather(drawn)


def _degrees(table: pl.DataFrame) -> Floats:
    return table.select("lon", "lat").to_numpy()


def _birthdays(wanted: Wanted, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Ages from AGE_SPAN, the younger the likelier, and any day of that year."""
    low, high = AGE_SPAN
    youngest = (people.years_before(wanted.as_of, low) - date(1970, 1, 1)).days
    back = rng.beta(1.2, 2.2, wanted.count) * (high - low) * 365.2425
    return (youngest - back).astype(np.int32)
