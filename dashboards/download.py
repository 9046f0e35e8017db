"""Files to take away, behind the guard: fresh name, no-store, no formula cells (R16.11)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboards import audiences, cookies, words
from data import clock
from data.errors import ChaparError
from data.rules import status
from data.use_cases import messages as message_cases
from data.use_cases import reports, sessions
from data.use_cases.floor import Who
from data.use_cases.messages import Wanted

if TYPE_CHECKING:
    from starlette.requests import Request

PAGE_ROWS = 1_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
HEADERS = {
    "fa": (
        "ردیف",
        "شماره",
        "اپراتور",
        "بخش",
        "برداشت‌شده (ریال)",
        "بازگشته (ریال)",
        "وضعیت",
        "زمان ارسال",
        "زمان گزارش",
        "شناسه درگاه",
    ),
    "en": (
        "position",
        "number",
        "operator",
        "parts",
        "charged_rials",
        "refunded_rials",
        "state",
        "sent_at",
        "heard_at",
        "gateway_id",
    ),
}


async def messages(request: Request) -> Response:
    """Stream the messages of a campaign's run (named, else the newest); another account's is unknown."""
    who = sessions.who(request.state.viewer)
    asked, run = (request.query_params.get(name, "") for name in ("campaign", "run"))
    campaign_id, run_id = int(asked) if asked.isdigit() else 0, int(run) if run.isdigit() else None
    language = cookies.language_of(request.cookies)
    try:
        found = await to_thread.run_sync(lambda: reports.report(who, campaign_id, run_id=run_id))
        if found.run is not None:
            await to_thread.run_sync(message_cases.export, who, found.run.id)
    except ChaparError as problem:
        return PlainTextResponse(problem.say(language) + "\n", 404)
    if found.run is None:
        return PlainTextResponse(words.say("no_messages", language) + "\n", 404)
    return StreamingResponse(
        rows_of(who, found.run.id, language),
        media_type="text/csv; charset=utf-8",
        headers=_file(str(found.campaign.id)),
    )


async def rejects(request: Request) -> Response:
    """Return the rejected rows of an upload of the viewer's account as CSV."""
    account_id = request.state.viewer.account.id
    language = cookies.language_of(request.cookies)
    upload = request.query_params.get("upload", "")
    try:
        rows = await to_thread.run_sync(audiences.rejects_of_upload, account_id, upload, language)
    except ChaparError as problem:
        return PlainTextResponse(problem.say(language) + "\n", 404)
    body = b"\xef\xbb\xbf" + _csv(
        [("line", "input", "reason"), *((n, neutral(v), why) for n, v, why in rows)]
    )
    return Response(body, media_type="text/csv; charset=utf-8", headers=_file(f"rejected-{upload[:8]}"))


def rows_of(who: Who, run_id: int, language: str) -> Iterator[bytes]:
    """Yield the file in pieces of a thousand rows; it begins with a BOM so that spreadsheets read Persian."""
    yield b"\xef\xbb\xbf" + _csv([HEADERS[language]])
    offset = 0
    while True:
        page = message_cases.page(who, run_id, Wanted(), offset=offset, limit=PAGE_ROWS)
        yield _csv([_cells(row, language) for row in page.rows])
        offset += PAGE_ROWS
        if offset >= page.total:
            return


def _file(what: str) -> dict[str, str]:
    name = f"chapar-{what}-{clock.now():%Y%m%dT%H%M%S}.csv"
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def neutral(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value


def _cells(row: dict[str, Any], language: str) -> list[str]:
    times = [row[name].isoformat(timespec="seconds") if row[name] else "" for name in ("sent_at", "heard_at")]
    cells = [
        row["pos"],
        row["number"],
        row["operator"],
        row["parts"],
        row["charged_rials"],
        row["refunded_rials"],
        status.label(row["state"], language),
        *times,
        row["gid"] or "",
    ]
    return [neutral(str(cell)) for cell in cells]


def _csv(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


ROUTES = [Route("/download/messages.csv", messages), Route("/download/rejects.csv", rejects)]
