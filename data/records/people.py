"""The people of accounts as those who manage them see them: listed, given another role, shut out, let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.rules import rights
from data.store.tables import account, user

ROWS_MAX, MATCHING_MAX = 100, 1_000
_HOME = tuple(role for role, may in rights.OF_ROLE.items() if "home" in may)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in for an account, or could before being suspended."""

    id: int
    name: str
    display_name: str
    account_id: int
    account: str
    role: str
    active: bool
    last_login_at: datetime | None
    created_at: datetime

    @property
    def state(self) -> str:
        """In one word whether the person may sign in."""
        return "active" if self.active else "suspended"


@dataclass(frozen=True, slots=True)
class Filter:
    """Who is looked for; None means anybody."""

    text: str | None = None
    role: str | None = None
    active: bool | None = None
    names: tuple[str, ...] | None = None


def page(
    c: Connection, account_id: int | None, wanted: Filter, *, limit: int, after: str = ""
) -> list[Person]:
    """Return people by name, those after a name; of every account where none is given."""
    assert 0 <= limit <= ROWS_MAX + 1, limit
    query = _people(account_id, wanted).where(user.c.username > after)
    return [Person(*row) for row in c.execute(query.order_by(user.c.username).limit(limit))]


def count(c: Connection, account_id: int | None, wanted: Filter) -> int:
    """Return how many people `page` would go through."""
    found = _people(account_id, wanted).subquery()
    return int(c.scalar(sa.select(sa.func.count()).select_from(found)) or 0)


def matching(c: Connection, account_id: int | None, wanted: Filter) -> list[Person]:
    """Return everybody that is looked for, locked until the end, at most MATCHING_MAX."""
    query = _people(account_id, wanted).order_by(user.c.username).limit(MATCHING_MAX)
    return [Person(*row) for row in c.execute(query.with_for_update(of=user))]


def find(c: Connection, account_id: int | None, name: str, *, lock: bool) -> Person | None:
    """Return a person by name, of that account if one is given, locked if wished; None where unknown."""
    query = _people(account_id, Filter()).where(user.c.username == name)
    row = c.execute(query.with_for_update(of=user) if lock else query).first()
    return Person(*row) if row else None


def set_role(c: Connection, user_id: int, role: str) -> bool:
    """Give another role; False where the person has it already."""
    statement = sa.update(user).where(user.c.id == user_id, user.c.role != role).values(role=role)
    return c.execute(statement).rowcount > 0


def set_active(c: Connection, user_id: int, active: bool) -> bool:
    """Shut out or let in again; False where that is so already."""
    statement = sa.update(user).where(user.c.id == user_id, user.c.active != active).values(active=active)
    return c.execute(statement).rowcount > 0


def set_password(c: Connection, user_id: int, password_hash: str) -> None:
    """Give another password; earlier wrong tries are forgotten."""
    values = {"password_hash": password_hash, "failures": 0, "blocked_until": None}
    c.execute(sa.update(user).where(user.c.id == user_id).values(**values))


def rulers(c: Connection) -> list[int]:
    """Return who may run this installation now, locked until the end: two must not leave at once."""
    query = (
        sa.select(user.c.id).join(account, account.c.id == user.c.account_id)
        .where(user.c.active, account.c.active, user.c.role.in_(_HOME))
        .order_by(user.c.id).with_for_update(of=user)
    )  # fmt: skip
    return list(c.scalars(query))


def _people(account_id: int | None, wanted: Filter) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(
        user.c.id, user.c.username, user.c.display_name, user.c.account_id, account.c.name, user.c.role,
        user.c.active, user.c.last_login_at, user.c.created_at,
    ).join(account, account.c.id == user.c.account_id)  # fmt: skip
    if account_id is not None:
        query = query.where(user.c.account_id == account_id)
    if wanted.role is not None:
        query = query.where(user.c.role == wanted.role)
    if wanted.active is not None:
        query = query.where(user.c.active == wanted.active)
    if wanted.names is not None:
        query = query.where(user.c.username.in_(wanted.names))
    if wanted.text:
        said = (user.c.username, user.c.display_name)
        query = query.where(sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in said)))
    return query
