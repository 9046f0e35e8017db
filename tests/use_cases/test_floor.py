"""What every use case promises: living session, right, owner, one trace, and at most once under a key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts, sessions, users
from data.rules import rights
from data.store import operations
from data.store.tables import audit_log, user
from data.use_cases import floor
from data.use_cases.floor import OPERATOR, Case, NotAllowed, SignedOut, Who, question, use_case


@pytest.fixture
def verbs() -> Any:
    """A verb and a question of the tests' own, taken off the list again."""
    before = dict(floor.DONE)

    @use_case("test.mark", right="send")
    def mark(case: Case, what: str) -> str:
        case.note(what, size=len(what))
        return f"{what} of {case.who.account_id}"

    @question("test.ask", right="pay")
    def ask(case: Case) -> int | None:
        return case.who.account_id

    yield mark, ask
    floor.DONE.clear()
    floor.DONE.update(before)


@pytest.fixture
def sara(home: Path) -> tuple[Who, str]:
    """A person of a customer, signed in: as who, and under which opaque id."""
    now = the_clock.now()
    with operations.writing() as c:
        shop = accounts.create_account(c, accounts.NewAccount("shop"), actor="t", now=now)
        person = users.create_user(c, users.NewUser(shop, "sara", "a-long-password"), actor="t", now=now)
        opaque = sessions.open_session(c, person, address="127.0.0.1", now=now)
        viewer = sessions.find_session(c, opaque, now=now)
    assert viewer
    return Who(None, "admin", "page", session=viewer.session), opaque


def trace(action: str) -> list[Any]:
    with operations.reading() as c:
        return list(c.execute(sa.select(audit_log).where(audit_log.c.action == action)))


def test_who_a_page_says_it_is_counts_for_nothing_beside_its_session(
    verbs: Any, sara: tuple[Who, str]
) -> None:
    mark, ask = verbs
    who, _ = sara  # it claims to be the operator
    assert (mark(who, "a"), ask(who)) == ("a of 1", 1)
    (line,) = trace("test.mark")
    assert (line.actor, line.account_id, line.subject, line.detail) == ("user:sara", 1, "a", {"size": 1})


def test_an_ended_session_reads_nothing_and_does_nothing(verbs: Any, sara: tuple[Who, str]) -> None:
    mark, ask = verbs
    who, opaque = sara
    with operations.writing() as c:
        sessions.close_session(c, opaque, now=the_clock.now())
    for verb in (lambda: mark(who, "a"), lambda: ask(who)):
        with pytest.raises(SignedOut):
            verb()
    assert trace("test.mark") == []


def test_a_suspended_person_is_signed_out_at_once(verbs: Any, sara: tuple[Who, str]) -> None:
    who, _ = sara
    with operations.writing() as c:
        c.execute(sa.update(user).values(active=False))
    with pytest.raises(SignedOut):
        verbs[1](who)


def test_a_role_that_was_taken_away_is_gone_in_the_next_transaction(
    verbs: Any, sara: tuple[Who, str]
) -> None:
    mark, ask = verbs
    who, _ = sara
    with operations.writing() as c:
        c.execute(sa.update(user).values(role="marketer"))
    assert mark(who, "a") == "a of 1"
    with pytest.raises(NotAllowed, match="may not handle money"):
        ask(who)


@pytest.mark.parametrize("role", rights.ROLES)
def test_each_role_may_what_the_table_says_and_no_more(verbs: Any, home: Path, role: str) -> None:
    mark, ask = verbs
    for verb, right in ((lambda w: mark(w, "a"), "send"), (ask, "pay")):
        who = Who(None, role)
        if rights.may(role, right):  # type: ignore[arg-type]
            verb(who)
        else:
            with pytest.raises(NotAllowed):
                verb(who)


def test_what_is_done_under_a_key_is_done_once_and_answers_the_same(verbs: Any, home: Path) -> None:
    mark, _ = verbs
    who = OPERATOR.doing_once("k1", "shape")
    assert mark(who, "a") == mark(who, "b") == "a of None"
    assert len(trace("test.mark")) == 1
    with pytest.raises(Refused, match="this token was used"):
        mark(OPERATOR.doing_once("k1", "another shape"), "a")


def test_a_key_of_one_account_is_free_in_another(verbs: Any, home: Path) -> None:
    mark, _ = verbs
    first, second = (Who(account, "user").doing_once("k1", "shape") for account in (None, 7))
    with operations.writing() as c:
        c.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
    assert mark(first, "a") == "a of None"
    with pytest.raises(Exception, match="FOREIGN KEY"):  # there is no account 7: but the key itself was free
        mark(second, "a")


def test_a_refused_deed_leaves_its_key_free(home: Path, verbs: Any) -> None:
    before = dict(floor.DONE)

    @use_case("test.moody", right="send")
    def moody(case: Case, good: bool) -> str:
        if not good:
            raise Refused("good", "be good")
        return "done"

    who = OPERATOR.doing_once("k1", "shape")
    with pytest.raises(Refused, match="be good"):
        moody(who, False)
    assert moody(who, True) == "done"
    floor.DONE.clear()
    floor.DONE.update(before)


def test_a_deadlock_of_the_database_is_done_again(
    home: Path, verbs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, _ = verbs

    class Deadlock(Exception):
        sqlstate = "40P01"

    left = [1]
    real = floor.audit.write

    def stumbling(*given: Any, **named: Any) -> None:
        real(*given, **named)
        if left.pop() if left else 0:
            raise OperationalError("INSERT", {}, Deadlock())

    monkeypatch.setattr(floor.audit, "write", stumbling)
    assert mark(OPERATOR, "a") == "a of None"
    assert len(trace("test.mark")) == 1, "the first try left nothing"


def test_a_session_that_was_not_used_for_long_is_over(sara: tuple[Who, str], verbs: Any, clock: Any) -> None:
    who, _ = sara
    clock.advance(seconds=(sessions.IDLE + timedelta(seconds=1)).total_seconds())
    with pytest.raises(SignedOut):
        verbs[1](who)


def test_a_key_of_our_own_can_stand_in_the_key_of_a_widget() -> None:
    """Two underscores in one of those are an error of the page; of URL-safe keys one in fifty has them."""
    assert not [key for key in (floor.new_key() for _ in range(500)) if not key.isalnum()]
