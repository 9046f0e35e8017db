"""Whose data an administrator looks at, and what he meets first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts, users
from data.records import sessions as records
from data.store import operations
from data.store.tables import account, audit_log, user
from data.use_cases import sessions
from data.use_cases.floor import OPERATOR, NotAllowed, SignedOut, Who, question

SignIn = Callable[[str], Who]


@pytest.fixture
def whose() -> Any:
    """A question that answers with the account whose data it would read."""
    from data.use_cases import floor

    before = dict(floor.DONE)

    @question("test.whose")
    def asked(case: Any) -> int | None:
        return case.who.account_id  # type: ignore[no-any-return]

    yield asked
    floor.DONE.clear()
    floor.DONE.update(before)


def id_of(name: str) -> int:
    with operations.reading() as c:
        return accounts.required(c, name).id


def test_an_administrator_sees_any_account_as_its_people_do_and_comes_back(town: SignIn, whose: Any) -> None:
    head = town("head")
    assert [one.name for one in sessions.accounts_to_see(head)] == ["other", "shop"]
    for name in ("shop", "other"):
        sessions.act_as(head, name)
        assert whose(head) == id_of(name)
    sessions.act_as_self(head)
    assert whose(head) == id_of("head")
    with operations.reading() as c:
        lines = c.execute(sa.select(audit_log).where(audit_log.c.action.like("session.act%"))).all()
    assert [(line.actor, line.subject) for line in lines] == [
        ("user:head", "shop"), ("user:head", "other"), ("user:head", None),
    ]  # fmt: skip
    assert [line.account_id for line in lines] == [id_of("shop"), id_of("other"), id_of("other")]


def test_nobody_else_sees_another_account_or_learns_of_it(town: SignIn, whose: Any) -> None:
    sara = town("sara")
    for name in ("other", "nothing"):
        with pytest.raises(NotAllowed):
            sessions.act_as(sara, name)
    with pytest.raises(NotAllowed):
        sessions.accounts_to_see(sara)
    assert whose(sara) == id_of("shop")


def test_an_account_that_does_not_exist_or_is_closed_is_not_looked_at(town: SignIn) -> None:
    with operations.writing() as c:
        c.execute(sa.update(account).where(account.c.name == "other").values(active=False))
    for name in ("nothing", "other"):
        with pytest.raises(Refused):
            sessions.act_as(town("head"), name)
    assert [one.name for one in sessions.accounts_to_see(town("head"))] == ["shop"]


def test_whoever_is_no_administrator_any_more_sees_the_own_account_again(town: SignIn, whose: Any) -> None:
    head = town("head")
    sessions.act_as(head, "shop")
    with operations.writing() as c:
        c.execute(sa.update(user).where(user.c.username == "head").values(role="analyst"))
    assert whose(head) == id_of("head")


def test_a_command_has_no_session_to_show_as_another(town: SignIn) -> None:
    with pytest.raises(SignedOut):
        sessions.act_as(OPERATOR, "shop")


def test_a_language_is_remembered_and_only_one_that_is_there(town: SignIn) -> None:
    sara = town("sara")
    sessions.set_language(sara, "en")
    with pytest.raises(Refused):
        sessions.set_language(sara, "de")
    with operations.reading() as c:
        known = users.credentials(c, "sara")
        assert known
        found = users.get(c, known[0])
    assert found
    assert found.language == "en"


def _shown(opaque: str) -> tuple[str, bool]:
    found = sessions.viewer(opaque)
    assert found
    return found.account.name, found.acting


def test_in_a_home_that_holds_nothing_but_the_demo_its_administrator_first_sees_the_demo(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    now = the_clock.now()
    with operations.writing() as c:
        for name, role in (("head", "admin"), ("demo", "user")):
            its = accounts.create_account(c, accounts.NewAccount(name, role=role), actor="t", now=now)
            users.create_user(c, users.NewUser(its, f"{name}-1", "a-long-password"), actor="t", now=now)
    opaque = sessions.sign_in("head-1", "a-long-password", "1")
    assert _shown(opaque) == ("demo", True)
    with operations.reading() as c:
        (line,) = c.execute(sa.select(audit_log).where(audit_log.c.action == "session.act_as")).all()
    assert (line.actor, line.subject) == ("user:head-1", "demo")
    assert _shown(sessions.sign_in("demo-1", "a-long-password", "1")) == ("demo", False)
    found = sessions.viewer(opaque)
    assert found
    sessions.act_as_self(Who(None, session=found.session))
    assert _shown(opaque) == ("head", False)
    with operations.writing() as c:
        accounts.create_account(c, accounts.NewAccount("shop"), actor="t", now=now)
    assert _shown(sessions.sign_in("head-1", "a-long-password", "1")) == ("head", False)


def test_the_living_session_is_asked_for_in_one_statement(town: SignIn) -> None:
    who = town("head")
    said: list[str] = []
    with operations.reading() as c:
        sa.event.listen(c, "before_cursor_execute", lambda *told: said.append(told[2]))
        assert who.session
        found = records.find_by_hash(c, who.session, now=the_clock.now())
    assert found
    assert (found.user.username, found.account.name, found.acting) == ("head", "head", False)
    assert len(said) == 1, "every question of every page asks for it"
