"""Who is signed in: sessions, and an admin acting as an account (decisions 7, 8)."""

from __future__ import annotations

from datetime import datetime

from data import clock
from data.errors import Refused
from data.records import accounts, sessions, users
from data.records.sessions import Viewer
from data.store.operations import reading, writing

DEMO = "demo"


def viewer(opaque: str) -> Viewer | None:
    """Return who a session cookie belongs to, read anew; keeps a session in use alive."""
    now = clock.now()
    with reading() as c:
        found = sessions.find_session(c, opaque, now=now)
        stale = found is not None and sessions.needs_touch(c, opaque, now=now)
    if stale:
        with writing() as c:
            sessions.touch(c, opaque, now=now)
    return found


def sign_in(username: str, password: str, address: str) -> str:
    """Check name and password outside any transaction; return the opaque id of a new session or refuse."""
    now = clock.now()
    with reading() as c:
        known = users.credentials(c, username)
    blocked = known is not None and known[2] is not None and known[2] > now
    right = users.matches(known[1] if known else None, password)
    if known is None or blocked or not right:
        if known is not None and not blocked:
            with writing() as c:
                users.note_failure(c, known[0], now=now)
        raise Refused("username", "name or password is wrong", "نام کاربری یا گذرواژه نادرست است")
    with writing() as c:
        users.note_success(c, known[0], now=now)
        return sessions.open_session(c, known[0], address=address, now=now)


def previous_sign_in(person: Viewer) -> datetime | None:
    """Return when the person signed in before this session; None where it is the first."""
    with reading() as c:
        return sessions.previous_sign_in(c, person)


def sign_out(opaque: str) -> None:
    """End a session at once."""
    with writing() as c:
        sessions.close_session(c, opaque, now=clock.now())


def set_language(person: Viewer, language: str) -> None:
    """Remember the language a person reads."""
    with writing() as c:
        users.set_language(c, person.user.id, language)


def can_act_as_demo(person: Viewer) -> bool:
    """Say whether an admin may look at the panel as the demo account does."""
    if not person.is_admin or person.acting:
        return False
    with reading() as c:
        found = accounts.find(c, DEMO)
    return found is not None and found.id != person.account.id


def act_as_demo(person: Viewer) -> None:
    """Let an admin act as the account `demo`; leaves a trace."""
    now = clock.now()
    with writing() as c:
        sessions.act_as(c, person, accounts.required(c, DEMO).id, now=now)


def act_as_self(person: Viewer) -> None:
    """Return an admin to the own account."""
    with writing() as c:
        sessions.act_as(c, person, None, now=clock.now())
