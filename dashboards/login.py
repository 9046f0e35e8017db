"""Signing in and out: our own routes, because a password must never pass through a script that reruns.

Argon2 and the blocking of an account after failures live in data.records.users; here are the form's token,
the throttle per address, and the cookie (protocol.md 5).
"""

from __future__ import annotations

import html
import secrets
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards import cookies, words
from dashboards.throttle import Throttle
from data.errors import ChaparError
from data.use_cases import sessions

if TYPE_CHECKING:
    from starlette.requests import Request

PAGE = Template((Path(__file__).parent / "login.html").read_text(encoding="utf-8"))
FORM_SECONDS = 3600
FIELD_MAX = 200  # longest name or password that is looked at
NO_STORE = {"cache-control": "no-store"}
throttle = Throttle()


async def show(request: Request) -> Response:
    """Draw the form with a fresh token; whoever is signed in already goes on."""
    opaque = request.cookies.get(cookies.session_name(), "")
    viewer = await to_thread.run_sync(sessions.viewer, opaque) if opaque else None
    if viewer is not None:
        return RedirectResponse(_inside(request.query_params.get("next", "/")), 303, headers=NO_STORE)
    return _form(request, "")


async def submit(request: Request) -> Response:
    """Check token, throttle and password, then open a session under a new id."""
    form = await request.form()
    given, expected = str(form.get("token", "")), request.cookies.get(cookies.csrf_name(), "")
    if (
        not expected
        or not secrets.compare_digest(given.encode(), expected.encode())
        or not same_origin(request)
    ):
        return _form(request, "login_stale", status=403)
    address = request.client.host if request.client else "unknown"
    wait = throttle.wait_seconds(address)
    if wait > 0:
        return _form(request, "login_wait", status=429, seconds=int(wait) + 1)
    name, password = (str(form.get(field, ""))[:FIELD_MAX] for field in ("username", "password"))
    try:
        opaque = await to_thread.run_sync(sessions.sign_in, name.strip(), password, address)
    except ChaparError:
        throttle.failed(address)
        return _form(request, "login_wrong", status=401, username=name)
    throttle.succeeded(address)
    response = RedirectResponse(_inside(str(form.get("next", "/"))), 303, headers=NO_STORE)
    cookies.put(response, cookies.session_name(), opaque, seconds=cookies.SESSION_SECONDS)
    inside = await to_thread.run_sync(sessions.viewer, opaque)
    if inside and inside.user.language and cookies.LANGUAGE not in request.cookies:
        cookies.put(response, cookies.LANGUAGE, inside.user.language, seconds=cookies.YEAR_SECONDS)
    cookies.drop(response, cookies.csrf_name())
    return response


async def leave(request: Request) -> Response:
    """End the session in operations, then forget the cookie."""
    if not same_origin(request):
        return PlainTextResponse("refused\n", 403)
    opaque = request.cookies.get(cookies.session_name(), "")
    if opaque:
        await to_thread.run_sync(sessions.sign_out, opaque)
    response = RedirectResponse("/login", 303, headers=NO_STORE)
    cookies.drop(response, cookies.session_name())
    return response


async def choose_language(request: Request) -> Response:
    """Remember the language in the browser and go back to the page that asked."""
    chosen = request.query_params.get("to", "")
    response = RedirectResponse(_inside(request.query_params.get("back", "/")), 303, headers=NO_STORE)
    if chosen in cookies.LANGUAGES:
        cookies.put(response, cookies.LANGUAGE, chosen, seconds=cookies.YEAR_SECONDS)
    return response


def same_origin(request: Request) -> bool:
    """Say whether the browser names our own site as the one that asks; no Origin header means no browser."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _inside(path: str) -> str:
    """Return a path of this site only; anything that could lead elsewhere becomes the home page."""
    safe = (
        path.startswith("/") and not path.startswith("//") and "\\" not in path and not urlsplit(path).netloc
    )
    return path if safe and path.isprintable() else "/"


def _form(
    request: Request, problem: str, *, status: int = 200, username: str = "", seconds: int = 0
) -> Response:
    """Return the page; `problem` is the key of a sentence, or empty."""
    language = cookies.language_of(request.cookies)
    token = secrets.token_urlsafe(32)
    keys = (
        "brand",
        "tagline",
        "login_title",
        "login_user",
        "login_password",
        "login_button",
        "login_note",
        "other_language",
    )
    said = {key: words.say(key, language) for key in keys}
    sentence = words.say(problem, language, seconds=words.count(seconds, language)) if problem else ""
    following = request.query_params.get("next", "/")
    page = PAGE.substitute(
        {key: html.escape(text) for key, text in said.items()},
        language=language,
        direction=words.direction(language),
        token=token,
        other="en" if language == "fa" else "fa",
        next=html.escape(_inside(following)),
        username=html.escape(username),
        problem=f'<p class="problem" role="alert" id="problem">{html.escape(sentence)}</p>'
        if sentence
        else "",
        described='aria-describedby="problem" aria-invalid="true"' if sentence else "",
    )
    response = HTMLResponse(page, status, headers=NO_STORE)
    cookies.put(response, cookies.csrf_name(), token, seconds=FORM_SECONDS, same_site="strict")
    return response


ROUTES = [
    Route("/login", show, methods=["GET"]),
    Route("/login", submit, methods=["POST"]),
    Route("/logout", leave, methods=["POST"]),
    Route("/language", choose_language, methods=["GET"]),
]
