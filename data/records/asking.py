"""What gateways are asked for and when next: one process at a time asks about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.store.tables import asking as table


@dataclass(frozen=True, slots=True)
class Question:
    """Receipts of a run (what "dlr", its id) or what people wrote to a line (what "mo", its name)."""

    gateway: str
    what: str
    subject: str


@dataclass(frozen=True, slots=True)
class Round:
    """How often it was asked all the way through, and the position that the present round has come to."""

    rounds: int = 0
    after: int = 0


def begin(c: Connection, asked: Question, *, now: datetime, until: datetime) -> Round | None:
    """Return where to go on if it is time to ask; nobody else asks before `until`. None: not now."""
    mine = _is(asked)
    due = sa.update(table).where(mine, table.c.next_at <= now).values(next_at=until)
    if not c.execute(due).rowcount:
        if c.scalar(sa.select(table.c.next_at).where(mine)):
            return None
        try:
            with c.begin_nested():
                new = {"gateway": asked.gateway, "what": asked.what, "subject": asked.subject}
                c.execute(sa.insert(table).values(**new, next_at=until, rounds=0, after=0))
        except IntegrityError:  # another process was quicker
            return None
    row = c.execute(sa.select(table.c.rounds, table.c.after).where(mine)).one()
    return Round(row.rounds, row.after)


def go_on(c: Connection, asked: Question, come_to: Round, *, at: datetime) -> None:
    """Remember how far it came and when to ask next."""
    values = {"rounds": come_to.rounds, "after": come_to.after, "next_at": at}
    c.execute(sa.update(table).where(_is(asked)).values(**values))


def forget(c: Connection, *, before: datetime) -> None:
    """Forget what nobody asked about since a moment."""
    c.execute(sa.delete(table).where(table.c.next_at < before))


def _is(asked: Question) -> sa.ColumnElement[bool]:
    t = table.c
    return sa.and_(t.gateway == asked.gateway, t.what == asked.what, t.subject == asked.subject)
