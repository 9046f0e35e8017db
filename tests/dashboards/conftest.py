"""An application whose routes answer without a browser, over a home with one user."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import PASSWORD, House, TestClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboards import download, login, shapes
from dashboards.guard import Guard, SecurityHeaders
from dashboards.shell import Shell
from data import clock as the_clock
from data.records import accounts, users
from data.store import operations

INDEX = (
    '<html lang="en"><head><title>Streamlit</title><link rel="shortcut icon" href="./favicon.png" />'
    '<link rel="service-desc" href="./_stcore/agent/openapi.json" /><script>window.prerenderReady=1</script>'
    "</head><body></body></html>"
)


@pytest.fixture
def house(home: Path) -> House:
    """Make a home with two accounts, a user each, and one that nobody signs in for."""
    now = the_clock.now()
    with operations.writing() as c:
        admin = accounts.create_account(c, accounts.NewAccount("admin", role="admin"), actor="test", now=now)
        demo = accounts.create_account(
            c, accounts.NewAccount("demo", credit_rials=1_000_000), actor="test", now=now
        )
        accounts.create_account(c, accounts.NewAccount("neighbour"), actor="test", now=now)
        for account_id, name in ((admin, "admin"), (demo, "sara")):
            users.create_user(c, users.NewUser(account_id, name, PASSWORD), actor="test", now=now)
    return House(home, admin, demo)


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """A client of our routes and middleware, with stand-ins for Streamlit's own."""

    async def page(_request: object) -> HTMLResponse:
        return HTMLResponse(INDEX)

    async def media(_request: object) -> PlainTextResponse:
        return PlainTextResponse("secret")

    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    login.throttle.failures.clear()
    app = Starlette(
        routes=[
            *login.ROUTES,
            *shapes.ROUTES,
            *download.ROUTES,
            Route("/", page),
            Route("/media/{name}", media),
            Route("/_stcore/upload_file/{name}", media, methods=["PUT"]),
            WebSocketRoute("/_stcore/stream", socket),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(Guard), Middleware(Shell)],
    )
    with TestClient(app, follow_redirects=False) as found:
        yield found
