"""JSON text turned into columns by DuckDB: one reader for every body, alone or among others."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from data.store import engine

_log = logging.getLogger("chapar.spool")
LIST_MAX = 1_000  # objects in one text: what the contract says, and what a small text may become
AROUND = " \t\r\n\ufeff"  # what may stand around JSON: a byte order mark is none of it (RFC 8259, 8.1)
BAD = pl.Schema({"index": pl.UInt32(), "why": pl.String()})
_WHOLE = "SELECT unnest(json_transform(body, {shape})) FROM told"
_WHY = """
SELECT index, CASE
    WHEN NOT json_valid(body) THEN 'not JSON'
    WHEN json_type(body) = 'OBJECT' THEN NULL
    WHEN json_type(body) <> 'ARRAY' THEN 'neither an object nor a list'
    WHEN json_array_length(body) > {most} THEN 'a list of more than {most}'
    WHEN len(list_filter(json_extract(body, '$[*]'), lambda x: json_type(x) <> 'OBJECT')) > 0
        THEN 'a list of more than objects'
    END AS why
FROM told
"""
_EACH = """
SELECT index, unnest(row, recursive := true) FROM (
    SELECT index, unnest(CASE WHEN json_type(body) = 'OBJECT' THEN [json_transform(body, {shape})]
        ELSE json_transform(body, {shapes}) END) AS row
    FROM told
)
"""


def exploded(bodies: pl.Series, names: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the objects in texts that hold one object or a list of at most LIST_MAX: `index` (UInt32, the
    place of the text) and the fields `names` as text; and what is neither, with its `index` and `why`.

    A field that is absent is null, a number is its digits, whatever else stands in a field is its JSON.
    """
    text = bodies.cast(pl.String).str.strip_chars(AROUND)
    told = text.alias("body").to_frame().with_row_index("index")
    if bodies.len() and told["body"].str.starts_with("{").all():  # as most gateways post them
        whole = ask(_WHOLE.format(shape=shape(names)), told=told)
        if whole is not None:
            return whole.insert_column(0, told["index"]), BAD.to_frame()
    strange = _asked(_WHY.format(most=LIST_MAX), told).filter(pl.col("why").is_not_null()).cast(dict(BAD))  # type: ignore[arg-type]
    good = told.join(strange, on="index", how="anti", maintain_order="left")
    rows = _asked(_EACH.format(shape=shape(names), shapes=shape(names, listed=True)), good)
    return rows.cast({"index": pl.UInt32}), strange


def shape(names: Iterable[str], *, listed: bool = False) -> str:
    """Return the shape of an object of texts, or of a list of them, as json_transform wants it: a literal of
    SQL, for it takes no parameter.
    """
    one = dict.fromkeys(names, "VARCHAR")
    return engine.quoted(json.dumps([one] if listed else one))


def ask(
    question: str, given: dict[str, Any] | None = None, *, told: pl.DataFrame | None = None,
    folders: Iterable[Path] = (),
) -> pl.DataFrame | None:  # fmt: skip
    """Return the answer to a question about the relation `told` or the files of some folders, None when it
    has none because some text is not what the question takes it for.
    """
    import duckdb

    try:
        return _asked(question, told, given, folders)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None
    except duckdb.Error as error:  # the careful way is still there, but somebody should know
        _log.warning("a question about JSON failed: %s", type(error).__name__)
        return None


def _asked(
    question: str, told: pl.DataFrame | None, given: dict[str, Any] | None = None,
    folders: Iterable[Path] = (),
) -> pl.DataFrame:  # fmt: skip
    con = engine.connect(*folders)
    try:
        if told is not None:
            con.register("told", told)
        answer: pl.DataFrame = con.sql(question, params=given).pl()
        return answer
    finally:
        con.close()
