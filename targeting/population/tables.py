"""Each raw table on its way into the country: check it, take what is near the country, give it the snapshot's
columns.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from data.rules.operators import operators
from targeting.population import checks, quality
from targeting.population.folder import Given
from targeting.population.near import nearest_point
from targeting.population.plan import operator_word

DEFAULT_RANGE_SHARE = 0.5


def provinces(given: Given, frame: pl.DataFrame) -> None:
    """Provinces by code; they take the place of the areas as provinces."""
    rows = given.keep("provinces", checks.named(frame)).rename({"name": "name_fa"})
    given.country.put("provinces", rows, given.source("provinces"))


def prefixes(given: Given, frame: pl.DataFrame) -> None:
    """Prefixes with the operator's name made one word, as everywhere in the product."""
    rows = given.keep("prefixes", checks.prefixes(frame))
    words = [operator_word(name) for name in rows["operator"]]
    types = pl.col("line_types").str.split(";").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    given.country.put(
        "prefixes",
        rows.with_columns(
            types, operator=pl.Series(words, dtype=pl.String), region=pl.lit(given.country.region)
        ),
        given.source("prefixes"),
    )


def cities(given: Given, frame: pl.DataFrame) -> None:
    """Cities with their province: as the table says where that is a known code, else by the area they lie in.
    """
    checked, flags = given.near_country(checks.cities(frame))
    rows = _placed(given.keep("cities", checked)).rename({"name": "name_fa"})
    rows = rows.with_columns(pl.coalesce("name_en", "name_fa").alias("name_en"))
    given.country.put(
        "cities", rows.with_columns(province=_province(given, rows)), given.source("cities", *flags)
    )


def postcodes(given: Given, frame: pl.DataFrame) -> None:
    """Postcode areas with their city: as named, else the nearest."""
    checked, flags = given.near_country(checks.postcodes(frame, given.country.region))
    rows = _placed(given.keep("postcodes", checked))
    areas = rows.select(
        prefix="postcode", name_fa="name", province=_province(given, rows), city=_city(given, rows)
    )
    given.country.put("postcode_areas", areas, given.source("postcodes", *flags, *_count_flags(rows)))
    points = rows.filter(pl.col("lon").is_not_null()).select("postcode", "lon", "lat")
    given.postcode_points = points.unique("postcode", keep="first", maintain_order=True)


