"""Signing in and out, and whose data an administrator looks at.

Signing in is how somebody comes to be a `Who`, so it takes none; everything after that does.
"""

from __future__ import annotations

from datetime import datetime

from data import clock
from data.errors import Refused
from data.records import accounts, audit, listings, sessions, users
from data.records.accounts import Account
from data.records.sessions import Viewer
from data.store import operations
from data.store.operations import Connection
from data.use_cases.floor import Case, SignedOut, Who, question, use_case

DEMO = "demo"
LANGUAGES = ("fa", "en")
ACCOUNTS_MAX = 200


__all__ = ["Account", "Viewer", "accounts_to_see", "act_as", "act_as_self", "living", "previous_sign_in",
           "set_language", "sign_in", "sign_out", "viewer", "who"]  # fmt: skip


def who(person: Viewer) -> Who:
    """Return who asks on a page, for every use case: it looks the session up again, so what a page remembers
    of the person is believed by nobody.
    """
    return Who(
        person.account.id, person.user.role, "page", user_id=person.user.id,
        name=f"user:{person.user.username}", session=person.session,
        acting_for=person.account.id if person.acting else None,
    )  # fmt: skip


def sign_in(username: str, password: str, address: str) -> str:
    """Check name and password outside any transaction; return the opaque id of a new session or refuse.

    A name that nobody has takes as long and says the same as a wrong password.
    """
    operations.migrate()
    now = clock.now()
    with operations.reading() as c:
        known = users.credentials(c, username)
    blocked = known is not None and known[2] is not None and known[2] > now
    right = users.matches(known[1] if known else None, password)
    if known is None or blocked or not right:
        if known is not None and not blocked:
            failed = known[0]
            operations.transact(lambda c: users.note_failure(c, failed, now=now))
        raise Refused("username", "name or password is wrong", "نام کاربری یا گذرواژه نادرست است")
    return operations.transact(lambda c: _opened(c, known[0], address, now))


def viewer(opaque: str, *, keep_alive: bool = True) -> Viewer | None:
    """Return who a session cookie belongs to, read anew; keeps a session in use alive, if so wished."""
    operations.migrate()
    now = clock.now()
    with operations.reading() as c:
        found = sessions.find_session(c, opaque, now=now)
        stale = found is not None and sessions.needs_touch(c, opaque, now=now)
    if stale and keep_alive:
        operations.transact(lambda c: sessions.touch(c, opaque, now=now))
    return found


def sign_out(opaque: str) -> None:
    """End a session at once, for every copy of its cookie."""
    operations.transact(lambda c: sessions.close_session(c, opaque, now=clock.now()))


@question("session.living")
def living(case: Case) -> None:
    """Raise SignedOut where the session has ended: for whatever reads and writes nothing by itself."""


@question("session.previous")
def previous_sign_in(case: Case) -> datetime | None:
    """Return when the person signed in before this session; None where it is the first."""
    found = sessions.find_by_hash(case.c, _session(case), now=case.now)
    return sessions.previous_sign_in(case.c, found) if found else None


@use_case("session.language", right="view")
def set_language(case: Case, language: str) -> None:
    """Remember the language that the person reads."""
    if language not in LANGUAGES:
        raise Refused("language", f"use one of {', '.join(LANGUAGES)}", "زبان باید fa یا en باشد")
    assert case.who.user_id is not None
    users.set_language(case.c, case.who.user_id, language)
    case.silent = True  # what somebody reads in is nobody's business


@question("session.accounts", right="home")
def accounts_to_see(case: Case) -> list[Account]:
    """Return the accounts that an administrator may look at as their people do, by name; not the own one."""
    person = users.get(case.c, case.who.user_id) if case.who.user_id is not None else None
    own = person.account_id if person else None
    return [one for one in accounts.listing(case.c) if one.id != own and one.active][:ACCOUNTS_MAX]


@use_case("session.act_as", right="home")
def act_as(case: Case, name: str) -> str:
    """See the panel as any account does, with its data and its money; return its title. Leaves a trace."""
    found = accounts.required(case.c, name)
    if not found.active:
        raise Refused("account", f"the account {name!r} is closed", f"حساب «{name}» بسته است")
    sessions.show_as(case.c, _session(case), found.id)
    case.note(found.name, account_id=found.id)
    return found.title


@use_case("session.act_as_self", right="view")
def act_as_self(case: Case) -> None:
    """Return to the own account."""
    case.note(account_id=case.who.account_id)
    sessions.show_as(case.c, _session(case), None)


def _opened(c: Connection, user_id: int, address: str, now: datetime) -> str:
    users.note_success(c, user_id, now=now)
    opaque = sessions.open_session(c, user_id, address=address, now=now)
    found = sessions.find_session(c, opaque, now=now)
    if found and found.is_admin and (shown := _nothing_but_the_demo(c, found)):
        sessions.show_as(c, found.session, shown.id)
        audit.write(c, "session.act_as", actor=f"user:{found.user.username}", now=now, account_id=shown.id,
                    subject=shown.name, detail={"first_view": True})  # fmt: skip
    return opaque


def _nothing_but_the_demo(c: Connection, found: Viewer) -> Account | None:
    """Return the demo's account where this home holds nothing else to look at: its administrator would meet
    zeros in an account that never sent anything, and not what the demo made.
    """
    others = [one for one in accounts.listing(c) if one.id != found.account.id]
    if [one.name for one in others] != [DEMO] or listings.kinds(c, found.account.id):
        return None
    return others[0]


def _session(case: Case) -> str:
    if case.who.session is None:  # a command says --as instead
        raise SignedOut()
    return case.who.session
