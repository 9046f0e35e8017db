"""What surrounds the people of a snapshot: places, prefixes, trades, towers, the outline, and where each came
from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

if TYPE_CHECKING:
    import shapely

Schema: TypeAlias = dict[str, pl.DataType | type[pl.DataType]]
PROVINCES: Schema = {
    "code": pl.String,
    "name_fa": pl.String,
    "name_en": pl.String,
    "lon": pl.Float64,
    "lat": pl.Float64,
}
CITIES: Schema = {
    "code": pl.String, "province": pl.String, "name_fa": pl.String, "name_en": pl.String,
    "lon": pl.Float64, "lat": pl.Float64, "population": pl.Int64,
}  # fmt: skip
DISTRICTS: Schema = {
    "code": pl.String, "city": pl.String, "name_fa": pl.String, "name_en": pl.String,
    "postcode_prefixes": pl.List(pl.String), "wkb": pl.Binary,
}  # fmt: skip
POSTCODE_AREAS: Schema = {"prefix": pl.String, "province": pl.String, "city": pl.String, "name_fa": pl.String}
PREFIXES: Schema = {
    "prefix": pl.String, "operator": pl.String, "line_types": pl.List(pl.String), "region": pl.String,
}  # fmt: skip
OCCUPATIONS: Schema = {"code": pl.String, "group_fa": pl.String, "name_fa": pl.String, "name_en": pl.String}
TOWERS: Schema = {
    "id": pl.UInt32, "name": pl.String, "radio": pl.String, "mcc": pl.UInt16, "net": pl.UInt16,
    "area": pl.UInt32,
    "cell": pl.UInt64, "lon": pl.Float64, "lat": pl.Float64, "range_m": pl.UInt32, "samples": pl.UInt32,
    "created_at": pl.Datetime("us", "UTC"), "updated_at": pl.Datetime("us", "UTC"),
    "operator": pl.String, "province": pl.String, "city": pl.String,
}  # fmt: skip
SCHEMAS: dict[str, Schema] = {
    "provinces": PROVINCES, "cities": CITIES, "districts": DISTRICTS, "postcode_areas": POSTCODE_AREAS,
    "prefixes": PREFIXES, "occupations": OCCUPATIONS, "towers": TOWERS,
}  # fmt: skip


@dataclass(slots=True)
class Source:
    """Where a table came from: a sentence, its date, what to beware of, how many rows were left out."""

    source: str
    as_of: date | None  # None: nobody says of which day the rows are
    flags: list[str] = field(default_factory=list)
    rejected: int = 0
    rows: int | None = None  # where the snapshot holds it under another name


@dataclass(slots=True)
class Country:
    """The tables of one country; a table that nobody gave is empty, with its columns."""

    region: str
    timezone: str
    outline: shapely.Geometry | None
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table, empty if it was not given."""
        return self.tables.get(name, empty(name))

    def put(self, name: str, frame: pl.DataFrame, source: Source) -> None:
        """Take a table in the columns of its schema; absent ones become null."""
        schema = SCHEMAS[name]
        self.tables[name] = frame.select(
            pl.col(column).cast(kind) if column in frame.columns else pl.lit(None, dtype=kind).alias(column)
            for column, kind in schema.items()
        )
        self.sources[name] = source


def empty(name: str) -> pl.DataFrame:
    """Return a table of SCHEMAS with no row."""
    return pl.DataFrame(schema=SCHEMAS[name])
