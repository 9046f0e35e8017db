"""What was done under a key, so that a form sent twice, a token or an idempotency key does it once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.store.tables import done_once

HOME = "home"  # the scope of what the operator of the installation does for no account


@dataclass(frozen=True, slots=True)
class Claim:
    """A key of an account, the use case it stands for, and the shape (SHA-256) of what was asked."""

    account_id: int | None
    key: str
    name: str
    shape: str

    @property
    def scope(self) -> str:
        """Within what the key is unique."""
        return HOME if self.account_id is None else str(self.account_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered when the key was first used."""

    answer: Any


def claim(c: Connection, wanted: Claim, *, now: datetime) -> Answer | None:
    """Take the key; return the first answer where it is taken by the same, refuse where by another thing.

    A rival that is still at work is waited for by the unique key itself.
    """
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    row = {
        "scope": wanted.scope, "key": wanted.key, "name": wanted.name, "shape": wanted.shape, "at": now,
    }  # fmt: skip
    taken = insert(done_once).values(row).on_conflict_do_nothing().returning(done_once.c.key)
    if c.scalar(taken) is not None:  # a driver need not count rows, so the row itself answers
        return None
    return find(c, wanted)


def find(c: Connection, wanted: Claim) -> Answer | None:
    """Return the first answer of a key that was taken; None where it is free; refuse another thing under it.
    """
    first = c.execute(sa.select(done_once).where(*_of(wanted))).first()
    if first is None:
        return None
    if (first.name, first.shape) == (wanted.name, wanted.shape):
        return Answer(first.answer)
    said = f"{first.name}: {first.answer}" if isinstance(first.answer, int) else first.name
    raise Refused(
        "token",
        f"this token was used for something else ({said}); use a new token for another order, or send the "
        "first one unchanged",
        "این توکن پیش‌تر برای کار دیگری به کار رفته است؛ برای سفارش دیگر توکن تازه به کار ببرید یا همان "
        "سفارش نخست را بی‌تغییر بفرستید",
    )


def keep(c: Connection, wanted: Claim, answer: Any) -> None:
    """Remember what the first use of a key was answered; plain JSON."""
    c.execute(sa.update(done_once).where(*_of(wanted)).values(answer=answer))


def _of(wanted: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (done_once.c.scope == wanted.scope, done_once.c.key == wanted.key)
