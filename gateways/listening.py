"""Serving an ASGI app of ours on a socket that is open before anybody is told its address."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
from typing import Any

import uvicorn

BACKLOG = 512
GRACE_SECONDS = 1
PARENT_CHECK_SECONDS = 0.5


def listen(host: str, port: int) -> socket.socket:
    """Open the socket naming TCP: asyncio sets TCP_NODELAY only then; without it an answer takes 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(BACKLOG)
    return listening


def serve(app: Any, listening: socket.socket, **told: str) -> None:
    """Print one JSON line {"address": …, **told} and serve until SIGTERM or SIGINT."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(json.dumps({"address": f"http://{shown}:{port}", **told}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", access_log=False,
        log_level=getattr(app, "log_level", "error"), timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def end_with_parent() -> None:
    """End this process when the one that started it has ended, however that came about."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
