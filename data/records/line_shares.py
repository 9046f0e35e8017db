"""Lines that several accounts send from: who shares a line beside its owner. Nobody sees the others."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data.store.tables import account, line, line_share


def share(c: Connection, line_id: int, account_id: int, *, actor: str, now: datetime) -> bool:
    """Let another account send from a line; return whether it could not yet."""
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    values = {"line_id": line_id, "account_id": account_id, "actor": actor, "at": now}
    fresh = insert(line_share).values(values).on_conflict_do_nothing().returning(line_share.c.line_id)
    return c.scalar(fresh) is not None


def unshare(c: Connection, line_id: int, account_id: int) -> bool:
    """Take a line from an account that shared it; return whether it did. Its runs under way end by it."""
    its = (line_share.c.line_id == line_id, line_share.c.account_id == account_id)
    return c.execute(sa.delete(line_share).where(*its)).rowcount == 1


def accounts_of(c: Connection, line_id: int) -> list[str]:
    """Return the names of the accounts that share a line, without its owner, by name."""
    query = sa.select(account.c.name).join(line_share, line_share.c.account_id == account.c.id)
    return list(c.scalars(query.where(line_share.c.line_id == line_id).order_by(account.c.name)))


def usable(account_id: int) -> sa.ColumnElement[bool]:
    """The condition on `line` that an account may send from it: its own, or shared with it."""
    its = sa.exists().where(line_share.c.line_id == line.c.id, line_share.c.account_id == account_id)
    return sa.or_(line.c.account_id == account_id, its)
