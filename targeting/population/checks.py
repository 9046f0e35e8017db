"""Checks of raw rows, in columns: each rule names a reason, the first that fails is the reason of the reject.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely

from targeting.population.positions import KM_PER_DEGREE
from targeting.population.readers import BEYOND, LINE, RADIOS

_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_INTEGER = r"^[0-9]+$"
_CODE = {"IR": r"^[0-9]{1,10}$"}  # of a postcode area
_CODE_ELSEWHERE = r"^[0-9A-Za-z][0-9A-Za-z -]{0,9}$"
_CODES = r"^[0-9A-Za-z]+([; ]+[0-9A-Za-z]+)*$"
Rule = tuple[str | pl.Expr, pl.Expr]  # reason (or how to say it), true where the row is bad


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that may be used, and the others with `line`, `reason` and what they held."""

    rows: pl.DataFrame
    rejected: pl.DataFrame


def sort_out(frame: pl.DataFrame, rules: list[Rule]) -> Checked:
    """Split a frame by rules, of which the first is that no cell lies past the header; a rule that is null
    counts as kept.
    """
    if BEYOND in frame.columns:
        rules = [(BEYOND, pl.col(BEYOND).is_not_null()), *rules]
    reason = pl.coalesce(
        [pl.when(bad.fill_null(value=False)).then(_lit(why)) for why, bad in rules]
        + [pl.lit(None, pl.String)]
    )
    judged = frame.with_columns(reason=reason)
    bad = judged.filter(pl.col("reason").is_not_null())
    return Checked(
        judged.filter(pl.col("reason").is_null()).drop("reason", BEYOND, strict=False),
        bad.select(LINE, "reason", pl.exclude(LINE, "reason")),
    )


def and_then(first: Checked, second: Checked) -> Checked:
    """Join the rejects of two passes over one table, the second over what the first kept."""
    return Checked(
        second.rows, pl.concat([first.rejected, second.rejected], how="diagonal_relaxed").sort(LINE)
    )


def towers(frame: pl.DataFrame) -> Checked:
    """Check cells: a known radio, whole numbers in range, a position, each key once."""
    rows = with_columns(frame, "range_m", "samples", "created", "updated").with_columns(
        pl.col("radio").str.to_uppercase()
    )
    first = sort_out(rows, [
        ("radio", ~pl.col("radio").is_in(list(RADIOS)) | pl.col("radio").is_null()),
        ("mcc", ~_between("mcc", 1, 999)), ("net", ~_between("net", 0, 999)),
        ("area", ~_between("area", 0, 2**24 - 1)), ("cell", ~_between("cell", 0, 2**36 - 1)),
        *position_rules(required=True),
        ("range_m", ~_between("range_m", 0, 10**6, optional=True)),
        ("samples", ~_between("samples", 0, 2**32 - 1, optional=True)),
        ("created", ~_between("created", 0, 2**32 - 1, optional=True)),
        ("updated", ~_between("updated", 0, 2**32 - 1, optional=True)),
    ])  # fmt: skip
    key = ["radio", "mcc", "net", "area", "cell"]
    typed = first.rows.with_columns(pl.col("mcc", "net", "area", "cell").cast(pl.Int64))
    return and_then(first, sort_out(typed, [("duplicate", ~pl.struct(key).is_first_distinct())]))


def cities(frame: pl.DataFrame) -> Checked:
    """Check cities: a name, a position, people if given, each code once; a missing code is the line's number.
    """
    rows = with_columns(frame, "code", "population", "name_en", "province", "county")
    rows = rows.with_columns(pl.col("code").fill_null("C" + pl.col(LINE).cast(pl.String)))
    return sort_out(rows, [
        ("name", pl.col("name").is_null()), *position_rules(required=True),
        ("population", ~_between("population", 0, 10**9, optional=True)),
        ("duplicate", ~pl.col("code").is_first_distinct()),
    ])  # fmt: skip


