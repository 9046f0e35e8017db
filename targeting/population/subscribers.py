"""The subscribers table of a folder: every value checked against the other tables, names of places turned
into codes.

A blank is "not known"; a value that is there and cannot be used rejects the row, with the column as the
reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from data.rules.msisdn_columns import parse_column
from data.rules.persian import fold
from data.rules.persian_columns import digits_expr, fold_expr
from targeting.operators import words_of
from targeting.population import checks, curve, plan, quality
from targeting.population.country import Country, Source
from targeting.population.readers import read_table

if TYPE_CHECKING:
    from datetime import date

    from targeting.population.folder import Given

COLUMNS = (
    "msisdn", "lon", "lat", "born_on", "gender", "province", "city", "postcode", "operator", "line_type",
    "occupation", "tower", "opted_out",
)  # fmt: skip
GENDERS = {"male": "male", "m": "male", "مرد": "male", "female": "female", "f": "female", "زن": "female"}
LINE_TYPES = {"prepaid": "prepaid", "اعتباری": "prepaid", "postpaid": "postpaid", "دائمی": "postpaid"}
TRUTH = {"1": "1", "true": "1", "yes": "1", "0": "0", "false": "0", "no": "0"}
AGE_MAX_YEARS = 130
_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.+Z-]*)?$"  # a time of day may follow, and says nothing
_POSTCODE = {"IR": r"^[0-9]{10}$"}
_POSTCODE_ELSEWHERE = r"^[0-9A-Za-z]{1,10}$"


def given_subscribers(given: Given, today: date) -> tuple[pl.DataFrame, Source]:
    """Return the people of the folder, sorted by place, and where they came from."""
    country = given.country
    raw = checks.with_columns(read_table("subscribers", given.files["subscribers"]), *COLUMNS)
    first = checks.sort_out(_understood(raw, country), _rules(country.region, today))
    once = checks.sort_out(first.rows, [("duplicate", ~pl.col("_msisdn").is_first_distinct())])
    checked, flags = given.near_country(checks.and_then(first, once))
    written = checked.rejected.select("line", "reason", *(name for name in raw.columns if name != "line"))
    rows = _with_towers(given.keep("subscribers", checks.Checked(checked.rows, written)), country)
    unknown = int(rows.select((pl.col("tower").is_not_null() & pl.col("_tower").is_null()).sum()).item())
    people = _typed(rows, country)
    flags += [f"unknown_tower:{unknown}"] if unknown else []
    flags += quality.suspect_flags(quality.subscriber_counts(people, country.region))
    lon, lat = (people[axis].fill_null(np.nan).to_numpy() for axis in ("lon", "lat"))
    order = np.argsort(curve.curve_keys(lon, lat), kind="stable")
    return people[order], given.source("subscribers", *flags)


def _understood(raw: pl.DataFrame, country: Country) -> pl.DataFrame:
    """Add what each text means, in columns that begin with _; null where it means nothing."""
    numbers = parse_column(raw["msisdn"], country.region)
    operators = country.table("prefixes")["operator"].drop_nulls().unique().to_list()
    rows = raw.with_columns(
        _msisdn=numbers["msisdn"],
        _refused=numbers["reason"],
        _born_on=digits_expr(pl.col("born_on")).str.extract(_DAY).str.to_date("%Y-%m-%d", strict=False),
        _gender=_code("gender", GENDERS),
        _line_type=_code("line_type", LINE_TYPES),
        _opted_out=_code("opted_out", TRUTH),
        _operator=_code("operator", words_of(operators)),
        _postcode=digits_expr(pl.col("postcode")).str.replace_all(r"[\s-]", ""),
        _province=_code("province", _names(country.table("provinces"))),
        _occupation=_code("occupation", _names(country.table("occupations"))),
    )
    cities = country.table("cities")
    there = {
        f"{row['province']}/{name}": code
        for row in cities.iter_rows(named=True)
        for name, code in _words(row)
    }
    within = pl.concat_str("_province", pl.lit("/"), fold_expr(pl.col("city")))
    named = within.replace_strict(list(there), list(there.values()), default=None, return_dtype=pl.String)
    return rows.with_columns(_city=pl.coalesce(_code("city", _names(cities)), named))


def _rules(region: str, today: date) -> list[checks.Rule]:
    """The reasons for which a row is left out; the first that holds is given."""
    day = pl.col("_born_on")
    coded = ("gender", "line_type", "province", "city", "occupation", "operator", "opted_out")
    return [
        (pl.concat_str(pl.lit("msisdn: "), pl.col("_refused")), pl.col("_refused").is_not_null()),
        *checks.position_rules(required=False),
        ("born_on", pl.col("born_on").is_not_null() & day.is_null()),
        ("born_on", (day > today) | (day.dt.year() < today.year - AGE_MAX_YEARS)),
        ("postcode", ~pl.col("_postcode").str.contains(_POSTCODE.get(region, _POSTCODE_ELSEWHERE))),
        *[(name, pl.col(name).is_not_null() & pl.col(f"_{name}").is_null()) for name in coded],
    ]


def _with_towers(rows: pl.DataFrame, country: Country) -> pl.DataFrame:
    """Add the id of each person's tower; one that the tower table lacks stays unknown."""
    towers = country.table("towers").select(_name="name", _tower="id")
    return rows.with_columns(_name=pl.col("tower").str.to_uppercase()).join(
        towers, on="_name", how="left", maintain_order="left"
    )


def _typed(rows: pl.DataFrame, country: Country) -> pl.DataFrame:
    """Give the rows the columns of the snapshot; who named no operator has the one of the number's prefix."""
    owners = plan.operators_of(rows["_msisdn"], country.table("prefixes"), plan.country_code(country.region))
    same = ("msisdn", "born_on", "gender", "province", "city", "postcode", "line_type", "occupation", "tower")
    return rows.select(
        pl.col("lon", "lat").cast(pl.Float64),
        *[pl.col(f"_{name}").alias(name) for name in same],
        operator=pl.coalesce("_operator", owners),
        opted_out=(pl.col("_opted_out") == "1").fill_null(value=False),
    )


def _code(column: str, words: Mapping[str, str]) -> pl.Expr:
    """Return the code of a word, after folding; null for no word and for one that is not known."""
    known = {fold(word): code for word, code in words.items()}
    text = fold_expr(pl.col(column))
    return text.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _names(table: pl.DataFrame) -> dict[str, str]:
    """Return word → code for every code, and for every name that only one row has."""
    codes: dict[str, set[str]] = {}
    for row in table.iter_rows(named=True):
        for name, code in _words(row):
            codes.setdefault(name, set()).add(code)
    once = {name: next(iter(found)) for name, found in codes.items() if len(found) == 1}
    return once | {code: code for code in table["code"]}


def _words(row: dict[str, str | None]) -> list[tuple[str, str]]:
    names = {fold(name) for name in (row["name_fa"], row["name_en"]) if name}
    return [(name, str(row["code"])) for name in names]
