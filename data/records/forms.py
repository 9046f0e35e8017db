"""Unfinished input as rows: opened, written field by field, and kept until it was placed or forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.operations import inserted_id
from data.store.tables import form


@dataclass(frozen=True, slots=True)
class Form:
    """A form of one person: in which version each field was `written`, what it became (`placed_id`)."""

    id: int
    account_id: int
    user_id: int
    noun: str
    token: str
    values: dict[str, Any]
    written: dict[str, int]
    version: int
    updated_at: datetime
    placed_id: int | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a form is: nobody else of the account sees it, and nobody of another account."""

    account_id: int
    user_id: int


def insert(c: Connection, owner: Owner, noun: str, token: str, *, now: datetime) -> int:
    """Store an empty form; return its id."""
    row = {
        "account_id": owner.account_id, "user_id": owner.user_id, "noun": noun, "token": token,
        "values": {}, "written": {}, "version": 0, "updated_at": now,
    }  # fmt: skip
    return inserted_id(c, sa.insert(form).values(row))


def find(c: Connection, owner: Owner, form_id: int, *, lock: bool = False) -> Form | None:
    """Return a form of its owner; with `lock` nobody else writes it until the transaction ends."""
    query = sa.select(form).where(form.c.id == form_id, *_of(owner))
    row = c.execute(query.with_for_update() if lock else query).first()
    return None if row is None else Form(**row._mapping)


def still_open(c: Connection, owner: Owner, noun: str, *, limit: int) -> list[Form]:
    """Return the forms that became nothing yet, the one written last first."""
    query = sa.select(form).where(form.c.noun == noun, form.c.placed_id.is_(None), *_of(owner))
    found = c.execute(query.order_by(form.c.updated_at.desc(), form.c.id.desc()).limit(limit))
    return [Form(**row._mapping) for row in found]


def write(c: Connection, found: Form, changes: Mapping[str, Any], *, now: datetime) -> int:
    """Put fields into a locked form; return its new version. One that was placed meanwhile is left alone."""
    version = found.version + 1
    values = found.values | dict(changes)
    written = found.written | dict.fromkeys(changes, version)
    where = (form.c.id == found.id, form.c.version == found.version, form.c.placed_id.is_(None))
    new = {"values": values, "written": written, "version": version, "updated_at": now}
    changed = c.execute(sa.update(form).where(*where).values(new)).rowcount
    assert changed == 1, "the form is locked"
    return version


def place(c: Connection, account_id: int, token: str, placed_id: int) -> bool:
    """Say what the form of a token became; False where no open form has it."""
    where = (form.c.account_id == account_id, form.c.token == token, form.c.placed_id.is_(None))
    return c.execute(sa.update(form).where(*where).values(placed_id=placed_id)).rowcount == 1


def drop(c: Connection, owner: Owner, form_id: int) -> bool:
    """Throw an open form away."""
    where = (form.c.id == form_id, form.c.placed_id.is_(None), *_of(owner))
    return c.execute(sa.delete(form).where(*where)).rowcount == 1


def forget(c: Connection, *, before: datetime) -> int:
    """Delete forms that nobody wrote since, placed or not; return how many."""
    return c.execute(sa.delete(form).where(form.c.updated_at < before)).rowcount


def in_use(c: Connection) -> list[Any]:
    """Return the values of all open forms: what they name, such as uploads, must stay."""
    return list(c.scalars(sa.select(form.c["values"]).where(form.c.placed_id.is_(None))))


def _of(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return (form.c.account_id == owner.account_id, form.c.user_id == owner.user_id)
