"""The floor under every door: one transaction a verb, right and session checked in it, traced, done once.

A use case is written as `def stop(case: Case, campaign_id: int)` under `@use_case("campaign.stop",
right="send")` and called as `stop(who, campaign_id)`. It returns plain frozen values, asks records with
`case.who.account_id` so that another account's things are unknown, and never calls another use case.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from data import clock
from data.errors import Refused
from data.records import audit, once, sessions
from data.rules import rights
from data.rules.rights import Right
from data.store import operations
from data.store.operations import Connection

P = ParamSpec("P")
T = TypeVar("T")
SUBJECT_CHARS_MAX, KEY_BYTES = 120, 24
DONE: dict[str, Right] = {}  # every use case by its name, with the right it needs: their table of contents
_NEEDS: dict[Callable[..., Any], Right] = {}  # the same by the verb that doors call


class SignedOut(Refused):
    """The session that asks has ended, or its person was suspended: nothing was read and nothing done."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "session", "the session has ended; sign in again", "نشست پایان یافته است؛ دوباره وارد شوید"
        )


class NotAllowed(Refused):
    """The person's role has no right to this."""

    def __init__(self, right: Right, role: str) -> None:
        """Name the right that is lacking and who can give it."""
        fa, en = rights.RIGHTS[right]
        role_fa, role_en = rights.ROLES.get(role, (role, role))
        super().__init__(
            "role",
            f"the role {role_en!r} may not {en}; somebody who manages people can give another role",
            f"نقش «{role_fa}» اجازهٔ {fa} ندارد؛ کسی که کاربران را مدیریت می‌کند می‌تواند نقش دیگری بدهد",
        )


@dataclass(frozen=True, slots=True)
class Once:
    """A deed that must happen at most once: its key, and the shape (SHA-256) of what was asked with it."""

    key: str
    shape: str


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, through which door. `account_id` None is the operator of this installation, in his shell.

    `session` is the hash of a page's session; account and role are then read anew in every transaction.
    `acting_for` is the account whose data and money it is while an administrator acts for it.
    """

    account_id: int | None
    role: str = "admin"
    door: str = "command"  # page | command | service | flow
    user_id: int | None = None
    name: str = "command"  # as the trace has it: user:sara, command, flow:plan
    session: str | None = None
    acting_for: int | None = None
    once: Once | None = None

    @property
    def is_operator(self) -> bool:
        """Whether the small-cell rules of rented people do not bind: the shell of the installation itself."""
        return self.account_id is None

    def doing_once(self, key: str, shape: str) -> Who:
        """Return the same person doing one thing at most once under a key."""
        return replace(self, once=Once(key, shape))


OPERATOR = Who(None)


def ready() -> None:
    """Bring the home's store to this version of Chapar; every verb does so by itself, steps do not."""
    operations.migrate()


def is_furnished() -> bool:
    """Say whether this home has a store of operations at all; asking does not make one."""
    return operations.exists()


def new_key() -> str:
    """Return a key under which one deed happens at most once, where its asker brought none.

    Letters and digits alone: it also stands in keys of widgets, in which two underscores are an error.
    """
    return secrets.token_hex(KEY_BYTES)


@dataclass(slots=True)
class Case:
    """One use case under way: its transaction, who asks, the moment, and what the trace will say of it."""

    c: Connection
    who: Who
    now: datetime
    subject: str | None = None
    account_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    silent: bool = False

    def note(self, subject: object = None, *, account_id: int | None = None, **detail: Any) -> None:
        """Add to the line of the trace: what it was done to, of which account; no number, name or secret."""
        self.subject = self.subject if subject is None else str(subject)[:SUBJECT_CHARS_MAX]
        self.account_id = self.account_id if account_id is None else account_id
        self.detail |= detail


Work = Callable[Concatenate[Case, P], T]
Verb = Callable[Concatenate[Who, P], T]


def use_case(name: str, *, right: Right) -> Callable[[Work[P, T]], Verb[P, T]]:
    """Make a verb that changes something: one writing transaction, done again where the store asks for it."""

    def made(work: Work[P, T]) -> Verb[P, T]:
        _list(name, right)

        @wraps(work)
        def verb(who: Who, /, *args: P.args, **named: P.kwargs) -> T:
            operations.migrate()
            return operations.transact(lambda c: _do(c, who, lambda case: work(case, *args, **named)))

        def _do(c: Connection, who: Who, act: Callable[[Case], T]) -> T:
            case = _opened(c, who, right)
            answer = act(case) if case.who.once is None else _at_most_once(case, case.who.once, name, act)
            if not case.silent:
                audit.write(
                    c, name, actor=case.who.name, now=case.now, account_id=case.account_id,
                    subject=case.subject, detail=case.detail or None,
                )  # fmt: skip
            return answer

        _NEEDS[verb] = right
        return verb

    return made


def question(name: str, *, right: Right = "view") -> Callable[[Work[P, T]], Verb[P, T]]:
    """Make a verb that only asks: one reading transaction, no line in the trace."""

    def made(work: Work[P, T]) -> Verb[P, T]:
        _list(name, right)

        @wraps(work)
        def verb(who: Who, /, *args: P.args, **named: P.kwargs) -> T:
            operations.migrate()
            with operations.reading() as c:
                return work(_opened(c, who, right), *args, **named)

        _NEEDS[verb] = right
        return verb

    return made


def may(role: str, verb: Callable[..., Any]) -> bool:
    """Say whether a role has the right that a verb needs: doors offer nothing that would be refused."""
    return rights.may(role, _NEEDS[verb])


def needing(right: Right) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark what only calls verbs of a right, so that `may` knows it; the verbs decide."""

    def marked(work: Callable[P, T]) -> Callable[P, T]:
        _NEEDS[work] = right
        return work

    return marked


def _list(name: str, right: Right) -> None:
    assert name not in DONE, f"{name}: two use cases of one name"
    DONE[name] = right


def _opened(c: Connection, who: Who, right: Right) -> Case:
    """Read the session anew, then check the right: what held when the page was drawn need not hold now."""
    now = clock.now()
    if who.session is not None:
        who = _living(c, who, now)
    if not rights.may(who.role, right):
        raise NotAllowed(right, who.role)
    return Case(c, who, now, account_id=who.account_id)


def _living(c: Connection, who: Who, now: datetime) -> Who:
    assert who.session is not None
    viewer = sessions.find_by_hash(c, who.session, now=now)
    if viewer is None:
        raise SignedOut()
    return replace(
        who,
        account_id=viewer.account.id,
        role=viewer.user.role,
        user_id=viewer.user.id,
        name=f"user:{viewer.user.username}",
        acting_for=viewer.account.id if viewer.acting else None,
    )


def _at_most_once(case: Case, wanted: Once, name: str, act: Callable[[Case], T]) -> T:
    """Claim the key, work, keep the answer: all of it in the transaction of the work itself.

    The answer must be plain JSON. The same key with another shape is refused by `records.once`.
    """
    claim = once.Claim(case.who.account_id, wanted.key, name, wanted.shape)
    found = once.claim(case.c, claim, now=case.now)
    if found is not None:
        case.silent = True
        return found.answer  # type: ignore[no-any-return]
    answer = act(case)
    once.keep(case.c, claim, answer)
    return answer
