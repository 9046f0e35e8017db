"""The people who sign in for the account: let in, given a role or a password, shut out (spec 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from dashboards import words
from dashboards.session import Here
from dashboards.widgets import collection
from dashboards.widgets.collection import PAGE_ROWS, Action, Chosen, Collection, Filters, Found, Pick
from dashboards.widgets.input_form import Form, Saved
from data.rules import rights
from data.rules.inputs.user import NewPassword, NewRole, User
from data.use_cases import users
from data.use_cases.users import Filter, Person

STATES = {"active": True, "suspended": False}


def find(here: Here, filters: Filters, after: str) -> Found:
    """Return a page of people by name."""
    page = users.listed(here.who, _wanted(filters), limit=PAGE_ROWS, after=after)
    return Found([_row(here, one) for one in page.rows], page.total, page.after)


def export(here: Here, filters: Filters) -> pl.DataFrame:
    """Return everybody that is found, as columns."""
    rows, after = [], ""
    while True:
        page = users.listed(here.who, _wanted(filters), after=after)
        rows += [users.to_json(one) for one in page.rows]
        if page.after is None:
            return pl.DataFrame(rows, infer_schema_length=None)
        after = page.after


def _wanted(filters: Filters, names: tuple[str, ...] = ()) -> Filter:
    return Filter(
        filters.get("text") or None, filters.get("role") or None, STATES.get(filters.get("state", "")),
        names or None,
    )  # fmt: skip


def _row(here: Here, one: Person) -> dict[str, Any]:
    state = "active" if one.active else "suspended"
    return {
        "id": one.name, "name": one.name, "user": {"text": one.display_name, "sub": one.name},
        "role": words.role(one.role, here.language), "signed_in": here.moment(one.last_login_at),
        "made": here.moment(one.created_at),
        "state": {"text": here.say(f"user_{state}"), "tone": "good" if one.active else "wait"},
    }  # fmt: skip


def _save(here: Here, values: Mapping[str, Any]) -> Saved:
    return Saved(_told(here, users.create(here.who, values)), str(values["username"]))


def _told(here: Here, done: users.Done) -> str:
    """Tell what was done, and a password that was made: this once, for it is kept nowhere."""
    if done.password is None:
        return here.say("users_done", who=done.person.name)
    return here.say("users_password_is", who=done.person.name, password=done.password)


def _many(verb: Any, here: Here, chosen: Chosen, _: Mapping[str, Any]) -> str:
    return here.say("done_to", n=here.count(verb(here.who, _wanted(chosen.filters, chosen.ids))))


def _role(here: Here, chosen: Chosen, values: Mapping[str, Any]) -> str:
    return _told(here, users.role(here.who, chosen.ids[0], str(values["role"])))


def _password(here: Here, chosen: Chosen, values: Mapping[str, Any]) -> str:
    return _told(here, users.password(here.who, chosen.ids[0], str(values["password"])))


def _roles(here: Here) -> dict[str, str]:
    return {role: words.role(role, here.language) for role in users.roles(here.who)}


def _all_roles(here: Here) -> dict[str, str]:
    return {role: words.role(role, here.language) for role in rights.ROLES}


def _states(here: Here) -> dict[str, str]:
    return {state: here.say(f"user_{state}") for state in STATES}


USERS = Collection(
    noun="users",
    columns=(("user", "wide"), ("role", "text"), ("signed_in", "time"), ("made", "time"), ("state", "state")),
    find=find,
    filters=(Pick("text"), Pick("role", _all_roles), Pick("state", _states)),
    form=Form(User, _save, {"role": _roles}, lambda here: {
        "username": "mina", "display_name": here.say("users_example_name"), "role": "marketer",
    }),
    actions=(
        Action("give_role", ":material/badge:", _role, NewRole, {"role": _roles}, one=True),
        Action("give_password", ":material/key:", _password, NewPassword, one=True),
        Action("suspend", ":material/block:", partial(_many, users.suspend_found)),
        Action("restore", ":material/undo:", partial(_many, users.restore_found)),
    ),
    export=export,
)  # fmt: skip
show = partial(collection.draw, its=USERS)
