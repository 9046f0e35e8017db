"""The people who sign in for the account: let in, given a role or a password, shut out (spec 2.1)."""

from __future__ import annotations

from functools import partial

from dashboards import words
from dashboards.widgets import collection
from dashboards.widgets.collection import Action, Collection, Form, Pick, Shown
from data.rules.inputs.user import NewPassword, NewRole, User
from data.use_cases import users
from data.use_cases.users import give_password, give_role, restore_found, suspend_found

OFFERED = {"role": lambda here: words.roles(users.roles(here.who), here.language)}
USERS = Collection(
    noun="users", key=lambda one: one.name, find=users.listed, sought=users.sought, export=users.export,
    told=lambda here, done: here.say(
        "users_password_is" if done.password else "users_done", who=done.person.name, password=done.password
    ),
    columns=(
        Shown("user", "wide", lambda _, one: {"text": one.display_name, "sub": one.name}),
        Shown("role", "text", lambda here, one: words.role(one.role, here.language)),
        Shown("signed_in", "time", "last_login_at"), Shown("made", "time", "created_at"),
        Shown("state", "state", lambda here, one: here.state(f"user_{one.state}", good=one.active)),
    ),
    filters=(Pick("text"), Pick("role", lambda here: words.roles(None, here.language)),
             Pick("state", lambda here: {state: here.say(f"user_{state}") for state in users.STATES})),
    form=Form(User, users.create, options=OFFERED, row=lambda done: done.person.name, example=lambda here: {
        "username": "mina", "display_name": here.say("users_example_name"), "role": "marketer",
    }),
    actions=(
        Action("give_role", ":material/badge:", give_role, asks=NewRole, options=OFFERED, one=True),
        Action("give_password", ":material/key:", give_password, asks=NewPassword, one=True),
        Action("suspend", ":material/block:", suspend_found),
        Action("restore", ":material/undo:", restore_found),
    ),
)  # fmt: skip
show = partial(collection.draw, its=USERS)
