"""Customers: opened, listed, and spoken for by the operator of the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.records import accounts, ledger, lines
from data.records.accounts import Account, NewAccount
from data.records.ledger import Balances
from data.rules import inputs
from data.rules.inputs.account import Account as Asked
from data.use_cases import whose
from data.use_cases.floor import Case, Who, question, use_case

__all__ = ["Account", "Balances", "Page", "Shown", "create", "listed", "show", "speaker"]
ROWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Shown:
    """An account, its money and the lines it sends from."""

    account: Account
    balances: Balances
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some accounts by name with what they can spend, and after which name the next ones begin."""

    rows: tuple[tuple[Account, Balances], ...]
    after: str | None


@use_case("account.create", right="home")
def create(case: Case, values: Mapping[str, Any]) -> Shown:
    """Open an account with its books and opening credit; `values` are those of `inputs.account.Account`."""
    asked = inputs.accept(Asked, values)
    new = NewAccount(asked.name, asked.title, asked.role, asked.credit)
    account_id = accounts.create_account(case.c, new, actor=case.who.name, now=case.now)
    case.silent = True  # the record writes the line of the trace itself
    return _shown(case, accounts.get(case.c, account_id))


@question("account.show")
def show(case: Case, name: str) -> Shown:
    """Return an account by name; an account knows itself alone."""
    return _shown(case, whose.named(case, name))


@question("account.list")
def listed(case: Case, *, text: str = "", limit: int = ROWS_MAX, after: str = "") -> Page:
    """Return one page of the accounts: all for the operator of the installation, its own for an account."""
    limit, own = max(1, min(limit, ROWS_MAX)), case.who.account_id
    known = accounts.listing(case.c) if own is None else [accounts.get(case.c, own)]
    sought = text.casefold()
    found = [one for one in known if one.name > after and sought in f"{one.name} {one.title}".casefold()]
    rows = tuple((one, ledger.balances(case.c, one.id)) for one in found[:limit])
    return Page(rows, rows[-1][0].name if len(found) > limit else None)


@question("account.speaker", right="home")
def speaker(case: Case, name: str) -> Who:
    """Return who speaks when a command is given as an account: its things, its rights, its privacy rules."""
    found = accounts.required(case.c, name, field="as")
    return Who(found.id, found.role, case.who.door, name=f"{case.who.name} as {name}", acting_for=found.id)


def _shown(case: Case, found: Account) -> Shown:
    names = tuple(line.name for line in lines.of_account(case.c, found.id))
    return Shown(found, ledger.balances(case.c, found.id), names)
