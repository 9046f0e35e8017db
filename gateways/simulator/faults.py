"""How the simulator misbehaves on the wire: what ASGI cannot say is written to the transport itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateways.simulator.behaviour import Behaviour

Send = Callable[[dict[str, Any]], Awaitable[None]]
DRIP_SECONDS = 0.4


async def answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send one ordinary answer."""
    kind = b"text/html" if body.startswith(b"<") else b"application/json"
    head = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def misbehave(name: str, send: Send, body: bytes, how: Behaviour) -> None:
    """Answer a call with the fault `name`; `body` is what the right answer would be."""
    if name in _PLAIN:
        status, text = _PLAIN[name]
        extra = [(b"retry-after", how.retry_after.encode())] if status == 429 else []
        extra += [(b"location", b"http://127.0.0.1:9/elsewhere")] if status == 302 else []
        await answer(send, status, text, *extra)
    elif name in ("slow", "short", "twice", "stranger", "shuffle"):  # the body already says it
        await asyncio.sleep(how.slow_seconds if name == "slow" else 0)
        await answer(send, 200, body)
    elif name in ("silence_before", "silence_after"):
        await asyncio.sleep(how.hang_seconds)
        _transport(send).abort()
    else:
        await _broken(name, send, body, how)


async def _broken(name: str, send: Send, body: bytes, how: Behaviour) -> None:
    transport = _transport(send)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    length = b"content-length: %d\r\n\r\n" % len(body)
    if name in ("reset_before", "reset_after"):
        transport.abort()
    elif name == "half_headers":
        transport.write(head + b"content-le")
    elif name == "half_body":
        transport.write(head + length + body[: len(body) // 2])
    elif name == "drip":
        transport.write(head + length)
        for i in range(min(int(how.hang_seconds / DRIP_SECONDS), len(body))):
            if transport.is_closing():
                break
            transport.write(body[i : i + 1])
            await asyncio.sleep(DRIP_SECONDS)
    transport.close()


def _transport(send: Send) -> asyncio.Transport:
    """The socket beneath: uvicorn's `send` is a method of the cycle that holds the transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]
    assert isinstance(transport, asyncio.Transport)
    return transport


_PLAIN: dict[str, tuple[int, bytes]] = {
    "429": (429, b'{"code":"throttled"}'),
    "402": (402, b'{"code":"no_credit"}'),
    "503": (503, b"<html>busy</html>"),
    "500_after": (500, b"<html>internal error</html>"),
    "redirect": (302, b""),
    "html": (200, b"<html><body>Welcome to our panel</body></html>"),
    "empty": (200, b""),
}
