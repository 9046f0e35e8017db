"""Mobile prefixes: which operator a number was issued by, which line types and which provinces (spec R16.2).

The table is data (data/reference/prefixes.csv, longest prefix wins). Numbers move between operators, so
this is where a number began, not always where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data import reference

OTHER = "other"  # the operator column's word for a prefix that no row names


@dataclass(frozen=True, slots=True)
class Prefix:
    """A row of the numbering plan; `prefix` is national, without the trunk 0."""

    region: str
    country_code: str
    prefix: str
    digits: int  # length of a national number with this prefix
    operator: str  # empty if not known
    line_types: tuple[str, ...]  # of prepaid, postpaid; empty if not known
    provinces: tuple[str, ...]  # codes, the main one first
    mobile: bool  # every number of that length that begins so is a mobile number
    note: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A mobile network, or a company that sells another's."""

    region: str
    operator: str
    name_fa: str
    name_en: str
    networks: tuple[str, ...]  # "mcc-mnc"
    kind: str


@cache
def prefixes(region: str = "IR") -> tuple[Prefix, ...]:
    """Return the plan of a region, in order of prefix; empty where we have none."""
    return tuple(_prefix(row) for row in reference.rows("prefixes.csv") if row["region"] == region)


@cache
def operators(region: str = "IR") -> tuple[Operator, ...]:
    """Return the operators of a region; empty where we have none."""
    return tuple(_operator(row) for row in reference.rows("operators.csv") if row["region"] == region)


def operator_of(msisdn: int, region: str = "IR") -> str | None:
    """Return the operator that the number's prefix was given to; None if no row names one."""
    found = prefix_of(msisdn, region)
    return (found.operator or None) if found else None


def prefix_of(msisdn: int, region: str = "IR") -> Prefix | None:
    """Return the longest prefix of the plan that the number begins with; None if there is none."""
    text = str(msisdn)
    for length in range(len(text), 0, -1):
        found = _by_start(region).get((len(text), text[:length]))
        if found:
            return found
    return None


def is_mobile(msisdn: int, region: str = "IR") -> bool:
    """Say whether the plan has this mobile number."""
    text = str(msisdn)
    plan = _by_start(region)
    rows = (plan.get((len(text), text[:length])) for length in range(1, len(text) + 1))
    return any(row.mobile for row in rows if row)


@cache
def _by_start(region: str) -> dict[tuple[int, str], Prefix]:
    """Key each row by the length of the whole number and by its first digits, country code included."""
    return {
        (len(row.country_code) + row.digits, row.country_code + row.prefix): row for row in prefixes(region)
    }


def _prefix(row: dict[str, str]) -> Prefix:
    return Prefix(
        region=row["region"],
        country_code=row["country_code"],
        prefix=row["prefix"],
        digits=int(row["digits"]),
        operator=row["operator"],
        line_types=tuple(filter(None, row["line_types"].split(";"))),
        provinces=tuple(filter(None, row["provinces"].split(";"))),
        mobile=row["mobile"] == "1",
        note=row["note"],
    )


def _operator(row: dict[str, str]) -> Operator:
    networks = tuple(filter(None, row["networks"].split(";")))
    return Operator(row["region"], row["operator"], row["name_fa"], row["name_en"], networks, row["kind"])
