"""Signed-in browsers: an opaque 32-byte id in an HttpOnly cookie, its hash and limits in a row here."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records import accounts, users
from data.store.tables import account, session, user

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: the person, and the account whose data are shown (an admin may act as another)."""

    user: users.User
    account: accounts.Account
    acting: bool
    session: str

    @property
    def is_admin(self) -> bool:
        """Whether the person administers this installation."""
        return self.user.role == "admin"


def open_session(c: Connection, user_id: int, *, address: str, now: datetime) -> str:
    """Start a session and return its opaque id, which is stored only as a hash."""
    opaque = secrets.token_urlsafe(32)
    c.execute(
        sa.insert(session).values(
            id_hash=_hash(opaque), user_id=user_id, address=address[:64], created_at=now, seen_at=now,
            expires_at=now + LONGEST,
        )
    )  # fmt: skip
    return opaque


def find_session(c: Connection, opaque: str, *, now: datetime) -> Viewer | None:
    """Return who a live session belongs to; user, role and account are read anew at every call."""
    return find_by_hash(c, _hash(opaque), now=now)


def find_by_hash(c: Connection, id_hash: str, *, now: datetime) -> Viewer | None:
    """Return who a live session belongs to, by the hash that a page carries instead of the cookie."""
    row = c.execute(_VIEWER, {"id_hash": id_hash, "now": now, "idle_since": now - IDLE}).first()
    if row is None:
        return None
    person = users.User(*row[: len(_PERSON)])
    return Viewer(person, accounts.Account(*row[len(_PERSON) : -1]), bool(row[-1]), id_hash)


def touch(c: Connection, opaque: str, *, now: datetime) -> None:
    """Say that the session is in use; written at most once a minute."""
    statement = sa.update(session).where(
        session.c.id_hash == _hash(opaque), session.c.seen_at < now - SEEN_EVERY
    )
    c.execute(statement.values(seen_at=now))


def previous_sign_in(c: Connection, viewer: Viewer) -> datetime | None:
    """Return when the person signed in before this session; None where it is the first."""
    began = c.scalar(sa.select(session.c.created_at).where(session.c.id_hash == viewer.session))
    return None if began is None else users.previous_login(c, viewer.user.id, before=began)


def needs_touch(c: Connection, opaque: str, *, now: datetime) -> bool:
    """Say whether `touch` would write, so that a page view need not take the write lock."""
    seen = c.scalar(sa.select(session.c.seen_at).where(session.c.id_hash == _hash(opaque)))
    return seen is not None and seen < now - SEEN_EVERY


def show_as(c: Connection, id_hash: str, account_id: int | None) -> None:
    """Show the panel as an account sees it, or as the own one (None), as long as the session lasts."""
    c.execute(sa.update(session).where(session.c.id_hash == id_hash).values(acting_account_id=account_id))


def end_all(c: Connection, user_id: int, *, now: datetime, but: str | None = None) -> int:
    """End every session of a person at once, except one if so wished (its hash); return how many ended."""
    mine = [session.c.user_id == user_id, session.c.revoked_at.is_(None)]
    if but is not None:
        mine.append(session.c.id_hash != but)
    return c.execute(sa.update(session).where(*mine).values(revoked_at=now)).rowcount


def close_session(c: Connection, opaque: str, *, now: datetime) -> None:
    """End a session at once."""
    c.execute(sa.update(session).where(session.c.id_hash == _hash(opaque)).values(revoked_at=now))


def forget(c: Connection, *, before: datetime) -> int:
    """Delete the sessions that expired before a moment; return how many."""
    return c.execute(sa.delete(session).where(session.c.expires_at < before)).rowcount


def _hash(opaque: str) -> str:
    return hashlib.sha256(opaque.encode()).hexdigest()


# Asked several times a page, since every question asks for the living session: one statement, built once.
_OWN, _SHOWN = account.alias("own"), account.alias("shown")
_ACTING = session.c.acting_account_id.is_not(None) & (user.c.role == "admin")
_PERSON = (
    user.c.id, user.c.account_id, user.c.username, user.c.display_name, user.c.role, user.c.language,
    user.c.last_login_at,
)  # fmt: skip
_MOMENT = session.c.expires_at.type
_VIEWER = (
    sa.select(
        *_PERSON, _SHOWN.c.id, _SHOWN.c.name, _SHOWN.c.title, _SHOWN.c.role, _SHOWN.c.parent_id,
        _SHOWN.c.active, _ACTING.label("acting"),
    )
    .select_from(session).join(user, user.c.id == session.c.user_id)
    .join(_OWN, _OWN.c.id == user.c.account_id)
    .join(_SHOWN, _SHOWN.c.id == sa.case((_ACTING, session.c.acting_account_id), else_=user.c.account_id))
    .where(
        session.c.id_hash == sa.bindparam("id_hash"), session.c.revoked_at.is_(None),
        session.c.expires_at > sa.bindparam("now", type_=_MOMENT),
        session.c.seen_at > sa.bindparam("idle_since", type_=_MOMENT), user.c.active, _OWN.c.active,
    )
)  # fmt: skip
