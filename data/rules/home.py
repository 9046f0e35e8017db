"""Whether this home may send: what it knows of itself, held against what stands outside it on this machine.

A copy of a home that is put back, or that runs beside the first, holds batches that were sent meanwhile.
Nothing inside it can tell; a counter that is kept outside, and which machine sent last, can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

MEMORY = timedelta(days=30)  # so long another machine that sent is remembered
Reason = Literal["no_place", "unreadable", "older", "behind", "moved", "elsewhere"]
# A copy may have sent what no row here tells of:
DOUBTFUL: frozenset[Reason] = frozenset({"unreadable", "older", "behind", "elsewhere"})

WHY: dict[Reason, tuple[str, str]] = {  # reason: (English, Persian)
    "no_place": (
        "the place outside the home where its counter is kept cannot be written: set CHAPAR_STATE_DIR",
        "جای بیرون از خانه که شمارنده در آن نگه داشته می‌شود نوشتنی نیست: CHAPAR_STATE_DIR را بگذارید",
    ),
    "unreadable": (
        "what is kept outside the home about it is damaged, so whether this is a copy cannot be seen",
        "آنچه بیرون از خانه درباره آن نگه داشته شده آسیب دیده است و معلوم نیست این نسخه رونوشت باشد",
    ),
    "older": (
        "a copy of this home was released since this one was taken",
        "پس از این نسخه، رونوشت دیگری از این خانه آزاد شده است",
    ),
    "behind": (
        "this is an older copy of the home: after it was taken more was sent than it knows of",
        "این رونوشتی کهنه از خانه است: پس از آن بیش از آنچه می‌داند فرستاده شده است",
    ),
    "moved": (
        "the operations store lies in another place than when it last sent: it was moved, or it is a copy",
        "پایگاه عملیات در جای دیگری است: یا جابه‌جا شده یا رونوشت است",
    ),
    "elsewhere": (
        "in the last 30 days this home sent from another machine",
        "این خانه در ۳۰ روز گذشته از دستگاه دیگری فرستاده است",
    ),
}
MEND = (
    "; end what sends elsewhere, then: chapar home release --why TEXT",
    "؛ آنچه جای دیگر می‌فرستد را ببندید و سپس: chapar home release --why TEXT",
)


@dataclass(frozen=True, slots=True)
class Inside:
    """What the operations store says: how often it claimed, its releases, and when which machine sent."""

    home_id: str
    counter: int
    epochs: frozenset[str]
    machines: Mapping[str, datetime | None]
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """What this machine remembers of the home: its counter, where its store lay, its last release."""

    counter: int
    where: str
    epoch: str | None
    at: datetime


def held(
    inside: Inside, outside: Outside | None, *, machine: str, where: str, now: datetime
) -> Reason | None:
    """Return why nothing may be sent from here now, or None.

    The demo's home, which speaks to a simulator, is exempt on the machine it began on.
    """
    known = machine in inside.machines
    if inside.is_demo and (known or not inside.machines):
        return None
    if outside is not None:
        if outside.epoch is not None and outside.epoch not in inside.epochs:
            return "older"
        if outside.counter > inside.counter:
            return "behind"
        if outside.where != where:
            return "moved"
    others = (at for other, at in inside.machines.items() if other != machine)
    if not known and any(at is not None and now - at < MEMORY for at in others):
        return "elsewhere"
    return None
