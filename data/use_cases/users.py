"""The people of an account: listed, let in, given a role or a password, shut out and let in again.

Whoever manages people does so for his own account; the operator of the installation, in his shell, for any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from data.errors import Refused
from data.records import accounts, people, sessions, users
from data.records.accounts import Account
from data.records.people import Filter, Person
from data.rules import inputs, rights
from data.rules.inputs.user import User
from data.use_cases import whose
from data.use_cases.floor import Case, Who, needing, question, use_case

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "STATES", "Done", "Filter", "Page", "Person", "create", "export", "give_password", "give_role", "listed",
    "password", "restore", "restore_found", "role", "roles", "show", "sought", "suspend", "suspend_found",
    "to_json",
]  # fmt: skip
ROWS_MAX = people.ROWS_MAX
EXPORT_COLUMNS = ("user", "name", "account", "role", "active", "last_login_at", "created_at")
STATES = {"active": True, "suspended": False}


@dataclass(frozen=True, slots=True)
class Done:
    """Who was let in or changed; `password` is there where one was made, and told this once."""

    person: Person
    password: str | None = None
    sessions_ended: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the document of `user create` and its kin."""
        made = {} if self.password is None else {"password": self.password}
        return to_json(self.person) | made | {"sessions_ended": self.sessions_ended}


@dataclass(frozen=True, slots=True)
class Page:
    """Some people by name, how many there are in all, and after which name the next ones begin."""

    rows: tuple[Person, ...]
    total: int
    after: str | None


def to_json(person: Person) -> dict[str, Any]:
    """Return a person under the names that commands have."""
    return {
        "user": person.name, "name": person.display_name, "account": person.account, "role": person.role,
        "active": person.active, "last_login_at": person.last_login_at, "created_at": person.created_at,
    }  # fmt: skip


def sought(filters: Mapping[str, str], names: Sequence[str] = ()) -> Filter:
    """Return what the words of an address look for: `text`, `role`, `state`, the `names` of people."""
    state = STATES.get(filters.get("state", ""))
    return Filter(filters.get("text") or None, filters.get("role") or None, state, tuple(names) or None)


@question("user.list", right="people")
def listed(
    case: Case, wanted: Filter, *, account: str | None = None, limit: int = ROWS_MAX, after: str = ""
) -> Page:
    """Return one page of the people of an account (of all accounts for the operator who names none)."""
    of = None if account is None and case.who.is_operator else _account(case, account).id
    limit = max(1, min(limit, ROWS_MAX))
    found = people.page(case.c, of, wanted, limit=limit + 1, after=after)
    rows = tuple(found[:limit])
    return Page(rows, people.count(case.c, of, wanted), rows[-1].name if len(found) > limit else None)


@use_case("user.export", right="people")
def export(case: Case, wanted: Filter, *, account: str | None = None) -> pl.DataFrame:
    """Return everybody that a filter finds as columns, by name."""
    import polars as pl

    of, rows, after = _account(case, account).id, list[dict[str, Any]](), ""
    while some := people.page(case.c, of, wanted, limit=ROWS_MAX, after=after):
        rows += [to_json(one) for one in some]
        after = some[-1].name
    case.note(account_id=of, rows=len(rows))
    moment = pl.Datetime("us", "UTC")
    kinds = {"active": pl.Boolean(), "last_login_at": moment, "created_at": moment}
    return pl.DataFrame(rows, schema={name: kinds.get(name, pl.String()) for name in EXPORT_COLUMNS})


@question("user.show", right="people")
def show(case: Case, name: str) -> Person:
    """Return a person of the account; anybody else is unknown."""
    return _person(case, name, lock=False)


@question("user.roles", right="people")
def roles(case: Case, *, account: str | None = None) -> tuple[str, ...]:
    """Return the roles that people of the account may have."""
    return rights.roles_for(_account(case, account).role)


@needing("people")
def create(who: Who, values: Mapping[str, Any], *, account: str | None = None) -> Done:
    """Let a person in: `values` are those of `inputs.user.User`. Without a password one is made."""
    wanted = inputs.accept(User, values)
    made = None if wanted.password else users.new_password()
    return _create(who, wanted, users.hashed(wanted.password or made or ""), made, account=account)


def password(who: Who, name: str, given: str = "") -> Done:
    """Give a person another password, made here if none is given; every other session of that person ends."""
    made = None if given else users.new_password()
    return _password(who, name, users.hashed(given or made or ""), made)


@use_case("user.role", right="people")
def role(case: Case, name: str, wanted: str) -> Done:
    """Give a person another role; it holds from the next thing that person does."""
    found = _person(case, name)
    allowed = users.allowed_role(case.c, found.account_id, wanted)
    if rights.may(found.role, "home") and not rights.may(allowed, "home"):
        _not_the_last(case, found)
    if not people.set_role(case.c, found.id, allowed):
        raise Refused("role", f"{name} has this role already", f"{name} همین نقش را دارد")
    case.note(name, account_id=found.account_id, role=allowed, was=found.role)
    return Done(_person(case, name))


