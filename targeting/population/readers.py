"""Read raw tables as text columns under the product's own column names; every judgement is left to the
checks.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from data.errors import Refused
from data.rules.persian import listed
from data.rules.persian_columns import digits_expr
from targeting.population.contents import text_contents, unreadable

LINE = "line"  # column: line of the file (1 is the header), for the list of rejects
BEYOND = "beyond_header"  # column: the first cell of a row past the header's, only where some row has one
_NO_TEXT = (pl.Binary, pl.Duration, pl.Object)
BEYOND_CELLS_MAX = 8  # so many cells past the header are looked at
_OURS_ALONE = (LINE, BEYOND, "reason")  # columns of a list of rejects, which may come back mended
RADIOS = ("GSM", "UMTS", "LTE", "CDMA", "NR")
TOWER_COLUMNS = (  # OpenCelliD and Mozilla Location Service, in the order of files without a header
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range_m", "samples", "changeable",
    "created", "updated", "average_signal",
)  # fmt: skip
_BEYOND = tuple(f"\0beyond {n}" for n in range(BEYOND_CELLS_MAX))  # no column of a file is called so
_NUMERIC = frozenset((  # columns whose digits may be Persian
    *TOWER_COLUMNS[1:], "population", "count", "postcode", "prefix", "postcode_prefixes",
))  # fmt: skip
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
    given = [name for name in frame.columns if name not in _BEYOND]
    names = {column: name for column, name in _ours(table, given).items() if name not in _OURS_ALONE}
    missing = [name for name in REQUIRED[table] if name not in names.values()]
    if missing:
        raise Refused(
            f"raw.{table}",
            f"{path.name} lacks the column {', '.join(missing)}; it has {', '.join(given)}",
            f"ستون {'، '.join(missing)} در {path.name} نیست؛ ستون‌های آن: {'، '.join(given)}",
        )  # fmt: skip
    if frame.is_empty():
        raise Refused(
            f"raw.{table}",
            f"{path.name} has no rows, only its header: add rows, or take the file out of the folder",
            f"{path.name} تنها سرستون دارد و سطری ندارد: سطرها را بیفزایید یا پرونده را از پوشه بردارید",
        )
    cleaned = frame.select(pl.all().str.strip_chars().replace("", None))
    rows = cleaned.select(pl.col(column).alias(name) for column, name in names.items()).with_columns(
        digits_expr(pl.col(name)) for name in names.values() if name in _NUMERIC
    )
    first = 1 if _headerless(frame) else 2
    return _with_beyond(rows, cleaned).with_row_index(LINE, offset=first)


def _with_beyond(rows: pl.DataFrame, cleaned: pl.DataFrame) -> pl.DataFrame:
    """Add BEYOND where some row has a cell past the header; bare separators are no cell."""
    if _BEYOND[0] not in cleaned.columns:
        return rows
    beyond = cleaned.select(pl.coalesce(_BEYOND).alias(BEYOND)).to_series()
    return rows if beyond.null_count() == len(beyond) else rows.with_columns(beyond)


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
    content = text_contents(table, path)
    body = content.removeprefix(BOM_UTF8).lstrip(b"\r\n")  # Polars, too, passes over blank lines at the top
    head = body[:4096].split(b"\n", 1)[0].decode("utf-8", "replace")
    separator = max(",;\t", key=head.count)
    headerless = table == "towers" and head.split(separator)[0].strip().upper() in RADIOS
    try:
        header = pl.read_csv(
            body, infer_schema=False, separator=separator, has_header=False, n_rows=1,
            truncate_ragged_lines=True,
        ).row(0)  # fmt: skip
        if not headerless:
            _refuse_repeated(table, path, header)
        frame = _separated(body, separator, has_header=not headerless)
    except (pl.exceptions.ComputeError, pl.exceptions.NoDataError, UnicodeDecodeError) as error:
        raise unreadable(table, path, content) from error
    return frame.rename(dict(zip(frame.columns, TOWER_COLUMNS, strict=False))) if headerless else frame


def _separated(content: bytes, separator: str, *, has_header: bool) -> pl.DataFrame:
    """Return the cells; where some row has more of them than the header, those past it stand in _BEYOND."""
    try:
        return pl.read_csv(content, infer_schema=False, separator=separator, has_header=has_header)
    except pl.exceptions.ComputeError:
        names = pl.read_csv(
            content, infer_schema=False, separator=separator, has_header=has_header, n_rows=1,
            truncate_ragged_lines=True,
        ).columns  # fmt: skip
    wide = [*names, *_BEYOND]
    header = separator.join(str(place) for place in range(len(wide)))  # Polars reads as many cells as it has
    frame = pl.read_csv(
        header.encode() + b"\n" + content, infer_schema=False, separator=separator,
        truncate_ragged_lines=True,
    )  # fmt: skip
    frame.columns = wide
    return frame.slice(1) if has_header else frame


def _refuse_repeated(table: str, path: Path, header: Iterable[str | None]) -> None:
    """Refuse a header that names a column twice, for nobody can say which of the two is meant."""
    times = Counter(name.strip().casefold() for name in header if name and name.strip())
    twice = [name for name, n in times.items() if n > 1]
    if twice:
        raise Refused(
            f"raw.{table}",
            f"{path.name} has the column {', '.join(twice)} more than once: keep one of each, or rename it",
            f"ستون {'، '.join(twice)} در {path.name} بیش از یک بار آمده است: یکی را نگه دارید یا نام آن را "
            "عوض کنید",
        )


def _parquet(path: Path, table: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.ComputeError, OSError) as error:
        raise Refused(
            f"raw.{table}",
            f"{path.name} is not a Parquet file, or was cut short: write it anew",
            f"{path.name} پروندهٔ Parquet نیست یا ناقص است: آن را دوباره بنویسید",
        ) from error
    odd = {name: kind for name, kind in frame.schema.items() if kind.is_nested() or kind in _NO_TEXT}
    if odd:
        told = [f"{name} ({kind})" for name, kind in odd.items()]
        raise Refused(
            f"raw.{table}",
            f"{path.name} has columns that are neither text, number nor date: {', '.join(told)}; write "
            "them as text, or leave them out",
            f"در {path.name} ستون‌هایی نه متن‌اند، نه عدد و نه تاریخ: {listed(told, 'و')}؛ "
            "آن‌ها را متن کنید یا کنار بگذارید",
        )
    return frame.select(pl.all().cast(pl.String, strict=False))


def _headerless(frame: pl.DataFrame) -> bool:
    return frame.columns[: len(TOWER_COLUMNS)] == list(TOWER_COLUMNS[: len(frame.columns)])
