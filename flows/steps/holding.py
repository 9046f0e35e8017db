"""Whether this home is held: nothing is started, planned or sent by it until a person releases it."""

from __future__ import annotations

from typing import Any

from data import clock
from data.records import home
from data.records.home import Standing
from data.store import operations

EXIT_HELD = 3


def look() -> Standing:
    """Return who this home is on this machine, and whether it may send."""
    with operations.reading() as c:
        return home.standing(c, now=clock.now())


def is_held() -> bool:
    """Say whether nothing may be sent now."""
    return look().held


def told() -> dict[str, Any] | None:
    """Return what a command says of a home that is held, beside exit code 3; None where it may send."""
    seen = look()
    return {"held": True, "why": seen.why()} if seen.held else None