@needing("people")
def give_role(who: Who, wanted: Filter, **said: str) -> Done:
    """Give the one person that is looked for another `role`."""
    return role(who, _only(wanted), said["role"])


@needing("people")
def give_password(who: Who, wanted: Filter, **said: str) -> Done:
    """Give the one person that is looked for another `password`, made here if none is given."""
    return password(who, _only(wanted), said["password"])


@use_case("user.suspend", right="people")
def suspend(case: Case, name: str) -> Done:
    """Shut a person out: nobody signs in by that name any more, and every session of it ends at once."""
    found = _person(case, name)
    if rights.may(found.role, "home"):
        _not_the_last(case, found)
    if not people.set_active(case.c, found.id, False):
        raise Refused("user", f"{name} is suspended already", f"{name} پیش‌تر معلق شده است")
    ended = sessions.end_all(case.c, found.id, now=case.now)
    case.note(name, account_id=found.account_id, sessions=ended)
    return Done(_person(case, name), sessions_ended=ended)


@use_case("user.restore", right="people")
def restore(case: Case, name: str) -> Done:
    """Let a suspended person in again, by the old password; sessions that ended stay ended."""
    found = _person(case, name)
    if not people.set_active(case.c, found.id, True):
        raise Refused("user", f"{name} is not suspended", f"{name} معلق نیست")
    case.note(name, account_id=found.account_id)
    return Done(_person(case, name))


@use_case("user.suspend_found", right="people")
def suspend_found(case: Case, wanted: Filter) -> int:
    """Shut out everybody that a filter finds among the account's people; return how many.

    Whoever asks stays: nobody locks the door behind himself among others.
    """
    found = [one for one in _found(case, replace(wanted, active=True)) if one.id != case.who.user_id]
    _not_the_last(case, *found)
    changed = [one for one in found if people.set_active(case.c, one.id, False)]
    ended = sum(sessions.end_all(case.c, one.id, now=case.now) for one in changed)
    case.note(users=[one.id for one in changed], sessions=ended)
    return len(changed)


@use_case("user.restore_found", right="people")
def restore_found(case: Case, wanted: Filter) -> int:
    """Let in again everybody suspended that a filter finds; return how many."""
    found = _found(case, replace(wanted, active=False))
    changed = [one.id for one in found if people.set_active(case.c, one.id, True)]
    case.note(users=changed)
    return len(changed)


@use_case("user.create", right="people")
def _create(case: Case, wanted: User, password_hash: str, made: str | None, *, account: str | None) -> Done:
    """Passwords are hashed before: that takes a tenth of a second, which no lock should wait for."""
    of = _account(case, account)
    new = users.NewUser(of.id, wanted.username, "", wanted.display_name, wanted.role)
    users.insert(case.c, new, password_hash, now=case.now)
    case.note(wanted.username, account_id=of.id, role=wanted.role)
    return Done(_person(case, wanted.username), made)


@use_case("user.password", right="people")
def _password(case: Case, name: str, password_hash: str, made: str | None) -> Done:
    found = _person(case, name)
    people.set_password(case.c, found.id, password_hash)
    ended = sessions.end_all(case.c, found.id, now=case.now, but=case.who.session)
    case.note(name, account_id=found.account_id, sessions=ended)
    return Done(_person(case, name), made, ended)


def _only(wanted: Filter) -> str:
    if wanted.names is None or len(wanted.names) != 1:
        raise Refused("user", "choose one person", "یک نفر را برگزینید")
    return wanted.names[0]


def _account(case: Case, name: str | None) -> Account:
    """Return the account that is asked about; the operator names one."""
    of = whose.owner(case, name)
    if of is None:
        raise Refused("account", "name the account: --account NAME", "حساب را نام ببرید")
    return accounts.get(case.c, of)


def _person(case: Case, name: str, *, lock: bool = True) -> Person:
    found = people.find(case.c, case.who.account_id, name, lock=lock)
    if found is None:
        raise Refused("user", f"there is no user {name!r}", f"کاربری با نام «{name}» نیست")
    return found


def _found(case: Case, wanted: Filter) -> list[Person]:
    assert case.who.account_id is not None, "a filter speaks of one account"
    return people.matching(case.c, case.who.account_id, wanted)


def _not_the_last(case: Case, *leaving: Person) -> None:
    """Refuse what would leave nobody who may run this installation."""
    left = set(people.rulers(case.c)) - {one.id for one in leaving}
    found = next((one for one in leaving if rights.may(one.role, "home") and one.active), None)
    if found and not left:
        raise Refused(
            "user", f"{found.name} is the last who may run this installation; let in another one first",
            f"{found.name} تنها کسی است که سامانه را می‌گرداند؛ نخست دیگری را بیاورید",
        )  # fmt: skip
