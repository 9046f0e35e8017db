"""People of an account are let in, changed and shut out by whoever manages them, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from data.errors import Refused
from data.rules import rights
from data.store import operations
from data.store.tables import audit_log
from data.use_cases import sessions, users
from data.use_cases.floor import OPERATOR, NotAllowed, SignedOut, Who

SignIn = Callable[[str], Who]
NEW = {"username": "mina", "display_name": "مینا", "role": "marketer"}


def trace(action: str) -> list[Any]:
    with operations.reading() as c:
        return list(c.execute(sa.select(audit_log).where(audit_log.c.action == action)))


def test_a_new_person_signs_in_by_the_password_that_is_told_once(town: SignIn) -> None:
    done = users.create(town("sara"), NEW)
    assert done.password
    assert sessions.sign_in("mina", done.password, "127.0.0.1")
    assert (done.person.account, done.person.role) == ("shop", "marketer")
    (line,) = trace("user.create")[-1:]
    assert (line.actor, line.subject, line.detail) == ("user:sara", "mina", {"role": "marketer"})
    assert done.password not in str(tuple(line))
    assert users.show(town("sara"), "mina").display_name == "مینا"


def test_a_password_that_was_given_is_not_told_again(town: SignIn) -> None:
    done = users.create(town("sara"), NEW | {"password": "another-long-one"})
    assert done.password is None
    assert sessions.sign_in("mina", "another-long-one", "127.0.0.1")


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "م"), ("username", ""), ("role", "king"), ("role", "admin"), ("password", "short"),
     ("display_name", "x" * 201), ("username", "sara")],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_both_languages(town: SignIn, field: str, value: str) -> None:
    with pytest.raises(Refused) as refusal:
        users.create(town("sara"), NEW | {field: value})
    assert refusal.value.field == field
    assert refusal.value.en != refusal.value.fa
    assert users.listed(town("sara"), users.Filter(text="mina")).total == 0


@pytest.mark.parametrize("verb", [users.suspend, users.restore, users.show, users.password])
def test_people_of_another_account_are_unknown_like_those_who_do_not_exist(town: SignIn, verb: Any) -> None:
    told = []
    for name in ("omid", "nobody"):
        with pytest.raises(Refused, match="there is no user") as refusal:
            verb(town("sara"), name)
        told.append(refusal.value.en.replace(name, "X"))
    assert told[0] == told[1]
    assert sessions.sign_in("omid", "a-long-password", "127.0.0.1")


def test_nobody_looks_into_another_account_by_naming_it(town: SignIn) -> None:
    with pytest.raises(Refused, match="there is no account 'other' here"):
        users.listed(town("sara"), users.Filter(), account="other")
    with pytest.raises(Refused, match="no account"):
        users.create(town("sara"), NEW, account="other")
    assert [one.name for one in users.listed(town("sara"), users.Filter()).rows] == ["sara"]
    assert {one.name for one in users.listed(OPERATOR, users.Filter()).rows} == {"head", "omid", "sara"}


def test_suspending_ends_every_session_of_that_person_at_once(town: SignIn) -> None:
    users.create(town("sara"), NEW | {"password": "another-long-one"})
    tab, other = town("mina"), town("mina")
    done = users.suspend(town("sara"), "mina")
    assert done.sessions_ended == 2
    for who in (tab, other):
        with pytest.raises(SignedOut):
            sessions.living(who)
    with pytest.raises(Refused):
        sessions.sign_in("mina", "another-long-one", "127.0.0.1")
    users.restore(town("sara"), "mina")
    with pytest.raises(SignedOut):
        sessions.living(tab)
    assert sessions.sign_in("mina", "another-long-one", "127.0.0.1")


def test_another_password_ends_the_sessions_that_knew_the_old_one(town: SignIn) -> None:
    users.create(town("sara"), NEW | {"password": "another-long-one"})
    tab = town("mina")
    done = users.password(town("sara"), "mina")
    assert done.password
    with pytest.raises(SignedOut):
        sessions.living(tab)
    assert sessions.sign_in("mina", done.password, "127.0.0.1")
    with pytest.raises(Refused):
        sessions.sign_in("mina", "another-long-one", "127.0.0.1")


def test_whoever_changes_the_own_password_stays_signed_in_here_and_nowhere_else(town: SignIn) -> None:
    here, elsewhere = town("sara"), town("sara")
    users.password(here, "sara", "another-long-one")
    sessions.living(here)
    with pytest.raises(SignedOut):
        sessions.living(elsewhere)


def test_a_role_holds_from_the_next_thing_that_is_done(town: SignIn) -> None:
    users.create(town("sara"), NEW | {"role": "user", "password": "another-long-one"})
    mina = town("mina")
    assert users.listed(mina, users.Filter()).total == 2
    users.role(town("sara"), "mina", "analyst")
    with pytest.raises(NotAllowed):
        users.listed(mina, users.Filter())


def test_only_the_installations_own_people_may_run_it(town: SignIn) -> None:
    users.create(town("sara"), NEW)
    with pytest.raises(Refused, match="may be user, marketer"):
        users.role(town("sara"), "mina", "admin")
    assert users.roles(town("head")) == tuple(rights.ROLES)
    assert "admin" not in users.roles(town("sara"))


@pytest.mark.parametrize("verb", ["suspend", "role"])
@pytest.mark.parametrize("by", ["head", "operator"])
def test_the_last_who_may_run_the_installation_stays(town: SignIn, verb: str, by: str) -> None:
    who = OPERATOR if by == "operator" else town("head")
    leave = (lambda: users.suspend(who, "head")) if verb == "suspend" else (
        lambda: users.role(who, "head", "finance")
    )  # fmt: skip
    with pytest.raises(Refused, match="the last who may run"):
        leave()
    sessions.living(town("head"))
    users.create(town("head"), {"username": "second", "role": "admin"})
    leave()
    with pytest.raises(Refused, match="the last who may run"):
        users.suspend(OPERATOR, "second")


def test_a_list_goes_on_after_the_last_name_and_counts_everybody(town: SignIn) -> None:
    sara = town("sara")
    for n in range(5):
        users.create(sara, {"username": f"m{n}", "role": "analyst"})
    first = users.listed(sara, users.Filter(), limit=4)
    rest = users.listed(sara, users.Filter(), limit=4, after=first.after or "")
    names = [one.name for one in (*first.rows, *rest.rows)]
    assert names == ["m0", "m1", "m2", "m3", "m4", "sara"]
    assert (first.total, rest.after) == (6, None)
    assert users.listed(sara, users.Filter(role="analyst", text="M1")).total == 1


@pytest.mark.parametrize("role", [role for role in rights.ROLES if not rights.may(role, "people")])
def test_whoever_may_not_manage_people_neither_sees_nor_changes_them(town: SignIn, role: str) -> None:
    users.create(town("sara"), NEW | {"role": role})
    who = town("mina")
    for verb in (
        lambda: users.listed(who, users.Filter()), lambda: users.show(who, "sara"),
        lambda: users.create(who, NEW | {"username": "x2"}), lambda: users.suspend(who, "sara"),
        lambda: users.restore(who, "sara"), lambda: users.role(who, "mina", "user"),
        lambda: users.password(who, "sara"), lambda: users.roles(who),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
