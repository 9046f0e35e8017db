"""Who is signed in: sessions, and an admin acting as an account (decisions 7, 8)."""

from __future__ import annotations

from datetime import datetime

from data.records import accounts
from data.records.sessions import Viewer
from data.store.operations import reading
from data.use_cases import sessions as cases
from data.use_cases.floor import Who

DEMO = "demo"


viewer, sign_in, sign_out = cases.viewer, cases.sign_in, cases.sign_out


def previous_sign_in(person: Viewer) -> datetime | None:
    """Return when the person signed in before this session; None where it is the first."""
    return cases.previous_sign_in(who(person))


def set_language(person: Viewer, language: str) -> None:
    """Remember the language a person reads."""
    cases.set_language(who(person), language)


def can_act_as_demo(person: Viewer) -> bool:
    """Say whether an admin may look at the panel as the demo account does."""
    if not person.is_admin or person.acting:
        return False
    with reading() as c:
        found = accounts.find(c, DEMO)
    return found is not None and found.id != person.account.id


def act_as_demo(person: Viewer) -> None:
    """Let an admin act as the account `demo`; leaves a trace."""
    cases.act_as(who(person), DEMO)


def act_as_self(person: Viewer) -> None:
    """Return an admin to the own account."""
    cases.act_as_self(who(person))


def who(person: Viewer) -> Who:
    """Return who asks, for every use case: it looks the session up again, so what is remembered here of the
    person is believed by nobody.
    """
    return Who(
        person.account.id, person.user.role, "page", user_id=person.user.id, name=actor(person),
        session=person.session, acting_for=person.account.id if person.acting else None,
    )  # fmt: skip


def actor(person: Viewer) -> str:
    """Return the name under which actions of a person are written down."""
    return f"user:{person.user.username}"
