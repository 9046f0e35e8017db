"""JSON text turned into columns by DuckDB, in half the time of a reader of lines and on every core."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl


def objects(bodies: pl.Series, names: Sequence[str]) -> pl.DataFrame | None:
    """Return the fields `names` of texts that are one JSON object each, as text, a row a text.

    A field that is absent is null, a number is its digits. None when any of them is not such an object.
    """
    import duckdb

    shape = json.dumps(dict.fromkeys(names, "VARCHAR")).replace("'", "''")
    con = duckdb.connect()
    try:
        con.execute("SET enable_progress_bar = false")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        con.register("told", bodies.alias("body").to_frame())
        found = con.sql(f"SELECT unnest(json_transform(body, '{shape}')) FROM told").pl()
    except duckdb.Error:
        return None
    finally:
        con.close()
    return found if found.height == bodies.len() else None
