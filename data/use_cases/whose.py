"""Whose things a use case speaks of: an account's own; in the operator's shell the account that is named."""

from __future__ import annotations

from data.errors import Refused
from data.records import accounts
from data.records.accounts import Account
from data.use_cases.floor import Case


def owner(case: Case, account: str | None) -> int | None:
    """Return the account's id; None is the operator of the installation, who named none.

    Another account's name is unknown to an account, whether there is such a one or not.
    """
    own = case.who.account_id
    if account is None:
        return own
    if own is None:
        return accounts.required(case.c, account).id
    if accounts.get(case.c, own).name == account:
        return own
    raise Refused("account", f"there is no account {account!r} here", f"اینجا حسابی با نام «{account}» نیست")


def named(case: Case, name: str, *, field: str = "name") -> Account:
    """Return an account by name; to an account every other is unknown."""
    found = accounts.find(case.c, name)
    if found is None or case.who.account_id not in (None, found.id):
        raise accounts.unknown(name, field=field)
    return found
