"""`chapar account create|show|list`: accounts with their books and opening credit (decisions 32)."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import ACTOR, add, group, whole


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "account", "customers")
    create = add(sub, "create", _create, "open an account; --credit posts its opening credit")
    create.add_argument("name")
    create.add_argument("--credit", type=whole, default=0, metavar="RIALS", help="opening credit")
    create.add_argument("--title", default="", help="name shown on pages")
    create.add_argument("--role", default="user", choices=("user", "reseller", "admin"))
    show = add(sub, "show", _show, "an account and its balances")
    show.add_argument("name")
    add(sub, "list", _list, "the accounts and what they can spend")


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from data import clock
    from data.records import accounts, ledger
    from data.store import operations

    operations.migrate()
    new = accounts.NewAccount(given.name, given.title, given.role, given.credit)
    with operations.writing() as c:
        account_id = accounts.create_account(c, new, actor=ACTOR, now=clock.now())
        balances = ledger.balances(c, account_id)
    return {"account": {"id": account_id, "name": given.name, "available_rials": balances.available}}


def _show(given: argparse.Namespace) -> dict[str, Any]:
    from data.records import accounts, ledger, lines
    from data.store import operations

    operations.migrate()
    with operations.reading() as c:
        found = accounts.required(c, given.name, field="name")
        money = ledger.balances(c, found.id)
        names = [line.name for line in lines.of_account(c, found.id)]
    return {
        "account": {
            "id": found.id, "name": found.name, "title": found.title, "role": found.role,
            "available_rials": money.available, "held_rials": money.held, "unknown_rials": money.unknown,
            "lines": names,
        }
    }  # fmt: skip


def _list(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.records import accounts, ledger
    from data.store import operations

    operations.migrate()
    with operations.reading() as c:
        found = [(one, ledger.balances(c, one.id).available) for one in accounts.listing(c)]
    told = [
        {"id": one.id, "name": one.name, "title": one.title, "role": one.role, "available_rials": money}
        for one, money in found
    ]
    return {"accounts": told}
