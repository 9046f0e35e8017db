"""`chapar user …`: people who sign in. A password is printed once, unless it came on standard input."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from data.rules.rights import ROLES
from flows.commands import add, group, paged, who

PASSWORD_CHARS_MAX = 1_000
STATES = {"active": True, "suspended": False}


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "user", "people who sign in")
    create = add(sub, "create", _create, "let a person sign in; the password is printed this once")
    create.add_argument("name", help="the name to sign in with")
    create.add_argument("--account", metavar="A", help="whose person it is")
    create.add_argument("--role", required=True, choices=tuple(ROLES), help="what the person may do")
    create.add_argument("--display-name", default="", metavar="TEXT", help="the name shown on pages")
    listing = add(sub, "list", _list, "people, by name")
    listing.add_argument("--account", metavar="A", help="of one account")
    listing.add_argument("--role", choices=tuple(ROLES))
    listing.add_argument("--state", choices=tuple(STATES))
    listing.add_argument("--text", help="what the name holds")
    paged(listing)
    for name, run, say in (
        ("show", _show, "a person, and when the last sign-in was"),
        ("password", _password, "another password, printed this once; every session of the person ends"),
        ("role", _role, "another role; it holds from the next thing the person does"),
        ("suspend", _suspend, "shut a person out at once"),
        ("restore", _restore, "let a suspended person in again"),
    ):
        one = add(sub, name, run, say)
        one.add_argument("name")
        if name == "role":
            one.add_argument("role", choices=tuple(ROLES))
        if name == "password":
            _stdin(one)
    _stdin(create)


def _stdin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    values = {
        "username": given.name, "display_name": given.display_name, "role": given.role,
        "password": _given_password(given),
    }  # fmt: skip
    return users.create(who(), values, account=given.account).to_json()


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    wanted = users.Filter(text=given.text, role=given.role, active=STATES.get(given.state))
    page = users.listed(who(), wanted, account=given.account, limit=given.limit, after=given.after or "")
    return {"users": [users.to_json(one) for one in page.rows], "total": page.total, "after": page.after}


def _show(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    return users.to_json(users.show(who(), given.name))


def _password(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    return users.password(who(), given.name, _given_password(given)).to_json()


def _role(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    return users.role(who(), given.name, given.role).to_json()


def _suspend(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    return users.suspend(who(), given.name).to_json()


def _restore(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import users

    return users.restore(who(), given.name).to_json()


def _given_password(given: argparse.Namespace) -> str:
    """Return what stands on the first line of standard input, if it is to be read."""
    if not given.password_stdin:
        return ""
    from data.errors import Refused

    said = sys.stdin.readline(PASSWORD_CHARS_MAX).rstrip("\r\n") if sys.stdin else ""
    if not said:
        raise Refused(
            "password", "standard input is empty; write the password there, or leave --password-stdin out",
            "ورودی استاندارد خالی است؛ گذرواژه را آنجا بنویسید یا ‎--password-stdin‎ را بردارید",
        )  # fmt: skip
    return said
