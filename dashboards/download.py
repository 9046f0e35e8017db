"""The files that can be taken away, behind the guard: each asks its use case, which asks for the right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from anyio import to_thread
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dashboards import audiences, cookies, takeaway, words
from data.errors import ChaparError
from data.rules import status
from data.use_cases import messages as message_cases
from data.use_cases import reports, sessions
from data.use_cases.floor import Who
from data.use_cases.messages import Wanted

if TYPE_CHECKING:
    from starlette.requests import Request

PAGE_ROWS = 1_000
# Column of a message → what it is called in the file.
COLUMNS = {
    "pos": ("ردیف", "position"),
    "number": ("شماره", "number"),
    "operator": ("اپراتور", "operator"),
    "parts": ("بخش", "parts"),
    "charged_rials": ("برداشت‌شده (ریال)", "charged_rials"),
    "refunded_rials": ("بازگشته (ریال)", "refunded_rials"),
    "state": ("وضعیت", "state"),
    "sent_at": ("زمان ارسال", "sent_at"),
    "heard_at": ("زمان گزارش", "heard_at"),
    "gid": ("شناسه درگاه", "gateway_id"),
}
COUNTS = frozenset({"pos", "parts", "charged_rials", "refunded_rials"})
TIMES = frozenset({"sent_at", "heard_at"})
TYPES = {
    name: pl.Int64() if name in COUNTS else pl.Datetime("us", "UTC") if name in TIMES else pl.String()
    for name in COLUMNS
}


async def messages(request: Request) -> Response:
    """Stream the messages of a campaign's run (named, else the newest); another account's is unknown."""
    who, language = sessions.who(request.state.viewer), cookies.language_of(request.cookies)
    asked, run = (request.query_params.get(name, "") for name in ("campaign", "run"))
    campaign_id, run_id = int(asked) if asked.isdigit() else 0, int(run) if run.isdigit() else None
    try:
        found = await to_thread.run_sync(partial(reports.report, who, campaign_id, run_id=run_id))
        if found.run is not None:
            await to_thread.run_sync(message_cases.export, who, found.run.id)
    except ChaparError as problem:
        return takeaway.refusal(problem, language)
    if found.run is None:
        return takeaway.nothing(words.say("no_messages", language))
    rows, what = rows_of(who, found.run.id, language), str(found.campaign.id)
    return StreamingResponse(rows, media_type=takeaway.CSV, headers=takeaway.headers(what))


async def rejects(request: Request) -> Response:
    """Return the rejected rows of an upload of the viewer's account."""
    who, language = sessions.who(request.state.viewer), cookies.language_of(request.cookies)
    upload = request.query_params.get("upload", "")
    try:
        frame = await to_thread.run_sync(audiences.rejects_of_upload, who, upload, language)
    except ChaparError as problem:
        return takeaway.refusal(problem, language)
    return await to_thread.run_sync(takeaway.file, frame, f"rejected-{upload[:8]}")


async def listed(request: Request) -> Response:
    """Return every row that a noun's list finds by its filters, without the screen's pages."""
    from dashboards.pages import COLLECTIONS

    who, language = sessions.who(request.state.viewer), cookies.language_of(request.cookies)
    noun, form = request.path_params["noun"], request.path_params["form"]
    its = COLLECTIONS.get(noun)
    if its is None or its.export is None or form not in takeaway.FORMS:
        return takeaway.nothing()
    sought, export = its.sought, its.export
    try:
        frame = await to_thread.run_sync(lambda: export(who, sought(dict(request.query_params), ())))
    except ChaparError as problem:
        return takeaway.refusal(problem, language)
    return await to_thread.run_sync(takeaway.file, frame, noun, form)


def rows_of(who: Who, run_id: int, language: str) -> Iterator[bytes]:
    """Yield the messages of a run as CSV, in pieces of a thousand rows."""
    offset, total = 0, 1
    while offset < total:
        page = message_cases.page(who, run_id, Wanted(), offset=offset, limit=PAGE_ROWS)
        yield takeaway.piece(_named(pl.from_dicts(page.rows, TYPES), language), first=offset == 0)
        offset, total = offset + PAGE_ROWS, page.total


def _named(frame: pl.DataFrame, language: str) -> pl.DataFrame:
    """Return messages with their states in words, under the names of the language."""
    said = {state: status.label(state, language) for state in frame["state"].unique()}
    place = 0 if language == "fa" else 1
    named = frame.with_columns(pl.col("state").replace(said))
    return named.rename({column: names[place] for column, names in COLUMNS.items()})


ROUTES = [
    Route("/download/messages.csv", messages),
    Route("/download/rejects.csv", rejects),
    Route("/download/list/{noun}.{form}", listed),
]
