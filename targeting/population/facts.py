"""The product's own facts about Iran, read from data/reference; ATTRIBUTION.md says where each came from."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from data import reference

CENSUS_DAY = date(2016, 10, 24)
TIMEZONE = "Asia/Tehran"


def read(name: str) -> pl.DataFrame:
    """Read one shipped CSV table; every column is text."""
    return pl.read_csv(reference.FOLDER / name, infer_schema=False)


@cache
def provinces() -> pl.DataFrame:
    """31 rows: code, name_fa, name_en, lon, lat."""
    return read("provinces.csv").select("code", "name_fa", "name_en", _number("lon"), _number("lat"))


@cache
def counties() -> pl.DataFrame:
    """469 rows: code, province, name_fa, name_en, lon, lat, population_2016 (null in counties made since)."""
    facts = read("counties.csv").with_columns(pl.col("population_2016").cast(pl.Int64))
    return facts.join(read("odbl/counties.csv"), on="code", how="left", maintain_order="left").with_columns(
        _number("lon"), _number("lat")
    )


@cache
def cities() -> pl.DataFrame:
    """1,354 rows: code, province, county, name_fa, name_en, lon, lat, weight (people of some year, or null).
    """
    points = read("odbl/city_points.csv").rename({"lon": "lon_odbl", "lat": "lat_odbl"})
    joined = read("cities.csv").join(points, on="code", how="left", maintain_order="left")
    return joined.select(
        "code", "province", "county", "name_fa", "name_en",
        pl.coalesce("lon", "lon_odbl").cast(pl.Float64).alias("lon"),
        pl.coalesce("lat", "lat_odbl").cast(pl.Float64).alias("lat"),
        pl.col("weight").cast(pl.Float64),
    )  # fmt: skip


@cache
def census() -> pl.DataFrame:
    """43,329 rows of 2016: county, age 0..100, male_urban, female_urban, male_rural, female_rural.

    Sorted by county and age; "rural" holds the unsettled too.
    """
    return pl.read_parquet(reference.FOLDER / "census_2016.parquet").sort("county", "age")


@cache
def postcodes() -> pl.DataFrame:
    """Rows first, last (2 to 5 digits), province, county (or null), name_fa: which digits belong where."""
    return read("postcodes.csv")


@cache
def districts() -> pl.DataFrame:
    """200 municipal districts: code, city, number, name_fa."""
    return read("districts.csv")


@cache
def neighbourhoods() -> pl.DataFrame:
    """Named quarters of Tehran: district (code), name_fa."""
    return read("neighbourhoods.csv")


@cache
def occupations() -> pl.DataFrame:
    """144 trades: code, group_fa, name_fa, name_en."""
    return read("occupations.csv").select("code", "group_fa", "name_fa", "name_en")


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)
