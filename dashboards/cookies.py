"""The cookies of the dashboards: names, and what keeps them from scripts and other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from data.settings import settings

if TYPE_CHECKING:
    from starlette.responses import Response

LANGUAGE = "chapar_language"
LANGUAGES = ("fa", "en")
SESSION_SECONDS = 12 * 3600  # the session row in operations ends it earlier when idle
YEAR_SECONDS = 365 * 24 * 3600


def secure() -> bool:
    """Say whether browsers reach us over https, so that cookies must never travel in the clear."""
    return settings().public_url.lower().startswith("https://")


def session_name() -> str:
    """Return the session cookie's name; over https the prefix binds it to this host alone."""
    return "__Host-chapar" if secure() else "chapar"


def csrf_name() -> str:
    """Return the name of the cookie whose value the sign-in form must repeat."""
    return "__Host-chapar-form" if secure() else "chapar_form"


def put(
    response: Response, name: str, value: str, *, seconds: int, same_site: Literal["lax", "strict"] = "lax"
) -> None:
    """Set an HttpOnly cookie for the whole site."""
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, secure=secure(), samesite=same_site, path="/"
    )


def drop(response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name, path="/", secure=secure(), httponly=True, samesite="lax")


def language_of(cookies: dict[str, str]) -> str:
    """Return the language chosen in the browser, else the installation's."""
    chosen = cookies.get(LANGUAGE, "")
    return chosen if chosen in LANGUAGES else settings().language
