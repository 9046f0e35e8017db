"""Which file of a folder holds which raw table (docs/population.md): one by its plain name or by a known
name of downloads, never two.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from data.errors import Refused
from data.rules.persian import listed

_FLAT = (".csv", ".csv.gz", ".parquet")
_AREAS = (".geojson", ".geojson.gz", ".shp")
NAMES: dict[str, tuple[str, ...]] = {  # table → what its file is called without the ending
    "towers": ("towers", "*cell_towers*"),
    "cities": ("cities", "*cities*"),
    "postcodes": ("postcodes", "*postcodes*"),
    "prefixes": ("prefixes", "*mobile_prefixes*"),
    "provinces": ("provinces", "*provinces*"),
    "districts": ("districts",),
    "occupations": ("occupations", "*occupations*"),
    "subscribers": ("subscribers", "*subscribers*"),
    "sources": ("sources",),
    "areas": ("areas", "*districts*", "*municipalities*"),
}
_OF_REGION = re.compile(r"([a-z]{2})_")


def locate(folder: Path, region: str) -> dict[str, Path]:
    """Return the file of each raw table that the folder has.

    A file named for another country (`gy_…` when the region is SR) is passed over; one named for this country
    goes before one named for none. Raises Refused for no folder, no table in it, or two files of one table.
    """
    if not folder.is_dir():
        raise Refused(
            "raw", f"{folder} is not a folder: name the folder of the raw tables", f"{folder} پوشه نیست"
        )
    files = sorted(path for path in folder.iterdir() if path.is_file())
    found = {table: path for table in NAMES if (path := _one(table, files, region.lower())) is not None}
    if not set(found) - {"sources"}:
        passed = [path.name for path in files if _region_of(path) not in (None, region.lower())]
        over = f"; passed over as another country's: {', '.join(passed[:5])}" if passed else ""
        raise Refused(
            "raw",
            f"{folder} holds no raw table for {region}: towers.csv, cities.csv, postcodes.csv, prefixes.csv, "
            f"areas.geojson or subscribers.csv (docs/population.md){over}",
            f"در {folder} جدول خامی برای {region} نیست (docs/population.md)",
        )
    return found


def _one(table: str, files: list[Path], region: str) -> Path | None:
    endings = _AREAS if table == "areas" else _FLAT
    fitting = [
        path
        for path in files
        if any(_fits(path.name.lower(), pattern, endings) for pattern in NAMES[table])
    ]
    own = [path for path in fitting if _region_of(path) == region]
    chosen = own or [path for path in fitting if _region_of(path) is None]
    if len(chosen) > 1:
        names, names_fa = ", ".join(path.name for path in chosen), listed([path.name for path in chosen])
        raise Refused(
            f"raw.{table}", f"several files could be {table}: {names}; keep one of them in the folder",
            f"چند پرونده می‌تواند جدول {table} باشد: {names_fa}؛ یکی را نگه دارید",
        )  # fmt: skip
    return chosen[0] if chosen else None


def _fits(name: str, pattern: str, endings: tuple[str, ...]) -> bool:
    return any(name.endswith(ending) and fnmatch(name[: -len(ending)], pattern) for ending in endings)


def _region_of(path: Path) -> str | None:
    found = _OF_REGION.match(path.name.lower())
    return found[1] if found else None
