"""The door for receipts and inbound: size, then secret, then the raw body on disk, then 200 (decisions 21).

Nothing is parsed here. Runnable as `python -m gateways.receiver --port 0`, or mounted by its routes.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from data import clock
from data.settings import settings
from data.store.operations import reading
from data.store.spool import Spool, SpoolFullError, SpoolKind
from gateways.config import load_settings, webhook_secrets
from gateways.listening import end_with_parent, listen, serve

REFRESH_SECONDS = 5.0
RETRY_SECONDS = "5"
_NOBODY = "-" * 32  # compared with when the gateway is unknown, so that both ways take as long
_log = logging.getLogger("chapar.receiver")


@dataclass(slots=True)
class Door:
    """The table of secrets, the spool, and what came through."""

    secrets: Callable[[], Mapping[str, str]]
    spool: Spool
    counts: Counter[str] = field(default_factory=Counter)
    _table: Mapping[str, str] | None = None
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loaded_at: float = float("-inf")

    async def knows(self, gateway: str, secret: str) -> bool | None:
        """Say whether a caller has the secret of a gateway, in a time that tells nothing.

        None while the table could not be read even once: then nobody can be told from anybody.
        """
        if self._table is None:
            async with self._first:  # whoever comes before the table is there waits for it
                if self._table is None:
                    await self._refresh()
        elif clock.monotonic() - self._loaded_at >= REFRESH_SECONDS:
            await self._refresh()
        if self._table is None:
            return None
        expected = self._table.get(gateway)
        same = hmac.compare_digest((expected or _NOBODY).encode(), secret.encode("utf-8", "replace"))
        return same and expected is not None

    async def _refresh(self) -> None:
        """Read the table; meanwhile, and when that fails, the one at hand stays good."""
        self._loaded_at = clock.monotonic()
        try:
            self._table = await asyncio.to_thread(self.secrets)
        except Exception as error:
            _log.warning("the table of gateways could not be read: %s", type(error).__name__)

    async def take(self, request: Request, kind: SpoolKind) -> Response:
        """Take one delivery."""
        body = await _body(request, settings().receipts.body_max_bytes)
        if body is None:
            self.counts["too_long"] += 1
            return PlainTextResponse("too long", 413)
        gateway = request.path_params["gateway"]
        known = await self.knows(gateway, request.path_params["secret"])
        if known is None:
            return self._later("the table of gateways was never read")
        if not known:
            self.counts["unknown"] += 1
            return PlainTextResponse("not found", 404)
        content_type = request.headers.get("content-type", "")
        try:
            await asyncio.wrap_future(self.spool.append(gateway, kind, content_type, body))
        except SpoolFullError as error:
            return self._later(str(error))
        self.counts[kind] += 1
        return PlainTextResponse("ok")

    def _later(self, why: str) -> Response:
        self.counts["put_off"] += 1
        _log.error("a delivery was put off: %s", why)
        return PlainTextResponse("try again", 503, {"Retry-After": RETRY_SECONDS})

    async def dlr(self, request: Request) -> Response:
        """A delivery receipt."""
        return await self.take(request, "dlr")

    async def mo(self, request: Request) -> Response:
        """A message to us."""
        return await self.take(request, "mo")

    async def health(self, request: Request) -> Response:
        """Say that we live, and what came through since the start."""
        del request
        return JSONResponse({"ok": True, **self.counts})


async def _body(request: Request, most: int) -> bytes | None:
    """Return the raw body (a GET's query as a JSON object); None when it is longer than `most` bytes."""
    if request.method == "GET":
        body = json.dumps(dict(request.query_params), ensure_ascii=False).encode("utf-8", "replace")
        return body if len(body) <= most else None
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or int(told) > most:
        return None
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > most:
                return None
    except ClientDisconnect:
        return None
    return b"".join(chunks)


def receiver_routes(secrets: Callable[[], Mapping[str, str]], spool: Spool) -> list[BaseRoute]:
    """Return the routes /gw/{gateway}/{secret}/dlr, …/mo and /gw/health over a table of secrets and a spool.

    `secrets` is asked at most every 5 s, in a worker thread.
    """
    door = Door(secrets, spool)
    return [
        Route("/gw/health", door.health, methods=["GET"]),
        Route("/gw/{gateway}/{secret}/dlr", door.dlr, methods=["GET", "POST"]),
        Route("/gw/{gateway}/{secret}/mo", door.mo, methods=["GET", "POST"]),
    ]


def configured_secrets() -> dict[str, str]:
    """Return the secret of every configured gateway, from the operations store and CHAPAR_GATEWAYS."""
    with reading() as c:
        return webhook_secrets(load_settings(c))


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; prints {"address": …} when it listens."""
    parser = argparse.ArgumentParser(prog="python -m gateways.receiver", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--with-parent", action="store_true", help="end when the starting process ends")
    given = parser.parse_args(arguments)
    spool = Spool()
    app = Starlette(routes=receiver_routes(configured_secrets, spool))
    if given.with_parent:
        end_with_parent()
    serve(app, listen(given.host, given.port))
    spool.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
