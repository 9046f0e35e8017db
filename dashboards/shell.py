"""The HTML shell of Streamlit made ours: language, direction, title, icon, a Persian locale.

Streamlit has no setting for any of them. The shell is one small file, rewritten on its way out; with the
locale forced to fa-IR its date pop-up is a Jalali calendar in every browser, and a script of ours turns the
few English words that its widgets say themselves into Persian ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from dashboards import cookies, words

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_PAGES = (
    "/static/",
    "/app/static/",
    "/_stcore/",
    "/media/",
    "/component/",
    "/gw/",
    "/shapes/",
    "/download/",
)
FRESH = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})
STALE = frozenset({b"content-length", b"etag", b"last-modified", b"content-encoding"})
LOCALE_FA = (
    "<script>for(const k of ['language','languages'])Object.defineProperty(navigator,k,"
    "{get:()=>k==='language'?'fa-IR':['fa-IR','fa']})</script>"
)
WORDS_FA = '<script type="module" src="./app/static/streamlit.fa.js"></script>'
# A family of its own before Vazirmatn: Latin digits of any text are drawn as Persian.
DIGITS_FA = "".join(
    f"@font-face{{font-family:ChaparDigits;font-weight:{weights};unicode-range:U+30-39;"
    f"src:url(./app/static/vendor/vazirmatn/Vazirmatn-FD-NL-{name}.woff2) format('woff2')}}"
    for name, weights in (("Regular", "100 450"), ("Medium", "451 650"), ("Bold", "651 900"))
)


class Shell:
    """Rewrites the page shell; every other answer passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the shell uncompressed and whole, then replace its head."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(NOT_PAGES):
            await self.app(scope, receive, send)
            return
        language = cookies.language_of(HTTPConnection(scope).cookies)
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in FRESH]
        await self.app({**scope, "headers": headers}, receive, _Rewriter(send, language))


class _Rewriter:
    """Collects one HTML answer and sends it rewritten; anything else goes through as it comes."""

    def __init__(self, send: Send, language: str) -> None:
        self.send, self.language = send, language
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if not kind.startswith(b"text/html"):
                await self.send(message)
            else:
                self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self.start)

    async def _finish(self, start: Message) -> None:
        body = rewritten(self.body.decode("utf-8"), self.language).encode("utf-8")
        kept = [pair for pair in start["headers"] if pair[0].lower() not in STALE | {b"cache-control"}]
        kept += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self.send({**start, "headers": kept})
        await self.send({"type": "http.response.body", "body": body})


def rewritten(html: str, language: str) -> str:
    """Return the shell for a language; HTML that is not Streamlit's shell comes back unchanged."""
    if '<html lang="en">' not in html or "window.prerenderReady" not in html:
        return html
    direction = words.direction(language)
    html = html.replace('<html lang="en">', f'<html lang="{language}" dir="{direction}">', 1)
    html = re.sub(r"<title>.*?</title>", f"<title>{words.say('brand', language)}</title>", html, count=1)
    html = re.sub(r'<link rel="service-desc"[^>]*>', "", html, count=1)
    html = re.sub(r'<link\s+rel="preload"\s+href="\./static/media/SourceSans[^>]*>', "", html, count=1)
    html = html.replace('href="./favicon.png"', 'href="./app/static/chapar.svg" type="image/svg+xml"', 1)
    head = f"{LOCALE_FA}{WORDS_FA}<style>{DIGITS_FA}</style>" if language == "fa" else ""
    head += (
        "<script>window.__streamlit={BACKEND_BASE_URL:location.origin}</script>"  # else it guesses by 404s
    )
    head += '<link rel="stylesheet" href="./app/static/chapar.css">'
    return html.replace("</head>", f"{head}</head>", 1)
