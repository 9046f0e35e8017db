"""Derive data/reference/prefixes.csv and operators.csv: mobile numbering plans, a row for each prefix.

    python tools/derive_numbering.py FOLDER [OUT]

FOLDER holds `{region}_mobile_prefixes.csv` (prefix, operator; for Iran also line_types, region_main,
region_other, note_fa) and `ir_operators.csv`. Operators of prefixes: google/libphonenumber (Apache-2.0),
persian-tools/py-persian-tools (MIT), Jamalianpour/persian-utils (Apache-2.0). Which numbers exist, and
how long they are: by libphonenumber's patterns in `phonenumbers`, with its carrier table where FOLDER
has no file.
"""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import phonenumbers
from phonenumbers.carrierdata import CARRIER_DATA

REGIONS = ("IR", "LI", "SR", "GY")
FREE_DIGITS = 4  # digits at the end that no plan looks at


@dataclass(frozen=True)
class Row:
    """A prefix (national, without trunk 0); `mobile` 1 = each number of `digits` digits with it is mobile."""

    region: str
    country_code: str
    prefix: str
    digits: int
    operator: str = ""
    line_types: str = ""
    provinces: str = ""
    mobile: int = 0
    note: str = ""


def main(folder: Path, out: Path) -> None:
    """Write both tables."""
    prefixes: list[Row] = []
    for region in REGIONS:
        named = _named(folder, region)
        prefixes += _cover(region, named)
    _write(out / "prefixes.csv", [field.name for field in fields(Row)], [astuple(row) for row in prefixes])
    _write(out / "operators.csv", OPERATOR_COLUMNS, _operators(folder))


def _named(folder: Path, region: str) -> list[Row]:
    """Return the prefixes whose operator is known."""
    code = str(phonenumbers.country_code_for_region(region))
    path = folder / f"{region.lower()}_mobile_prefixes.csv"
    base = Row(region, code, "", 0)
    if not path.exists():
        known = {key[len(code) :]: names["en"] for key, names in CARRIER_DATA.items() if key.startswith(code)}
        return [replace(base, prefix=prefix, operator=_slug(name)) for prefix, name in sorted(known.items())]
    with path.open(encoding="utf-8", newline="") as file:
        return [
            replace(
                base,
                prefix=row["prefix"],
                operator=_slug(row["operator"]),
                line_types=row.get("line_types") or "",
                provinces=";".join(filter(None, [row.get("region_main"), row.get("region_other")])),
                note=row.get("note_fa") or "",
            )
            for row in csv.DictReader(file)
        ]


def _cover(region: str, named: list[Row]) -> list[Row]:
    """Return `named` and what it takes for the rows with mobile=1 to be just the region's mobiles."""
    mobile = phonenumbers.PhoneMetadata.metadata_for_region(region).mobile
    pattern = re.compile(mobile.national_number_pattern)
    rows: dict[str, Row] = {row.prefix: row for row in named}
    for digits in mobile.possible_length:
        for prefix in _whole(pattern, {row.prefix for row in named}, "", digits):
            known = [row for row in named if prefix.startswith(row.prefix)]
            nobody = Row(region, named[0].country_code, "", 0)
            like = max(known, key=lambda row: len(row.prefix), default=nobody)
            rows[prefix] = replace(like, prefix=prefix, digits=digits, mobile=1)
    longest = max(mobile.possible_length)
    filled = [
        row if row.digits else replace(row, digits=_digits(row, rows, longest)) for row in rows.values()
    ]
    return sorted(filled, key=lambda row: row.prefix)


def _digits(row: Row, rows: dict[str, Row], longest: int) -> int:
    inside = {
        other.digits for prefix, other in rows.items() if prefix.startswith(row.prefix) and other.mobile
    }
    return inside.pop() if len(inside) == 1 else longest


def _whole(pattern: re.Pattern[str], cuts: set[str], prefix: str, digits: int) -> list[str]:
    """Return the shortest prefixes below `prefix` that are wholly mobile and lie within one named prefix."""
    if any(cut.startswith(prefix) and cut != prefix for cut in cuts) or not _all(pattern, prefix, digits):
        if len(prefix) == digits - FREE_DIGITS:
            return []
        return [found for digit in "0123456789" for found in _whole(pattern, cuts, prefix + digit, digits)]
    return [prefix]


def _all(pattern: re.Pattern[str], prefix: str, digits: int) -> bool:
    seen = digits - FREE_DIGITS - len(prefix)
    middles = (f"{number:0{seen}d}" if seen else "" for number in range(10**seen))
    return all(pattern.fullmatch(prefix + middle + "0" * FREE_DIGITS) for middle in middles)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


OPERATOR_COLUMNS = ["region", "operator", "name_fa", "name_en", "networks", "kind"]


def _operators(folder: Path) -> list[tuple[str, ...]]:
    with (folder / "ir_operators.csv").open(encoding="utf-8", newline="") as file:
        rows = [("IR", *(row[key] for key in ("operator", "name_fa", "name_en", "mcc_mnc", "kind")))
                for row in csv.DictReader(file)]  # fmt: skip
    for region in REGIONS[1:]:
        path = folder / f"{region.lower()}_mobile_prefixes.csv"
        code = str(phonenumbers.country_code_for_region(region))
        names = {names["en"] for key, names in CARRIER_DATA.items() if key.startswith(code)}
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                names = {row["operator"] for row in csv.DictReader(file)}
        rows += [(region, _slug(name), name, name, "", "network") for name in sorted(names)]
    return rows


def _write(path: Path, header: list[str], rows: list[tuple[object, ...]] | list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "data/reference"))
