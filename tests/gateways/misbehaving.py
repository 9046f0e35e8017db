"""A raw socket server that answers every connection by a script; what it received is kept."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket, threading.Event], None]


class Server:
    """One thread per connection; `calls` counts requests, `connections` connections."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._conns: list[socket.socket] = []
        self._loop = threading.Thread(target=self._accept, daemon=True)
        self._loop.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._conns.append(conn)
            thread = threading.Thread(target=self._serve, args=(conn,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, conn: socket.socket) -> None:
        with conn:
            while request := whole_request(conn):
                self.received.append(request)
                try:
                    self.script(conn, self.over)
                except OSError:
                    return
                if conn.fileno() < 0 or self.script is not keep_alive:
                    return

    def close(self) -> None:
        self.over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._loop.join(5)
        for conn in self._conns:
            with suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)


def whole_request(conn: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = conn.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += conn.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    server = Server(script)
    try:
        yield server
    finally:
        server.close()


def says(status: str, body: bytes = b"", *headers: str) -> Script:
    """Answer with a status line, headers and a body, then close."""
    head = "".join(f"{header}\r\n" for header in headers)
    data = (
        f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    )
    return lambda conn, over: conn.sendall(data)


def raw(data: bytes) -> Script:
    """Send these bytes and close."""
    return lambda conn, over: conn.sendall(data)


def reset(conn: socket.socket, over: threading.Event) -> None:
    """Close with a reset."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def silence(conn: socket.socket, over: threading.Event) -> None:
    """Say nothing until the end of the test."""
    over.wait(20)


def drip(first: bytes) -> Script:
    """Send `first`, then one byte at a time, never ending."""

    def script(conn: socket.socket, over: threading.Event) -> None:
        conn.sendall(first)
        while not over.wait(0.05):
            conn.sendall(b"x")

    return script


def keep_alive(conn: socket.socket, over: threading.Event) -> None:
    """Answer {} and keep the connection."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
