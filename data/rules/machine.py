"""The state machine of a batch as pure decisions (protocol.md 2.6): what an answer, a look-up or a clock
may change.

Nothing here reads a clock or a store; every caller states what it knows and carries out the move it gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Move = Literal["accept", "ready", "fail", "unknown", "evidence"]
Resolution = Literal["wait", "look_up", "resend", "write_off"]
AfterLookUp = Literal["believe", "resend", "fail", "wait"]


def settle(*, state: str, mine: bool, amb: bool, kind: str, sole: bool = False) -> Move:
    """Decide what an answer to an attempt does (T2-T5, T4').

    `mine`: the batch is sending under this attempt's token. A rejection proves nothing about earlier attempts
    whose answers were lost, so with `amb` it leads to unknown; an acceptance is true whenever it arrives.
    `sole`: the batch is unknown because of this attempt alone, which was its last and whose owner was given
    up: his word that nothing was accepted, or nothing sent, ends the doubt.
    """
    if kind == "ok" and (mine or state == "unknown" or (state == "ready" and amb)):
        return "accept"
    if not mine and not (sole and state == "unknown" and kind in ("notsent", "rej")):
        return "evidence"
    if kind == "notsent":
        return "ready"
    return "fail" if kind == "rej" and (sole or not amb) else "unknown"


def class_of(*, frozen: str | None, now: str, same_gateway: bool) -> str:
    """Return the class by which a batch in doubt is treated.

    `frozen` held at its first attempt, `now` holds at present; the lower counts. What was attempted at
    another gateway is blind here, whatever this one promises: asking or repeating here says nothing of it.
    """
    if not same_gateway:
        return "G0"
    return now if frozen is None else min(frozen, now)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A batch whose outcome is not known, and what may be done about it."""

    gateway_class: str
    now: datetime
    first_sent_at: datetime
    quiet_at: datetime
    horizon_at: datetime
    window: timedelta
    margin: timedelta
    tries: int
    tries_max: int
    fenced: bool  # the owner of the lost attempt is proved gone
    memory: timedelta | None = None  # G1: it knows our references for so long; None = always


def resolve(batch: Unknown) -> Resolution:
    """Decide what to do about an unknown batch now (T7-T10)."""
    if batch.now > batch.horizon_at:
        return "write_off"
    inside = batch.now < batch.first_sent_at + batch.window - batch.margin
    if batch.gateway_class == "G2" and inside and batch.tries < batch.tries_max:
        return "resend"  # the gateway itself keeps a second copy out, whoever still holds the first
    return "wait" if batch.gateway_class == "G0" or not batch.fenced else "look_up"


def after_look_up(batch: Unknown, *, found: bool | None, policy: str) -> AfterLookUp:
    """Decide what a look-up's answer does: found is true at any time, not found only when all is quiet.

    Found is what the gateway says of every message, be it a refusal of them all: it speaks of all attempts so
    far, so it is settled as it is.
    """
    if found:
        return "believe"
    if found is None or batch.now < batch.quiet_at or not batch.fenced:
        return "wait"
    if batch.memory is not None and batch.now >= batch.first_sent_at + batch.memory - batch.margin:
        return "wait"  # it may have known and forgotten: who is no longer remembered is not proved absent
    if batch.gateway_class == "G2":
        return "wait"  # outside its window the reference is forgotten, so its absence proves nothing
    if batch.tries >= batch.tries_max and policy == "no_duplicate":
        return "fail"
    return "resend"
