"""JSON off the wire: the one place where the body of an answer becomes objects and columns.

What no other parser stumbles over must not make a batch unknown: a byte order mark (RFC 8259, 8.1), space
around, a wrongly declared encoding, a word in another code page beside the ids. The content type decides
nothing.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import orjson
import polars as pl

from data.rules.wire_text import json_of
from gateways.gateway import Answer


def plain(answer: Answer) -> bytes:
    """Return the body of an answer as JSON is written: UTF-8 and nothing around it."""
    return json_of(answer.body, answer.content_type)


def decoded(answer: Answer) -> dict[str, Any]:
    """Return the JSON object in an answer; an empty one when there is none."""
    try:
        found = orjson.loads(plain(answer))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def listed(answer: Answer, row: pl.Schema, field: str) -> pl.DataFrame | None:
    """Return the list `field` of a JSON object as columns; None when it is absent or of another shape.

    A body that holds the list and nothing else, the usual one, is read straight into columns, in a quarter
    of the time; an odd one is read by value, and one that mixes types as text.
    """
    body = plain(answer)
    alone = _listed_alone(body, row, field)
    if alone is not None:
        return alone
    try:
        rows = orjson.loads(body)[field]
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            return None
        return pl.from_dicts(rows, schema=row)
    except (ValueError, KeyError, IndexError):
        return None
    except (TypeError, AttributeError, pl.exceptions.PolarsError):
        return _listed_as_text(body, row, field)


def _listed_alone(body: bytes, row: pl.Schema, field: str) -> pl.DataFrame | None:
    found = re.fullmatch(rb'\{\s*"%b"\s*:\s*(\[\s*\{.*\])\s*\}' % field.encode(), body, re.DOTALL)
    if found is None:
        return None
    try:
        return pl.read_json(io.BytesIO(found[1]), schema=row)
    except pl.exceptions.PolarsError:
        return None


def _listed_as_text(body: bytes, row: pl.Schema, field: str) -> pl.DataFrame | None:
    shape = pl.Struct({field: pl.List(pl.Struct(row))})
    try:
        rows = pl.Series([body.decode("utf-8")]).str.json_decode(shape).struct.field(field)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    if rows.null_count() or rows.list.len().item() == 0:
        return None
    return rows.explode().struct.unnest()


def json_list(values: pl.Series) -> str:
    """Return a column of text as a JSON list."""
    return json.dumps(values.to_list(), ensure_ascii=False)


def lists_told(bodies: pl.Series, field: str, *, but: tuple[str, str]) -> pl.Series:
    """Return bodies with every answer of the form `{…, field: [{…}, …]}` as that list alone, without the
    objects in which the key but[0] has the value but[1]. Other bodies are left alone.
    """
    text = bodies.cast(pl.String)
    answers = text.str.contains(rf'(?s)^\s*\{{.*"{field}"\s*:')
    if not answers.any():
        return text
    return text.scatter(answers.arg_true(), [_list_in(one, field, but) for one in text.filter(answers)])


def _list_in(body: str, field: str, but: tuple[str, str]) -> str:
    """One answer holds hundreds of messages; one that is of another form stays as it is."""
    try:
        told = orjson.loads(body.strip("\ufeff \r\n\t"))
    except ValueError:
        return body
    rows = told.get(field) if isinstance(told, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        return body
    return orjson.dumps([one for one in rows if str(one.get(but[0])) != but[1]]).decode()
