"""Reading sealed segments: quickly where every line is as a receiver writes it, else line by line."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from data.errors import Retryable
from data.store import json_columns
from data.store.spool_writer import SpoolKind

RECORD = pl.Schema({name: pl.String() for name in ("at", "gateway", "kind", "type", "body")})
PASSING = frozenset(
    {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EINTR}
)  # no fault of a file
POISONED = "application/x-poisoned"  # content type of a line that is not a record; its body is the raw line


class SegmentUnreadableError(OSError):
    """The disk does not give a segment back; `path` says which."""

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"{path.name}: {type(why).__name__}: {why.strerror or why}")
        self.path = path


# An object is told by its first sign: json_transform then either takes all of it or says that it is not JSON.
_OPENED = """
SELECT TRY_CAST("at" AS TIMESTAMP) AS "at", gateway, opened, file_index::USMALLINT AS file,
       CASE WHEN opened IS NULL THEN body END AS body
FROM (
    SELECT *, file_index,
           CASE WHEN gateway IN $gateways AND starts_with(body, '{{')
                THEN json_transform(body, {shape}) END AS opened
    FROM read_json($paths, format = 'newline_delimited', columns = {{{columns}}})
)
"""


def read(paths: Sequence[Path], kind: SpoolKind) -> pl.DataFrame:
    """Return the records of segments of a kind in order: at (UTC, null where it is no moment), gateway, kind,
    type, body (text) and file (UInt16, the place of its segment in `paths`).

    A line that is not a record comes back with type POISONED, an empty gateway and the raw line as its body.
    """
    frames = [_records(path, kind) for path in paths] or [RECORD.to_frame()]
    placed = [frame.with_columns(file=pl.lit(place, pl.UInt16)) for place, frame in enumerate(frames)]
    moment = pl.col("at").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return pl.concat(placed).with_columns(moment)


def read_opened(paths: Sequence[Path], fields: Mapping[str, Sequence[str]]) -> pl.DataFrame | None:
    """Return at, gateway, body and file as `read` does, with bodies opened on the way: little more work than
    reading the lines.

    `fields` are the fields wanted of the bodies of each gateway. A body of theirs that is an object stands in
    `opened` (a struct of all fields, as text) instead of in body. None where a line is not a record or such a
    body is not JSON: that needs `read`, which takes nothing for granted.
    """
    columns = ", ".join(f"{name!r}: 'VARCHAR'" for name in RECORD)
    shape = json_columns.shape(sorted({name for wanted in fields.values() for name in wanted}))
    given = {"paths": [str(path) for path in paths], "gateways": sorted(fields)}
    question = _OPENED.format(columns=columns, shape=shape)
    folders = {path.parent for path in paths}
    lines = json_columns.ask(question, given, folders=folders)
    if lines is None or lines["gateway"].null_count():
        return None
    missing = lines["opened"].is_null() & lines["body"].is_null()
    return None if missing.any() else lines.with_columns(pl.col("at").dt.replace_time_zone("UTC"))


def _records(path: Path, kind: SpoolKind) -> pl.DataFrame:
    try:
        raw = path.read_bytes()  # a mapped file that the disk does not give would end the process
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in PASSING:
            raise Retryable(
                f"{path.name} cannot be read now: {error.strerror}", f"{path.name} اکنون خوانده نمی‌شود"
            ) from error
        raise SegmentUnreadableError(path, error) from error
    try:
        frame = pl.read_ndjson(raw, schema=RECORD)
        if not any(frame.null_count().row(0)):
            return frame
    except pl.exceptions.PolarsError:
        pass
    return _line_by_line(raw, kind)


def _line_by_line(raw: bytes, kind: SpoolKind) -> pl.DataFrame:
    """The careful way, for a damaged segment only: each line that is a record is one, the others are kept."""
    lines = [line for line in raw.split(b"\n") if line.strip()]
    text = pl.Series("body", [line.decode("utf-8", "backslashreplace") for line in lines], pl.String)
    whole = text.str.starts_with("{") & pl.Series([_is_utf8(line) for line in lines], dtype=pl.Boolean)
    told = pl.DataFrame({"body": text, "whole": whole}).with_row_index("place")
    asked = told.filter("whole")
    read, _ = json_columns.exploded(asked["body"], RECORD.names())
    places = asked.select("place").with_row_index("index")
    records = places.join(read, on="index").drop_nulls(RECORD.names())
    bad = told.join(records, on="place", how="anti").select(
        "place", at=pl.lit(""), gateway=pl.lit(""), kind=pl.lit(kind), type=pl.lit(POISONED), body="body"
    )
    return pl.concat([records.select(bad.columns), bad]).sort("place").select(RECORD.names())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