def postcodes(frame: pl.DataFrame, region: str) -> Checked:
    """Check postcode areas: a code of the country's form, a whole position or none, each code and place once.
    """
    rows = with_columns(frame, "name", "lon", "lat", "province", "city", "count")
    form = _CODE.get(region, _CODE_ELSEWHERE)
    return sort_out(rows, [
        ("postcode", ~pl.col("postcode").str.contains(form) | pl.col("postcode").is_null()),
        *position_rules(required=False),
        ("count", ~_between("count", 0, 10**9, optional=True)),
        ("duplicate", ~pl.struct("postcode", "name").is_first_distinct()),
    ])  # fmt: skip


def prefixes(frame: pl.DataFrame) -> Checked:
    """Check prefixes: one to nine digits without the trunk 0, an operator, each prefix once."""
    rows = with_columns(frame, "line_types").with_columns(pl.col("prefix").str.strip_chars_start("0"))
    return sort_out(rows, [
        ("prefix", ~pl.col("prefix").str.contains(r"^[0-9]{1,9}$") | pl.col("prefix").is_null()),
        ("operator", pl.col("operator").is_null()),
        ("line_types", ~pl.col("line_types").str.contains(r"^(prepaid|postpaid)(;(prepaid|postpaid))?$")),
        ("duplicate", ~pl.col("prefix").is_first_distinct()),
    ])  # fmt: skip


def named(frame: pl.DataFrame) -> Checked:
    """Check provinces, districts, trades: a name, each code once; a missing code is the line's number."""
    rows = with_columns(frame, "code", "name_en", "lon", "lat", "city", "postcode_prefixes", "group_fa")
    rows = rows.with_columns(pl.col("code").fill_null("D" + pl.col(LINE).cast(pl.String)))
    return sort_out(rows, [
        ("name", pl.col("name").is_null()), *position_rules(required=False),
        ("postcode_prefixes", ~pl.col("postcode_prefixes").str.contains(_CODES)),
        ("duplicate", ~pl.col("code").is_first_distinct()),
    ])  # fmt: skip


def far_outside(
    lon: pl.Series, lat: pl.Series, outline: shapely.Geometry, km: float
) -> tuple[pl.Series, int]:
    """Return which positions (no nulls) lie more than `km` outside, and how many outside but nearer than
    that.
    """
    shapely.prepare(outline)
    out = np.flatnonzero(~shapely.intersects_xy(outline, lon.to_numpy(), lat.to_numpy()))
    middle = shapely.get_y(shapely.centroid(outline))
    squeeze = float(np.cos(np.radians(middle)))  # a degree of longitude is so much shorter
    flat = shapely.transform(outline, lambda points: points * (squeeze, 1.0))
    points = shapely.points(lon.to_numpy()[out] * squeeze, lat.to_numpy()[out])
    far = shapely.distance(points, flat) * KM_PER_DEGREE > km
    answer = np.zeros(len(lon), dtype=bool)
    answer[out[far]] = True
    return pl.Series(answer), int((~far).sum())


def position_rules(*, required: bool) -> list[Rule]:
    """Rules of lon and lat (text): both or none, numbers, on the globe, not the place where nothing was known
    (0, 0).
    """
    lon, lat = pl.col("lon"), pl.col("lat")
    form = lon.str.contains(_NUMBER) & lat.str.contains(_NUMBER)
    x, y = lon.cast(pl.Float64, strict=False), lat.cast(pl.Float64, strict=False)
    absent = lon.is_null() | lat.is_null() if required else lon.is_null() != lat.is_null()
    return [
        ("position_missing", absent), ("position", ~form), ("position", (x.abs() > 180) | (y.abs() > 90)),
        ("position_zero", (x == 0) & (y == 0)),
    ]  # fmt: skip


def with_columns(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Add the optional columns that a file does not have, empty."""
    return frame.with_columns(
        [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    )


def _lit(reason: str | pl.Expr) -> pl.Expr:
    return pl.lit(reason) if isinstance(reason, str) else reason


def _between(name: str, low: int, high: int, *, optional: bool = False) -> pl.Expr:
    """A whole number in a range; blank only where that is allowed (-1 also says unknown in tower files)."""
    value = pl.when(pl.col(name).str.contains(_INTEGER)).then(pl.col(name).cast(pl.Int64, strict=False))
    inside = value.is_between(low, high).fill_null(value=False)
    return inside | pl.col(name).is_null() | (pl.col(name) == "-1") if optional else inside
