"""The one process that people and gateways reach: pages, sign-in, map shapes, downloads, receiver, health.

Order from outside in: security headers, guard, page shell, then our routes, then Streamlit's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import config
from streamlit.starlette import App

from dashboards import download, login, shapes
from dashboards.guard import Guard, SecurityHeaders
from dashboards.shell import Shell

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

SCRIPT = Path(__file__).parent / "app.py"


async def health(_request: Request) -> Response:
    """Say that this process answers; whether stores are well is `chapar doctor`'s to say."""
    return JSONResponse({"ok": True}, headers={"cache-control": "no-store"})


def routes() -> list[BaseRoute]:
    """Return the routes that are our own; Streamlit's stand behind them."""
    own = [Route("/health", health), *login.ROUTES, *shapes.ROUTES, *download.ROUTES]
    return [*own, *_receiver()]


def build(hosts: Sequence[str] = ()) -> Any:
    """Return the ASGI application; only one may exist in a process. Empty `hosts` allows any Host header."""
    around = [Middleware(SecurityHeaders), Middleware(Guard), Middleware(Shell)]
    app = App(SCRIPT, routes=routes(), middleware=around)
    config.set_option("server.enableAgentApi", False)  # whatever a file or variable of this machine says
    config.set_option("server.allowedHosts", list(hosts))  # a name that was bent to us opens no socket
    return app


def _receiver() -> list[BaseRoute]:
    from data.store.spool import Spool
    from gateways.receiver import configured_secrets, receiver_routes

    return receiver_routes(configured_secrets, Spool())
