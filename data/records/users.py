"""People who sign in: their names, Argon2id password hashes, and the growing delay after wrong passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.invalid import Unacceptable
from data.records import audit
from data.rules import rights
from data.rules.inputs.user import good_password
from data.store.operations import inserted_id
from data.store.tables import account, audit_log, user

DELAY_AFTER_FAILURES, DELAY_SECONDS_MAX = 3, 900
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in for an account."""

    id: int
    account_id: int
    username: str
    display_name: str
    role: str
    language: str | None
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is needed to let a person in."""

    account_id: int
    username: str
    password: str
    display_name: str = ""
    role: str = ""  # of data.rules.rights; empty = the role that the account itself has


def new_password() -> str:
    """Return a random password to be shown once."""
    return secrets.token_urlsafe(12)


def create_user(c: Connection, new: NewUser, *, actor: str, now: datetime) -> int:
    """Let a person sign in; return the user's id. The password is hashed here and kept nowhere."""
    user_id, role = insert(c, new, hashed(new.password), now=now)
    audit.write(c, "user.create", actor=actor, now=now, account_id=new.account_id, subject=new.username,
                detail={"role": role})  # fmt: skip
    return user_id


def insert(c: Connection, new: NewUser, password_hash: str, *, now: datetime) -> tuple[int, str]:
    """Let a person sign in whose password was hashed before the transaction; return id and role."""
    if c.scalar(sa.select(user.c.id).where(user.c.username == new.username)):
        raise Refused(
            "username", "this name is taken; choose another", "این نام کاربری گرفته شده؛ نام دیگری برگزینید"
        )
    role = allowed_role(c, new.account_id, new.role)
    user_id = inserted_id(
        c, sa.insert(user).values(
            account_id=new.account_id, username=new.username, display_name=new.display_name or new.username,
            role=role, password_hash=password_hash, active=True, failures=0, created_at=now,
        )
    )  # fmt: skip
    return user_id, role


def allowed_role(c: Connection, account_id: int, wanted: str) -> str:
    """Return the role that a person of the account gets, the account's own where none is wanted; one that
    its people cannot have is refused.
    """
    of_account = str(c.scalar(sa.select(account.c.role).where(account.c.id == account_id)))
    wanted = wanted or of_account
    if not rights.may_have(wanted, of_account):
        offered = rights.roles_for(of_account)
        raise Refused(
            "role", f"people of this account may be {', '.join(offered)}",
            f"نقش‌های ممکن در این حساب: {'، '.join(rights.ROLES[one][0] for one in offered)}",
        )  # fmt: skip
    return wanted


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password of acceptable length."""
    try:
        return _HASHER.hash(good_password(password))
    except Unacceptable as problem:
        raise Refused("password", str(problem), problem.fa) from problem


def credentials(c: Connection, username: str) -> tuple[int, str, datetime | None] | None:
    """Return (user id, password hash, blocked until) of an active user, so that hashing needs no
    transaction.
    """
    query = sa.select(user.c.id, user.c.password_hash, user.c.blocked_until).where(
        user.c.username == username, user.c.active
    )
    row = c.execute(query).first()
    return (row.id, row.password_hash, row.blocked_until) if row else None


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether the password is right; takes as long for a user who does not exist."""
    try:
        return _HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def note_success(c: Connection, user_id: int, *, now: datetime) -> None:
    """Forget earlier wrong passwords and remember the time."""
    c.execute(
        sa.update(user).where(user.c.id == user_id).values(failures=0, blocked_until=None, last_login_at=now)
    )
    audit.write(c, "login", actor=f"user:{user_id}", now=now)


def previous_login(c: Connection, user_id: int, *, before: datetime) -> datetime | None:
    """Return when the user last signed in before a moment; None where that never was."""
    query = (
        sa.select(audit_log.c.at)
        .where(audit_log.c.action == "login", audit_log.c.actor == f"user:{user_id}", audit_log.c.at < before)
        .order_by(audit_log.c.id.desc())
    )
    return c.scalar(query.limit(1))


def note_failure(c: Connection, user_id: int, *, now: datetime) -> None:
    """Count a wrong password; from the third on each doubles the wait, never for ever."""
    failures = int(c.scalar(sa.select(user.c.failures).where(user.c.id == user_id)) or 0) + 1
    wait = min(2 ** max(failures - DELAY_AFTER_FAILURES, 0), DELAY_SECONDS_MAX)
    until = now + timedelta(seconds=wait) if failures >= DELAY_AFTER_FAILURES else None
    c.execute(sa.update(user).where(user.c.id == user_id).values(failures=failures, blocked_until=until))
    audit.write(c, "login.failed", actor=f"user:{user_id}", now=now)


def get(c: Connection, user_id: int) -> User | None:
    """Return an active user of an active account, or None."""
    query = (
        sa.select(user).join(account, account.c.id == user.c.account_id)
        .where(user.c.id == user_id, user.c.active, account.c.active)
    )  # fmt: skip
    row = c.execute(query).first()
    if not row:
        return None
    return User(
        row.id, row.account_id, row.username, row.display_name, row.role, row.language, row.last_login_at
    )


def set_language(c: Connection, user_id: int, language: str) -> None:
    """Remember the language a person reads."""
    assert language in ("fa", "en"), language
    c.execute(sa.update(user).where(user.c.id == user_id).values(language=language))


def _nobody() -> str:
    global _NOBODY
    if not _NOBODY:
        _NOBODY = _HASHER.hash(secrets.token_hex(16))
    return _NOBODY


_NOBODY = ""
