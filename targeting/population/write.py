"""Write a snapshot: one DuckDB file with ENUM columns, its people in the order given, and checks before it is
closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import shapely

from data.errors import Broken
from data.rules.order_columns import order_keys
from data.rules.persian import fold
from data.settings import settings
from targeting.population.country import SCHEMAS, Country, Source

CHUNK = 1_000_000
Progress = Callable[[str, int, int], None]
ENUMS = {"gender": ["male", "female"], "line_type": ["prepaid", "postpaid"]}
_SUBSCRIBERS = """
CREATE TABLE subscribers (
    msisdn UBIGINT NOT NULL, order_key UBIGINT NOT NULL, lon DOUBLE, lat DOUBLE, born_on DATE,
    gender gender_e, province province_e, city city_e, postcode VARCHAR, operator operator_e,
    line_type line_type_e, occupation occupation_e, tower UINTEGER, opted_out BOOLEAN NOT NULL
)"""
_TYPES = {
    pl.String: "VARCHAR", pl.Float64: "DOUBLE", pl.Int64: "BIGINT", pl.UInt16: "USMALLINT",
    pl.UInt32: "UINTEGER", pl.UInt64: "UBIGINT", pl.Binary: "BLOB", pl.List(pl.String): "VARCHAR[]",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}  # fmt: skip
_PROMISES = {
    "every number once": "SELECT count(*) = count(DISTINCT msisdn) FROM subscribers",
    "every tower known": "SELECT count(*) = 0 FROM subscribers s "
    "ANTI JOIN towers t ON s.tower = t.id WHERE s.tower IS NOT NULL",
    "every position on earth": "SELECT count(*) = 0 FROM subscribers WHERE abs(lat) > 90 OR abs(lon) > 180",
    "a position is whole": "SELECT count(*) = 0 FROM subscribers WHERE (lon IS NULL) <> (lat IS NULL)",
    "every tower once": "SELECT count(*) = count(DISTINCT name) FROM towers",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot says of itself."""

    as_of: date | None  # of the people; None: unknown
    built_at: datetime
    salt: bytes
    seed: int | None
    people: Source


def write_snapshot(
    path: Path, country: Country, subscribers: pl.DataFrame, *, about: About, progress: Progress
) -> None:
    """Write the file at `path` (which must not exist); raises Broken if it does not keep its promises."""
    limits = settings().population
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{limits.build_memory_mb}MB", "threads": limits.threads,
        "temp_directory": str(path.parent / "spill"),
    }  # fmt: skip
    with duckdb.connect(str(path), config=config) as con:
        con.execute("SET TimeZone = 'UTC'")
        _tables(con, country)
        _people(con, country, subscribers, about=about, progress=progress)
        _about(con, country, subscribers.height, about)
        progress("check", 0, 1)
        _check(con, subscribers.height)
        con.execute("CHECKPOINT")
    progress("check", 1, 1)


def _tables(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    for name, schema in SCHEMAS.items():
        frame, columns = country.table(name), [f"{column} {_TYPES[kind]}" for column, kind in schema.items()]
        if "name_fa" in schema:
            frame = frame.with_columns(folded=folded(frame))
            columns.append("folded VARCHAR")
        con.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        con.register("given", frame)
        con.execute(f"INSERT INTO {name} SELECT * FROM given")
        con.unregister("given")
    con.execute("CREATE TABLE outline (wkb BLOB)")
    if country.outline is not None:
        con.execute("INSERT INTO outline VALUES (?)", [shapely.to_wkb(country.outline)])


def folded(frame: pl.DataFrame) -> pl.Series:
    """Return the name people search for, as `rules.persian.fold` makes it: Persian, or English where there is
    none.
    """
    names = frame.select(
        pl.coalesce("name_fa", "name_en") if "name_en" in frame.columns else pl.col("name_fa")
    )
    return pl.Series([None if name is None else fold(name) for name in names.to_series()], dtype=pl.String)


def _people(
    con: duckdb.DuckDBPyConnection, country: Country, people: pl.DataFrame, *,
    about: About, progress: Progress,
) -> None:  # fmt: skip
    for column, values in _enums(country, people).items():
        words = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        con.execute(f"CREATE TYPE {column}_e AS ENUM ({words})")
    con.execute(_SUBSCRIBERS)
    for low in range(0, people.height, CHUNK):
        progress("write", low, people.height)
        part = people.slice(low, CHUNK)
        keys = order_keys(part["msisdn"].to_numpy(), about.salt)
        con.register("part", part.with_columns(order_key=pl.Series(keys, dtype=pl.UInt64)))
        con.execute("INSERT INTO subscribers BY NAME SELECT * FROM part")
        con.unregister("part")
    progress("write", people.height, people.height)


def _enums(country: Country, people: pl.DataFrame) -> dict[str, list[str]]:
    """The words of each ENUM: all of the country's codes, so that a place without people is a known place."""
    used = {
        name: people[name].unique().drop_nulls().cast(pl.String).to_list()
        for name in ("province", "city", "operator", "occupation")
    }
    words = {
        "province": {*country.table("provinces")["code"], *used["province"]},
        "city": {*country.table("cities")["code"], *used["city"]},
        "operator": {*country.table("prefixes")["operator"].drop_nulls(), *used["operator"], "other"},
        "occupation": {*country.table("occupations")["code"], *used["occupation"]},
    }
    return ENUMS | {name: sorted(values) or ["-"] for name, values in words.items()}


def _about(con: duckdb.DuckDBPyConnection, country: Country, count: int, about: About) -> None:
    day = about.as_of.isoformat() if about.as_of else ""
    meta = {
        "region": country.region, "timezone": country.timezone, "as_of": day,
        "subscribers": str(count), "salt": about.salt.hex(), "built_at": about.built_at.isoformat(),
        "seed": "" if about.seed is None else str(about.seed),
    }  # fmt: skip
    con.execute("CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
    con.executemany("INSERT INTO meta VALUES (?, ?)", [list(item) for item in meta.items()])
    con.execute(
        "CREATE TABLE tables (name VARCHAR, rows BIGINT, source VARCHAR, as_of DATE, "
        "flags VARCHAR[], rejected BIGINT)"
    )
    rows = {
        name: (country.table(name).height if source.rows is None else source.rows, source)
        for name, source in country.sources.items()
    }
    rows["subscribers"] = (count, about.people)
    con.executemany("INSERT INTO tables VALUES (?, ?, ?, ?, ?, ?)", [
        [name, height, s.source, s.as_of, s.flags, s.rejected] for name, (height, s) in sorted(rows.items())
    ])  # fmt: skip


def _check(con: duckdb.DuckDBPyConnection, count: int) -> None:
    found = con.execute("SELECT count(*) FROM subscribers").fetchall()[0][0]
    if found != count:
        raise Broken(
            f"the snapshot holds {found} people, not the {count} that were given",
            f"این نگارش {found} نفر دارد، نه {count} نفری که داده شد",
        )
    for promise, query in _PROMISES.items():
        if not con.execute(query).fetchall()[0][0]:
            raise Broken(
                f"the snapshot does not keep its promise: {promise}",
                f"این نگارش به قول خود وفا نمی‌کند: «{promise}»",
            )
