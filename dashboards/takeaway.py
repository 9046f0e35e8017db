"""What stands in a list, as a file: every row that its filters find, without the screen's pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboards import cookies
from dashboards.session import Here
from data import clock
from data.errors import ChaparError
from data.use_cases.floor import NotAllowed, SignedOut

CSV, EXCEL = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a file is written, and what browsers call it."""

    media: str
    write: Callable[[pl.DataFrame], bytes]


async def listed(request: Request) -> Response:
    """Return the rows of a noun's list as a file; what the person may not take away is refused."""
    from dashboards.pages import COLLECTIONS

    noun, form = request.path_params["noun"], request.path_params["form"]
    language = cookies.language_of(request.cookies)
    its = COLLECTIONS.get(noun)
    if its is None or its.export is None or form not in FORMS:
        return PlainTextResponse("not found\n", 404)
    who, sought, export = Here(request.state.viewer, language).who, its.sought, its.export
    try:
        frame = await to_thread.run_sync(lambda: export(who, sought(dict(request.query_params), ())))
    except ChaparError as problem:
        status = 401 if isinstance(problem, SignedOut) else 403 if isinstance(problem, NotAllowed) else 400
        return PlainTextResponse(problem.say(language) + "\n", status)
    kind = FORMS[form]
    body = await to_thread.run_sync(kind.write, _plain(frame))
    name = f"chapar-{noun}-{clock.now():%Y%m%dT%H%M%S}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type=kind.media, headers=headers)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as text that no spreadsheet takes for a formula; moments as ISO 8601."""
    texts = frame.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).cast(pl.String)
    return texts.with_columns(_neutral(name) for name in texts.columns)


def _neutral(name: str) -> pl.Expr:
    cell = pl.col(name).fill_null("")
    strange = pl.any_horizontal(cell.str.starts_with(sign) for sign in FORMULA_SIGNS)
    return pl.when(strange).then(pl.lit("'") + cell).otherwise(cell).alias(name)


def _csv(frame: pl.DataFrame) -> bytes:
    return b"\xef\xbb\xbf" + frame.write_csv().encode()  # the mark by which spreadsheets read Persian


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
ROUTES = [Route("/download/list/{noun}.{form}", listed)]
