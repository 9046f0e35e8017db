"""Serves the dashboards: `python -m dashboards --host 127.0.0.1 --port 8501` (port 0 takes a free one).

The address is announced in operations for `dashboards` and `receiver`; `chapar up` starts this as its child.
"""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from urllib.parse import urlsplit

import uvicorn

from dashboards import asgi, warm
from dashboards.cookies import secure
from data.settings import settings
from data.use_cases import floor, processes
from data.use_cases.floor import OPERATOR

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NAMES = ("dashboards", "receiver")  # the webhooks of gateways are answered here too
MESSAGE_BYTES_MAX = 200 * 2**20
BACKLOG = 256


def main(arguments: list[str] | None = None) -> int:
    """Bind, announce, serve until told to end; return the exit code."""
    wanted = _wanted(arguments)
    if wanted.host not in LOOPBACK and not secure() and not wanted.insecure_http:
        logging.error("beyond loopback use https: set CHAPAR_PUBLIC_URL=https://…, or add --insecure-http")
        return 2
    floor.ready()
    listening = socket.create_server((wanted.host, wanted.port), backlog=BACKLOG)
    host, port = listening.getsockname()[:2]
    processes.announce(OPERATOR, NAMES, f"http://{host}:{port}")
    try:
        _server(_hosts(wanted.host)).run(sockets=[listening])
    finally:
        processes.withdraw(OPERATOR, NAMES)
    return 0


def _hosts(listening: str) -> list[str]:
    """Return the names browsers may call us by; any, where we listen on plain http beyond loopback."""
    if listening not in LOOPBACK and not secure():
        return []
    return [*LOOPBACK, urlsplit(settings().public_url).hostname or listening]


def _server(hosts: list[str]) -> uvicorn.Server:
    app = asgi.build(hosts)
    warm.settle()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


def _wanted(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="serve Chapar's dashboards")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=8501, help="port to listen at; 0 takes a free one")
    parser.add_argument("--insecure-http", action="store_true", help="allow plain http beyond loopback")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
