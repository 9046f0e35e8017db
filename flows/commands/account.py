"""`chapar account create|credit|show|list`: customers and their money."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from data.rules.account import ROLES
from flows.commands import add, group, paged, who, whole

if TYPE_CHECKING:
    from data.use_cases.accounts import Account, Balances, Shown


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "account", "customers")
    create = add(sub, "create", _create, "open an account; --credit posts its opening credit")
    create.add_argument("name")
    create.add_argument("--credit", type=whole, default=0, metavar="RIALS", help="opening credit")
    create.add_argument("--title", default="", help="name shown on pages")
    create.add_argument("--role", default="user", choices=ROLES)
    credit = add(sub, "credit", _credit, "give an account credit; a negative amount takes back what is free")
    credit.add_argument("name")
    credit.add_argument("rials", type=whole, metavar="RIALS")
    credit.add_argument("--why", required=True, metavar="TEXT", help="kept in the books")
    show = add(sub, "show", _show, "an account, its money and its lines")
    show.add_argument("name")
    listing = add(sub, "list", _list, "the accounts and what they can spend")
    listing.add_argument("--text", default="", help="what the name or title holds")
    paged(listing)


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import accounts

    values = {"name": given.name, "title": given.title, "role": given.role, "credit": given.credit}
    return _document(accounts.create(who(), values))


def _credit(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import money

    return money.credit(who(), given.name, given.rials, given.why)


def _show(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import accounts

    return _document(accounts.show(who(), given.name))


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import accounts

    page = accounts.listed(who(), text=given.text, limit=given.limit, after=given.after or "")
    return {"accounts": [_told(one, has) for one, has in page.rows], "after": page.after}


def _document(shown: Shown) -> dict[str, Any]:
    money = _money(shown.balances)
    return {"account": _told(shown.account, shown.balances) | {"lines": list(shown.lines)}, **money}


def _told(one: Account, has: Balances) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "title": one.title, "role": one.role, "active": one.active,
        **_money(has),
    }  # fmt: skip


def _money(has: Balances) -> dict[str, int]:
    return {"available_rials": has.available, "held_rials": has.held, "unknown_rials": has.unknown}
