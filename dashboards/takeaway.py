"""How anything is taken away as a file: its cells, its forms, its headers, the HTTP status of a refusal.

Every route that gives a file (`dashboards/download.py`) goes through here, so that all of them decide alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from starlette.responses import PlainTextResponse, Response

from data import clock
from data.errors import ChaparError, Refused
from data.use_cases.floor import NotAllowed, SignedOut

CSV, EXCEL = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = b"\xef\xbb\xbf"  # the mark by which spreadsheets read Persian
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
THINGS = frozenset({"account", "campaign", "run", "upload"})  # what a route is asked for by name


@dataclass(frozen=True, slots=True)
class Kind:
    """How a file is written, and what browsers call it."""

    media: str
    write: Callable[[pl.DataFrame], bytes]


def refusal(problem: ChaparError, language: str) -> Response:
    """Say why there is no file: 401 the session has ended, 403 the role has no right, 404 there is no such
    thing for this account, 400 what was asked cannot be read, 503 it may be asked again.
    """
    return PlainTextResponse(problem.say(language) + "\n", _status(problem), headers=_fresh())


def nothing(said: str = "not found") -> Response:
    """Say that there is no such file."""
    return PlainTextResponse(said + "\n", 404, headers=_fresh())


def file(frame: pl.DataFrame, what: str, form: str = "csv") -> Response:
    """Return the rows as a file of that form."""
    kind = FORMS[form]
    return Response(kind.write(plain(frame)), media_type=kind.media, headers=headers(what, form))


def headers(what: str, form: str = "csv") -> dict[str, str]:
    """Return the headers of a file: a name that no earlier one had, and kept by nobody on the way."""
    name = f"chapar-{what}-{clock.now():%Y%m%dT%H%M%S}.{form}"
    return {"content-disposition": f'attachment; filename="{name}"'} | _fresh()


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as text that no spreadsheet takes for a formula; moments as ISO 8601."""
    texts = frame.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).cast(pl.String)
    return texts.with_columns(_neutral(name) for name in texts.columns)


def piece(frame: pl.DataFrame, *, first: bool) -> bytes:
    """Return some rows of a CSV file; the first ones come with the mark and the names of the columns."""
    return (BOM if first else b"") + plain(frame).write_csv(include_header=first).encode()


def _status(problem: ChaparError) -> int:
    if isinstance(problem, SignedOut):
        return 401
    if isinstance(problem, NotAllowed):
        return 403
    if isinstance(problem, Refused):
        return 404 if problem.field in THINGS else 400
    return 503


def _fresh() -> dict[str, str]:
    return {"cache-control": "no-store"}


def _neutral(name: str) -> pl.Expr:
    cell = pl.col(name).fill_null("")
    strange = pl.any_horizontal(cell.str.starts_with(sign) for sign in FORMULA_SIGNS)
    return pl.when(strange).then(pl.lit("'") + cell).otherwise(cell).alias(name)


def _csv(frame: pl.DataFrame) -> bytes:
    return BOM + frame.write_csv().encode()


def _excel(frame: pl.DataFrame) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, frame.columns)
        for place, row in enumerate(frame.iter_rows(), start=1):
            sheet.write_row(place, 0, row)
    return out.getvalue()


FORMS = {"csv": Kind(CSV, _csv), "xlsx": Kind(EXCEL, _excel)}
