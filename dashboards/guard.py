"""The door in front of every page, socket, media file and upload: no session, no answer (protocol.md 5).

An open socket is asked at every message too: where its session has ended, what the tab wanted (a pressed
button, a timer, a callback) never reaches Streamlit; the page is drawn anew instead, and leads to the door.

Public are only the sign-in page, the static front-end files, the health route, and the gateways' webhooks,
which carry a secret of their own. Every answer gets the security headers; they also forbid outside requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from anyio import to_thread
from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from dashboards import cookies
from data.use_cases import sessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLIC_PATHS = frozenset({"/login", "/logout", "/language", "/health", "/favicon.png", "/manifest.json"})
PUBLIC_PREFIXES = ("/app/static/", "/static/", "/gw/")
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Streamlit's components, charts
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
DRAW_ANEW = BackMsg(rerun_script=ClientState()).SerializeToString()  # no widget, no fragment, no button
HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def is_public(path: str) -> bool:
    """Say whether a path is answered without a session."""
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIXES)


class SecurityHeaders:
    """Adds the headers to every HTTP answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; complete the start of each HTTP answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                present = {name.lower() for name, _ in headers}
                message = {**message, "headers": headers + [h for h in HEADERS if h[0] not in present]}
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class Guard:
    """Lets a request through when its path is public or its cookie names a living session."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, a redirect to the sign-in page, or a refused socket where there is no session."""
        if scope["type"] not in ("http", "websocket") or is_public(scope["path"]):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        opaque = connection.cookies.get(cookies.session_name(), "")
        viewer = await to_thread.run_sync(sessions.viewer, opaque) if opaque else None
        if viewer is not None:
            scope.setdefault("state", {})["viewer"] = viewer
            heard = _watched(receive, opaque) if scope["type"] == "websocket" else receive
            await self.app(scope, heard, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4401, "reason": "sign in first"})
        else:
            await _turned_away(connection)(scope, receive, send)


def _watched(receive: Receive, opaque: str) -> Receive:
    """Hand on what a tab says while its session lives; after that only, whatever it says: draw the page."""

    async def heard() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        by_hand = _is_by_hand(message.get("bytes") or b"")
        living = await to_thread.run_sync(lambda: sessions.viewer(opaque, keep_alive=by_hand))
        return message if living else {"type": "websocket.receive", "bytes": DRAW_ANEW}

    return heard


def _is_by_hand(frame: bytes) -> bool:
    """Say whether a person did something: a tab that only renews its figures keeps no session alive."""
    said = BackMsg()
    try:
        said.ParseFromString(frame)
    except DecodeError:
        return False  # Streamlit will say what it thinks of it
    return said.WhichOneof("type") == "rerun_script" and not said.rerun_script.is_auto_rerun


def _turned_away(connection: HTTPConnection) -> Response:
    """Send a browser that wants a page to the sign-in page; tell anything else 401."""
    wants_page = connection.scope["method"] == "GET" and "text/html" in connection.headers.get("accept", "")
    if not wants_page:
        return PlainTextResponse("sign in first\n", 401, headers={"cache-control": "no-store"})
    path = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    target = "/login" if path == "/" else f"/login?next={quote(path, safe='')}"
    return RedirectResponse(target, 303, headers={"cache-control": "no-store"})
