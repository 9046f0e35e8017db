"""Read raw tables as text columns under the product's own column names; every judgement is left to the
checks.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import polars as pl

from data.errors import Refused

LINE = "line"  # column: line of the file (1 is the header), for the list of rejects
RADIOS = ("GSM", "UMTS", "LTE", "CDMA", "NR")
TOWER_COLUMNS = (  # OpenCelliD and Mozilla Location Service, in the order of files without a header
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range_m", "samples", "changeable",
    "created", "updated", "average_signal",
)  # fmt: skip
REQUIRED = {
    "towers": ("radio", "mcc", "net", "area", "cell", "lon", "lat"),
    "cities": ("name", "lon", "lat"),
    "postcodes": ("postcode",),
    "prefixes": ("prefix", "operator"),
    "provinces": ("code", "name"),
    "districts": ("name",),
    "occupations": ("code", "name"),
    "subscribers": ("msisdn",),
    "sources": ("table", "source"),
}
_POSITION = {"long": "lon", "lng": "lon", "longitude": "lon", "x": "lon", "latitude": "lat", "y": "lat"}
_NAMED = {"name_fa": "name", "title": "name"}
ALIASES: dict[str, dict[str, str]] = {  # table → other people's name → ours
    "towers": _POSITION | {
        "mnc": "net", "network": "net", "lac": "area", "tac": "area", "cid": "cell", "cellid": "cell",
        "ci": "cell",
        "range": "range_m", "sample": "samples", "averagesignal": "average_signal",
        "avgsignal": "average_signal",
        "psc": "unit", "pci": "unit",
    },
    "cities": _POSITION | _NAMED | {
        "city_code": "code", "geonames_id": "code", "geonameid": "code", "city": "name",
        "province_code": "province",
        "pop": "population", "geonames_population": "population", "weight": "population",
    },
    "postcodes": _POSITION | {
        "postal_code": "postcode", "postalcode": "postcode", "zip": "postcode", "code": "postcode",
        "prefix": "postcode",
        "place": "name", "place_name": "name", "name_fa": "name", "province_code": "province",
        "city_code": "city", "phones": "count", "subscribers": "count", "numbers": "count",
        "population": "count",
    },
    "prefixes": {"name": "operator", "carrier": "operator", "network": "operator"},
    "provinces": _POSITION | _NAMED | {"province_code": "code", "iso": "code"},
    "districts": _NAMED | {"district_code": "code", "city_code": "city", "prefixes": "postcode_prefixes"},
    "occupations": _NAMED | {"group": "group_fa"},
    "subscribers": _POSITION | {
        "number": "msisdn", "mobile": "msisdn", "phone": "msisdn", "birth_date": "born_on",
        "birthdate": "born_on",
        "birthday": "born_on", "sex": "gender", "province_code": "province", "city_code": "city",
        "zip": "postcode", "postal_code": "postcode", "job": "occupation", "sim_type": "line_type",
    },
    "sources": {"name": "table", "asof": "as_of", "date": "as_of"},
}  # fmt: skip


def read_table(table: str, path: Path) -> pl.DataFrame:
    """Return the file's rows as String columns with our names, and LINE; absent optional columns stay absent.

    Raises Refused (field `raw.<table>`) for a file that cannot be read or lacks a column it must have.
    """
    frame = _parquet(path, table) if path.name.endswith(".parquet") else _csv(path, table)
    names = _ours(table, frame.columns)
    missing = [name for name in REQUIRED[table] if name not in names.values()]
    if missing:
        raise Refused(
            f"raw.{table}",
            f"{path.name} lacks the column {', '.join(missing)}; it has {', '.join(frame.columns)}",
            f"ستون {'، '.join(missing)} در {path.name} نیست؛ ستون‌های آن: {'، '.join(frame.columns)}",
        )  # fmt: skip
    if frame.is_empty():
        raise Refused(
            f"raw.{table}",
            f"{path.name} has no rows, only its header: add rows, or take the file out of the folder",
            f"{path.name} تنها سرستون دارد و سطری ندارد: سطرها را بیفزایید یا پرونده را از پوشه بردارید",
        )
    cleaned = pl.all().str.strip_chars().replace("", None)
    first = 1 if _headerless(frame) else 2
    return frame.rename(names).select(cleaned).with_row_index(LINE, offset=first)


def _ours(table: str, columns: list[str]) -> dict[str, str]:
    """Map the file's columns to ours; our own name in the file goes before an alias of it."""
    plain = {
        column: re.sub(r"[\s\-]+", "_", column.strip().lstrip("\ufeff").casefold()) for column in columns
    }
    taken = set(plain.values())
    names: dict[str, str] = {}
    for column, name in plain.items():
        other = ALIASES[table].get(name)
        chosen = other if other and other not in taken and other not in names.values() else name
        names[column] = chosen if chosen not in names.values() else f"{chosen}_{len(names)}"
    return names


def _csv(path: Path, table: str) -> pl.DataFrame:
    content = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    if not content.strip():
        raise Refused(f"raw.{table}", f"{path.name} is empty", f"{path.name} خالی است")
    head = content[:4096].split(b"\n", 1)[0].decode("utf-8", "replace")
    separator = max(",;\t", key=head.count)
    headerless = table == "towers" and head.split(separator)[0].strip().upper() in RADIOS
    try:
        frame = pl.read_csv(
            content, infer_schema=False, separator=separator, has_header=not headerless,
            truncate_ragged_lines=True,
        )  # fmt: skip
    except (pl.exceptions.ComputeError, pl.exceptions.NoDataError, UnicodeDecodeError) as error:
        raise Refused(
            f"raw.{table}",
            f"{path.name} cannot be read as CSV: save it as UTF-8, one row a line ({error})"[:300],
            f"{path.name} به شکل CSV خوانده نشد: آن را با رمزگذاری UTF-8 ذخیره کنید",
        ) from error  # fmt: skip
    return frame.rename(dict(zip(frame.columns, TOWER_COLUMNS, strict=False))) if headerless else frame


def _parquet(path: Path, table: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.ComputeError, OSError) as error:
        raise Refused(
            f"raw.{table}", f"{path.name} is not a Parquet file", f"{path.name} پروندهٔ Parquet نیست"
        ) from error
    return frame.select(pl.all().exclude(pl.Binary, pl.Struct).cast(pl.String, strict=False))


def _headerless(frame: pl.DataFrame) -> bool:
    return frame.columns[: len(TOWER_COLUMNS)] == list(TOWER_COLUMNS[: len(frame.columns)])
