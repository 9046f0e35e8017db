"""Customers: who they are and how they come to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.records import audit, ledger
from data.store.operations import inserted_id
from data.store.tables import account


@dataclass(frozen=True, slots=True)
class Account:
    """A customer; `role` is user, reseller or admin."""

    id: int
    name: str
    title: str
    role: str
    parent_id: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A row of the table and its opening credit, as the input model of an account has checked them."""

    name: str
    title: str = ""
    role: str = "user"
    credit_rials: int = 0


def create_account(c: Connection, new: NewAccount, *, actor: str, now: datetime) -> int:
    """Open an account with its books and opening credit; return its id."""
    if find(c, new.name):
        raise Refused(
            "name", f"the account {new.name!r} exists; choose another name",
            f"حساب «{new.name}» هست؛ نام دیگری برگزینید",
        )  # fmt: skip
    account_id = inserted_id(
        c,
        sa.insert(account).values(
            name=new.name, title=new.title or new.name, role=new.role, active=True, created_at=now
        ),
    )
    ledger.open_customer(c, account_id)
    if new.credit_rials:
        entry = ledger.Entry(
            f"open:{account_id}", ledger.OPENING, ledger.available(account_id), new.credit_rials
        )
        ledger.post(c, [entry], actor=actor, now=now)
    audit.write(c, "account.create", actor=actor, now=now, account_id=account_id, subject=new.name,
                detail={"role": new.role, "credit_rials": new.credit_rials})  # fmt: skip
    return int(account_id)


def find(c: Connection, name: str) -> Account | None:
    """Return the account of that name, or None."""
    return _one(c, account.c.name == name)


def get(c: Connection, account_id: int) -> Account:
    """Return an account that is known to exist."""
    found = _one(c, account.c.id == account_id)
    assert found, account_id
    return found


def required(c: Connection, name: str, *, field: str = "account") -> Account:
    """Return the account of that name or refuse, naming `field`."""
    found = find(c, name)
    if not found:
        raise unknown(name, field=field)
    return found


def unknown(name: str, *, field: str = "account") -> Refused:
    """Return the refusal of a name that is no account's, or not to be known."""
    return Refused(
        field, f"there is no account {name!r}; make it with: chapar account create {name}",
        f"حسابی با نام «{name}» نیست؛ آن را با chapar account create بسازید",
    )  # fmt: skip


def listing(c: Connection) -> list[Account]:
    """Return every account by name."""
    return [_of(row) for row in c.execute(sa.select(account).order_by(account.c.name))]


def _one(c: Connection, condition: sa.ColumnElement[bool]) -> Account | None:
    row = c.execute(sa.select(account).where(condition)).first()
    return _of(row) if row else None


def _of(row: sa.Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, row.title, row.role, row.parent_id, row.active)
