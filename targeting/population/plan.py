"""The numbering plan of any region: the shipped one, with the operators of a raw prefix table laid over it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from data.errors import Refused
from data.rules.operators import OTHER, Prefix, prefixes

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEPTH = 3  # digits that a prefix is followed into while only part of it is mobile
_SAMPLES = 40


def operator_word(name: str) -> str:
    """Return an operator's name as one lower-case word: "Telecom Liechtenstein" → telecom_liechtenstein."""
    return re.sub(r"[^\w]+", "_", name.strip().casefold()).strip("_")


def country_code(region: str) -> int:
    """Return the calling code of a region; raises Refused for a region without numbers."""
    if region == "IR":
        return 98
    import phonenumbers

    code = int(phonenumbers.country_code_for_region(region))
    if code == 0:
        raise Refused(
            "region", f"{region!r} is not a country's two letters (ISO 3166), such as IR or SR",
            f"«{region}» نشان دوحرفی کشور نیست؛ مانند IR یا SR",
        )  # fmt: skip
    return code


def timezone_of(region: str) -> str:
    """Return the time zone of a region's mobile numbers (its first, where it has several)."""
    import phonenumbers
    from phonenumbers import timezone

    country_code(region)
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    zones = timezone.time_zones_for_number(example) if example else ()
    return str(zones[0]) if zones and zones[0] != "Etc/Unknown" else "UTC"


def plan_of(region: str, table: pl.DataFrame) -> tuple[Prefix, ...]:
    """Return the mobile prefixes of a region with the owners that `table` (prefix, operator, line_types)
    names.

    Raises Refused (field `raw.prefixes`) where nothing in it is a mobile number of the region.
    """
    rows = {row["prefix"]: row for row in table.iter_rows(named=True)}
    shipped = prefixes(region) or _discovered(region, list(rows))
    plan = {(row.prefix, row.digits): _owned(row, rows) for row in shipped}
    for prefix in rows:  # a prefix of the table that divides one of ours
        for row in shipped:
            if prefix.startswith(row.prefix) and (prefix, row.digits) not in plan and row.mobile:
                plan[prefix, row.digits] = _owned(replace(row, prefix=prefix), rows)
    if not any(row.mobile and row.operator for row in plan.values()):
        raise Refused(
            "raw.prefixes",
            f"no mobile numbers of {region} are known: add prefixes.csv with the columns prefix and operator",
            f"شمارهٔ همراهی برای {region} شناخته نیست: جدول prefixes.csv را بیفزایید",
        )  # fmt: skip
    return tuple(plan.values())


def operators_of(msisdn: pl.Series, table: pl.DataFrame, code: int) -> pl.Series:
    """Return the operator of each number (UInt64) by the longest prefix of a table; `other` where none fits.
    """
    national = msisdn.cast(pl.String).str.slice(len(str(code)))
    found: pl.Expr = pl.lit(OTHER)
    known = table.filter(pl.col("operator").is_not_null())
    for length in sorted(known["prefix"].str.len_chars().unique()):
        some = known.filter(pl.col("prefix").str.len_chars() == length)
        owner = (
            pl.col("national")
            .str.head(length)
            .replace_strict(
                some["prefix"].to_list(), some["operator"].to_list(), default=None, return_dtype=pl.String
            )
        )
        found = pl.coalesce(owner, found)
    return pl.DataFrame({"national": national}).select(found.alias("operator")).to_series()


def _owned(row: Prefix, table: dict[str, dict[str, object]]) -> Prefix:
    """Give a prefix the owner that the longest fitting prefix of the table names."""
    fitting = [prefix for prefix in table if row.prefix.startswith(prefix)]
    if not fitting:
        return row
    found = table[max(fitting, key=len)]
    types = found["line_types"]
    return replace(
        row,
        operator=str(found["operator"] or ""),
        line_types=tuple(types) if isinstance(types, list) and types else row.line_types,
    )


def _discovered(region: str, given: Sequence[str]) -> tuple[Prefix, ...]:
    """Ask phonenumbers which parts of the given prefixes are wholly mobile, for each length that numbers
    have.
    """
    code = str(country_code(region))
    found: list[Prefix] = []
    for prefix in given:
        for digits in _lengths(region):
            found += [
                Prefix(region, code, part, digits, "", (), (), mobile=True, note="")
                for part in _mobile_parts(region, prefix, digits, _DEPTH)
            ]
    return tuple({(row.prefix, row.digits): row for row in found}.values())


@cache
def _lengths(region: str) -> tuple[int, ...]:
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return tuple(metadata.mobile.possible_length) if metadata and metadata.mobile else ()


def _mobile_parts(region: str, prefix: str, digits: int, depth: int) -> list[str]:
    left = digits - len(prefix)
    if left <= 0:
        return []
    step = max(10**left // _SAMPLES, 1)
    share = [_is_mobile(region, f"{prefix}{tail:0{left}d}") for tail in range(0, 10**left, step)]
    if all(share):
        return [prefix]
    if not any(share) or depth == 0:
        return []
    return [
        part for digit in "0123456789" for part in _mobile_parts(region, prefix + digit, digits, depth - 1)
    ]


def _is_mobile(region: str, national: str) -> bool:
    import phonenumbers

    number = phonenumbers.PhoneNumber(country_code=country_code(region), national_number=int(national))
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return (
        phonenumbers.is_valid_number_for_region(number, region) and phonenumbers.number_type(number) in kinds
    )
