"""`chapar up`: dashboards, receiver, simulators, Prefect with the timetable, in one tree until Ctrl-C."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add, whole

PORT = 8501
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "up", _run, "serve the dashboards, the receiver and the flows until Ctrl-C")
    parser.add_argument("--port", type=whole, default=PORT, help="port of the dashboards; 0 takes a free one")
    parser.add_argument("--host", default=LOOPBACK[0], help="address to listen at")
    parser.add_argument("--insecure-http", action="store_true", help="allow plain http beyond this machine")
    parser.add_argument(
        "--without-prefect", action="store_true", help="the same work by `chapar worker`, with no timetable"
    )


def _run(given: argparse.Namespace) -> None:
    from flows import up

    _check(given)
    up.run(up.Wanted(given.host, given.port, given.insecure_http, given.without_prefect))


def _check(given: argparse.Namespace) -> None:
    from data.errors import Refused
    from data.settings import settings

    if not 0 <= given.port <= 65_535:
        raise Refused("port", "use 0 to 65535", "عددی میان ۰ و ۶۵۵۳۵ بنویسید")
    safe = settings().public_url.lower().startswith("https://")
    if given.host not in LOOPBACK and not safe and not given.insecure_http:
        raise Refused(
            "host",
            "beyond this machine passwords need https: put it in front and say its address in "
            "CHAPAR_PUBLIC_URL=https://…, or add --insecure-http",
            "بیرون از این دستگاه https لازم است: نشانی آن را در CHAPAR_PUBLIC_URL بنویسید "
            "یا --insecure-http بدهید",
        )