def towers(given: Given, frame: pl.DataFrame) -> None:
    """Cells with an id each, their province by area, the default range and rows a little outside flagged."""
    checked, flags = given.near_country(checks.towers(frame))
    rows = _placed(given.keep("towers", checked))
    seconds = pl.col("created", "updated").cast(pl.Int64).replace(0, None)
    rows = rows.with_columns(
        seconds * 1_000_000, pl.col("range_m", "samples").replace("-1", None).cast(pl.UInt32),
        name=pl.concat_str("radio", "mcc", "net", "area", "cell", separator="-"),
        operator=_operator(given, rows),
        province=_at(given, rows), id=pl.int_range(pl.len(), dtype=pl.UInt32),
    ).rename({"created": "created_at", "updated": "updated_at"})  # fmt: skip
    rows = rows.with_columns(
        pl.col("created_at", "updated_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
    common = rows["range_m"].drop_nulls().value_counts(sort=True)
    if not common.is_empty() and common["count"][0] > DEFAULT_RANGE_SHARE * rows.height:
        flags.append(f"default_range:{common['range_m'][0]}")
    newest = rows.select(pl.col("updated_at").max().dt.date()).item() if rows.height else None
    given.country.put("towers", rows, given.source("towers", *flags, as_of=newest))


def _operator(given: Given, rows: pl.DataFrame) -> pl.Series:
    """Whose network a cell belongs to, where the country's network codes are known."""
    owner = {code: row.operator for row in operators(given.country.region) for code in row.networks}
    net = pl.col("net").cast(pl.String).str.zfill(2)
    code = pl.concat_str(pl.col("mcc").cast(pl.String), net, separator="-")
    named = code.replace_strict(list(owner), list(owner.values()), default=None, return_dtype=pl.String)
    return rows.select(operator=named)["operator"]


def districts(given: Given, frame: pl.DataFrame) -> None:
    """Districts by name with the postcode prefixes they consist of."""
    rows = given.keep("districts", checks.named(frame)).rename({"name": "name_fa"})
    prefixes = pl.col("postcode_prefixes").str.replace_all(r"[; ]+", ";").str.split(";")
    given.country.put(
        "districts",
        rows.with_columns(prefixes.fill_null(pl.lit([], dtype=pl.List(pl.String)))),
        given.source("districts"),
    )


def occupations(given: Given, frame: pl.DataFrame) -> None:
    """Trades by code."""
    rows = given.keep("occupations", checks.named(frame)).rename({"name": "name_fa"})
    given.country.put("occupations", rows, given.source("occupations"))


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("lon", "lat").cast(pl.Float64))


def _province(given: Given, rows: pl.DataFrame) -> pl.Series:
    """A known province code of the row itself, else the area of the row's own name, else the one it lies in.

    Outlines are coarse: a town near a border may lie in its neighbour's.
    """
    provinces = given.country.table("provinces")
    names = dict(zip(provinces["name_fa"], provinces["code"], strict=True)) if given.areas is not None else {}
    name = pl.col("name_fa" if "name_fa" in rows.columns else "name")
    own = rows.select(
        own=pl.when(pl.col("province").is_in(provinces["code"].implode())).then("province"),
        named=name.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String),
        at=_at(given, rows),
    )
    return own.select(pl.coalesce("own", "named", "at")).to_series()


def _at(given: Given, rows: pl.DataFrame) -> pl.Series:
    """The area that holds each row's position, if areas are what provinces are here."""
    if given.areas is None or given.country.region == "IR" or "provinces" in given.files:
        return pl.Series([None] * rows.height, dtype=pl.String)
    placed = rows["lon"].is_not_null().to_numpy()
    found = np.full(rows.height, None, dtype=object)
    found[placed] = given.areas.code_at(
        rows["lon"].to_numpy()[placed].astype(float), rows["lat"].to_numpy()[placed].astype(float)
    ).to_list()
    return pl.Series(found.tolist(), dtype=pl.String)


def _city(given: Given, rows: pl.DataFrame) -> pl.Series:
    """The city of a postcode: its code or name as given, else the one of its place's name, else the nearest.
    """
    cities = given.country.table("cities")
    if cities.is_empty():
        return pl.Series([None] * rows.height, dtype=pl.String)
    codes = cities["code"].to_list()
    known = dict(zip(cities["name_fa"], codes, strict=True)) | {code: code for code in codes}
    points = cities.select("lon", "lat").to_numpy()
    nearest: list[str | None] = [None] * rows.height
    placed = np.flatnonzero(rows["lon"].is_not_null().to_numpy())
    at = rows.select("lon", "lat").to_numpy()[placed].astype(float)
    for row, city in zip(placed, nearest_point(at, points), strict=True):
        nearest[row] = codes[city]
    found = [
        known.get(city or "") or known.get(name or "") or near
        for city, name, near in zip(rows["city"], rows["name"], nearest, strict=True)
    ]
    return pl.Series(found, dtype=pl.String)


def _count_flags(postcodes: pl.DataFrame) -> list[str]:
    """Flag a table of postcodes whose own column of counts is (nearly) the same for all codes of a place
    (R1.51).
    """
    counted = postcodes.filter(pl.col("count").is_not_null())
    place = pl.coalesce("city", "province", pl.lit(""))
    return quality.suspect_flags(
        counted.select(place=place, code="postcode", count=pl.col("count").cast(pl.Int64))
    )
