"""Every criterion against a recount of the same people in Polars and NumPy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from targeting.audience import Scope, build, count, parse_audience
from targeting.criteria import CRITERIA
from targeting.criteria.gender_age import turned
from targeting.regions import EARTH_RADIUS_M, circle_box
from tests.targeting.conftest import TODAY, Bank, one

SQUARE = {"type": "Polygon", "coordinates": [[[51, 35.5], [52, 35.5], [52, 36.5], [51, 36.5], [51, 35.5]]]}
HOLED = {
    "type": "MultiPolygon",
    "coordinates": [
        [*SQUARE["coordinates"], [[51.4, 35.9], [51.6, 35.9], [51.6, 36.1], [51.4, 36.1], [51.4, 35.9]]],
        [[[52.2, 36.2], [52.8, 36.2], [52.5, 36.8], [52.2, 36.2]]],
    ],
}


def haversine(lon: float, lat: float, people: pl.DataFrame) -> np.ndarray:
    """Distance in metres, the textbook formula."""
    a, b = np.radians(people["lat"].to_numpy()), np.radians(lat)
    dlon = np.radians(people["lon"].to_numpy() - lon)
    h = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h))


def age(born: date | None, today: date) -> int | None:
    """Whole years, by comparing month and day."""
    return (
        None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    )


def ages(people: pl.DataFrame, low: int, high: int) -> np.ndarray:
    found = [age(born, TODAY) for born in people["born_on"]]
    return np.array([value is not None and low <= value <= high for value in found])


def inside(people: pl.DataFrame, shape: Any) -> np.ndarray:
    return shapely.intersects_xy(shape, people["lon"].to_numpy(), people["lat"].to_numpy())


def col(expression: pl.Expr) -> Any:
    return lambda people: people.select(expression.fill_null(False)).to_series().to_numpy()


CASES: list[tuple[dict[str, Any], Any]] = [
    (
        {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 30_000},
        lambda p: haversine(51.4, 35.7, p) <= 30_000,
    ),
    (
        {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 60_000, "operator": "mci"},
        lambda p: (haversine(51.4, 35.7, p) <= 60_000) & col(pl.col("operator") == "mci")(p),
    ),
    ({"kind": "polygon", "geometry": SQUARE}, lambda p: inside(p, shapely.box(51, 35.5, 52, 36.5))),
    ({"kind": "polygon", "geometry": HOLED}, lambda p: inside(p, shapely.geometry.shape(HOLED))),
    ({"kind": "towers", "towers": ["gsm-432-11-1-1"]}, col(pl.col("tower") == 1)),
    ({"kind": "towers", "towers": ["GSM-432-11-1-1", "LTE-432-35-7-9"]}, col(pl.col("tower").is_not_null())),
    (
        {"kind": "towers_in", "shape": {"kind": "circle", "lon": 51.41, "lat": 35.7, "radius_m": 2_000}},
        col((pl.col("tower") == 1) & (pl.col("operator") == "irancell")),
    ),
    (
        {"kind": "towers_in", "shape": {"kind": "polygon", "geometry": HOLED}},
        col(pl.col("tower").is_not_null() & (pl.col("operator") == "irancell")),
    ),
    ({"kind": "gender_age", "age_from": 25, "age_to": 40}, lambda p: ages(p, 25, 40)),
    (
        {"kind": "gender_age", "age_from": 25, "age_to": 40, "operator": "MCI"},
        lambda p: ages(p, 25, 40) & col(pl.col("operator") == "mci")(p),
    ),
    (
        {"kind": "gender_age", "gender": "female", "age_from": 0, "age_to": 120, "city": "2301"},
        lambda p: ages(p, 0, 120) & col((pl.col("gender") == "female") & (pl.col("city") == "2301"))(p),
    ),
    ({"kind": "region", "province": "تهران"}, col(pl.col("province") == "23")),
    ({"kind": "region", "province": "Tehran", "city": "کرج"}, col(pl.col("city") == "2302")),
    (
        {"kind": "region", "province": "10", "city": "Karaj", "operator": "mci"},
        col((pl.col("city") == "1002") & (pl.col("operator") == "mci")),
    ),
    ({"kind": "postcode", "prefix": "11" + "345"}, col(pl.col("postcode").str.starts_with("11345"))),
    (
        {"kind": "line", "operator": "irancell", "line_type": "اعتباری"},
        col((pl.col("operator") == "irancell") & (pl.col("line_type") == "prepaid")),
    ),
    ({"kind": "line", "city": "اصفهان"}, col(pl.col("city") == "1001")),
    ({"kind": "prefix", "prefix": "0912"}, col(pl.col("msisdn").cast(pl.String).str.starts_with("98912"))),
    (
        {"kind": "prefix", "prefix": "۹۱۲۱", "city": "2301"},
        col(pl.col("msisdn").cast(pl.String).str.starts_with("989121") & (pl.col("city") == "2301")),
    ),
    (
        {"kind": "district", "names": ["ونك"]},
        col(pl.col("postcode").str.contains("^11[35]") & (pl.col("city") == "2301")),
    ),
    ({"kind": "district", "names": ["میدان"]}, lambda p: inside(p, shapely.box(51.0, 35.5, 51.5, 36.0))),
    (
        {"kind": "district", "names": ["Square", "81"]},
        lambda p: (
            inside(p, shapely.box(51.0, 35.5, 51.5, 36.0)) | col(pl.col("postcode").str.starts_with("81"))(p)
        ),
    ),
    ({"kind": "occupation", "codes": ["J1"]}, col(pl.col("occupation") == "J1")),
    (
        {"kind": "occupation", "codes": ["سلامت", "J1", "Nurse"], "province": "تهران"},
        col(pl.col("occupation").is_in(["J1", "J2"]) & (pl.col("province") == "23")),
    ),
]


def test_every_bank_criterion_has_a_recount() -> None:
    bank_kinds = {kind for kind, cls in CRITERIA.items() if not cls.own}
    assert {case["kind"] for case, _ in CASES} == bank_kinds


@pytest.mark.parametrize(
    ("criterion", "recount"), CASES, ids=lambda one: one["kind"] if isinstance(one, dict) else ""
)
def test_a_criterion_selects_exactly_whom_a_recount_does(
    bank: Bank, who: Scope, criterion: dict[str, Any], recount: Any
) -> None:
    built = build(parse_audience({"all": [criterion]}), bank.population, who)
    expected = bank.people.filter(pl.Series(recount(bank.people)))
    assert expected.height or criterion["kind"] == "postcode"
    assert set(built.frame["msisdn"]) == set(expected["msisdn"])
    assert built.count.matched == expected.height


@pytest.mark.parametrize(
    ("criterion", "recount"), CASES, ids=lambda one: one["kind"] if isinstance(one, dict) else ""
)
def test_none_takes_away_only_whom_the_criterion_knows(
    bank: Bank, who: Scope, criterion: dict[str, Any], recount: Any
) -> None:
    everybody = [{"kind": "region", "province": "23"}, {"kind": "region", "province": "10"}]
    counted = count(parse_audience({"any": everybody, "none": [criterion]}), bank.population, who)
    assert counted.matched == int((~recount(bank.people)).sum())


def test_the_edge_of_a_circle_is_inside(bank: Bank, who: Scope) -> None:
    distances = haversine(51.4, 35.7, bank.people)
    nearest = float(np.nanmin(distances))
    assert count(one("circle", lon=51.4, lat=35.7, radius_m=nearest), bank.population, who).matched == 1
    smaller = np.nextafter(nearest, 0) * (1 - 1e-12)
    assert count(one("circle", lon=51.4, lat=35.7, radius_m=smaller), bank.population, who).matched == 0


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    radius=st.floats(1, 2e7),
    bearing=st.floats(0, 6.3),
    share=st.floats(0, 1),
)
@example(lon=179.99, lat=0.0, radius=50_000.0, bearing=1.57, share=1.0)
@example(lon=10.0, lat=89.99, radius=50_000.0, bearing=0.0, share=1.0)
def test_the_box_of_a_circle_never_leaves_a_true_hit_outside(
    lon: float, lat: float, radius: float, bearing: float, share: float
) -> None:
    angle, phi = share * radius / EARTH_RADIUS_M, np.radians(lat)
    there = np.arcsin(
        np.clip(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing), -1, 1)
    )
    turn = np.arctan2(
        np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(there)
    )
    x, y = (lon + np.degrees(turn) + 540) % 360 - 180, np.degrees(there)
    west, south, east, north = circle_box(lon, lat, radius)
    assert south - 1e-6 <= y <= north + 1e-6
    at_pole = abs(y) > 89.9999  # where every longitude is one point
    assert at_pole or (
        west - 1e-6 <= x <= east + 1e-6 if west <= east else x >= west - 1e-6 or x <= east + 1e-6
    )


def test_the_boundary_of_a_polygon_is_inside(bank: Bank, who: Scope) -> None:
    person = bank.people.filter(pl.col("lon").is_not_null()).row(0, named=True)
    lon, lat = person["lon"], person["lat"]
    ring = [[lon, lat], [lon + 1e-4, lat], [lon + 1e-4, lat + 1e-4], [lon, lat]]
    found = build(one("polygon", geometry={"type": "Polygon", "coordinates": [ring]}), bank.population, who)
    assert person["msisdn"] in set(found.frame["msisdn"])


@given(born=st.dates(date(1930, 1, 1), date(2026, 1, 1)), today=st.dates(date(2026, 1, 1), date(2060, 1, 1)))
@example(born=date(2000, 2, 29), today=date(2026, 2, 28))
@example(born=date(2000, 2, 29), today=date(2026, 3, 1))
@example(born=date(2001, 2, 28), today=date(2028, 2, 29))
@example(born=date(2001, 3, 1), today=date(2028, 2, 29))
def test_an_age_changes_on_the_civil_birthday(born: date, today: date) -> None:
    years = age(born, today)
    assert years is not None
    assert turned(today, years + 1) < born <= turned(today, years)


def test_a_person_of_25_is_found_under_26_a_year_later(bank: Bank, who: Scope) -> None:
    at_25 = set(build(one("gender_age", age_from=25, age_to=25), bank.population, who).frame["msisdn"])
    next_year = replace(who, today=TODAY.replace(year=TODAY.year + 1))
    assert at_25
    assert (
        set(build(one("gender_age", age_from=26, age_to=26), bank.population, next_year).frame["msisdn"])
        == at_25
    )


def test_persian_digits_are_read_in_postcodes(bank: Bank, who: Scope) -> None:
    latin = count(one("postcode", prefix="11345"), bank.population, who)
    persian = count(one("postcode", prefix="۱۱۳۴۵"), bank.population, who)
    assert latin.by_operator == persian.by_operator
