"""Connections that know which call they carry, and the watchdog that ends a call at its total deadline.

`requests`' timeout bounds one read, not a call: a server that drips bytes holds it for ever (protocol 0.7).
Here every call in flight is known to one thread, which shuts its socket when its time is over.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from data import clock

IDLE_SECONDS = 5.0  # a pooled connection idle for longer is not used again
WATCH_SECONDS = 0.05  # how often the watchdog looks
POOL_SIZE = 64
_here = threading.local()


class NotStartedError(Exception):
    """The deadline passed before the first byte of the request was written."""


class Running:
    """One call in flight: how far it came, and what to shut when its time is over."""

    __slots__ = ("conn", "deadline_at", "expired", "fresh", "sock", "stage")

    def __init__(self, deadline_at: float, *, fresh: bool) -> None:
        """`fresh` asks for a new connection (G0)."""
        self.deadline_at = deadline_at
        self.fresh = fresh
        self.stage = "waiting"  # waiting → connecting → connected → writing
        self.expired = False
        self.conn: HTTPConnection | None = None
        self.sock: socket.socket | None = None  # kept: http.client forgets it when the answer has no length

    def __enter__(self) -> Running:
        _here.running = self
        _watchdog.watch(self)
        return self

    def __exit__(self, *_: object) -> None:
        _watchdog.forget(self)
        _here.running = None

    def end(self) -> None:
        """Shut the socket under whoever reads from it."""
        self.expired = True
        sock = self.sock or (self.conn.sock if self.conn is not None else None)
        if sock is not None:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Watchdog:
    """One daemon thread for all calls in flight."""

    def __init__(self) -> None:
        self._calls: set[Running] = set()
        self._some = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, running: Running) -> None:
        """Start to watch a call."""
        with self._lock:
            self._calls.add(running)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="gateway-watchdog", daemon=True)
                self._thread.start()
        self._some.set()

    def forget(self, running: Running) -> None:
        """The call is over."""
        with self._lock:
            self._calls.discard(running)
            if not self._calls:
                self._some.clear()

    def _loop(self) -> None:
        while True:
            self._some.wait()
            now = clock.monotonic()
            with self._lock:
                over = [running for running in self._calls if now >= running.deadline_at]
            for running in over:
                running.end()
            time.sleep(WATCH_SECONDS)


_watchdog = Watchdog()


def _running() -> Running | None:
    return getattr(_here, "running", None)


def _connecting(conn: HTTPConnection) -> None:
    running = _running()
    if running is not None:
        running.conn, running.stage = conn, "connecting"


def _about_to_write(conn: HTTPConnection) -> None:
    """Leave a connection that is too old or not ours, open another, and look at the clock a last time."""
    running = _running()
    if running is None:
        return
    idle = time.monotonic() - getattr(conn, "used_at", 0.0)
    if conn.sock is not None and running.stage == "waiting" and (running.fresh or idle > IDLE_SECONDS):
        conn.close()
    if conn.sock is None:
        conn.connect()
    running.conn = conn
    if running.expired or clock.monotonic() >= running.deadline_at:
        raise NotStartedError
    running.stage, running.sock = "writing", conn.sock
    conn.used_at = time.monotonic()  # type: ignore[attr-defined]


class PlainConnection(HTTPConnection):
    """An http connection that reports to the call it carries."""

    def connect(self) -> None:
        """Open the socket; nothing of the request is written yet."""
        _connecting(self)
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write the request, unless its time is over."""
        _about_to_write(self)
        super().request(*args, **kwargs)


class TlsConnection(HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        """Open the socket and shake hands; nothing of the request is written yet."""
        _connecting(self)
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write the request, unless its time is over."""
        _about_to_write(self)
        super().request(*args, **kwargs)


class PlainPool(HTTPConnectionPool):
    """Pool of PlainConnection."""

    ConnectionCls = PlainConnection


class TlsPool(HTTPSConnectionPool):
    """Pool of TlsConnection."""

    ConnectionCls = TlsConnection


class Adapter(HTTPAdapter):
    """The only transport adapter of the product: no retries, connections that report to their call."""

    def __init__(self) -> None:
        super().__init__(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our pools in requests' pool manager."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: Any,
        proxies: Any = None,  # noqa: ARG002
        cert: Any = None,
    ) -> HTTPConnectionPool:
        """Find the pool of the request's host; no proxy is ever looked for."""
        host, pool = self.build_connection_pool_key_attributes(request, verify, cert)
        found: HTTPConnectionPool = self.poolmanager.connection_from_host(**host, pool_kwargs=pool)
        return found

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """Name what is asked of the host, straight from the address."""
        return request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Wrap status, headers and body; a gateway's cookies are neither read nor kept."""
        response = Response()
        response.status_code, response.headers, response.raw = resp.status, resp.headers, resp
        response.request, response.url = req, str(req.url)
        return response
