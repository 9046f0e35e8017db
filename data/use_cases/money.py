"""An account's money: what it can spend, and credit given or taken back by the operator's hand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from data.errors import Refused
from data.records import accounts, ledger
from data.records.accounts import Account
from data.records.ledger import Balances, Entry, InsufficientCredit
from data.rules.account import CREDIT_MAX_RIALS
from data.use_cases.floor import Case, question, use_case

WHY_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Purse:
    """An account with its balances, whole rials."""

    account: Account
    balances: Balances

    def to_json(self) -> dict[str, Any]:
        """Return the figures under the names that commands have for them."""
        one, has = self.account, self.balances
        money = {
            "available_rials": has.available, "held_rials": has.held, "unknown_rials": has.unknown,
        }  # fmt: skip
        person = {"id": one.id, "name": one.name, "title": one.title, "role": one.role}
        return {"account": person | money, **money}


@question("money.balances")
def balances(case: Case) -> Balances:
    """Return the money of the account that asks."""
    assert case.who.account_id is not None, "the operator of the installation has no money of his own"
    return ledger.balances(case.c, case.who.account_id)


@question("money.purse")
def purse(case: Case, name: str, *, field: str = "name") -> Purse:
    """Return an account and its money by name; another's is unknown."""
    return _purse(case, _named(case, name, field))


@use_case("account.credit", right="home")
def credit(case: Case, name: str, rials: int, why: str) -> dict[str, Any]:
    """Give an account credit, or take back what is free (negative): posted, and in the trace with the reason.

    Returns the new balances as `Purse.to_json` has them.
    """
    found = accounts.required(case.c, name, field="name")
    said = why.strip()
    if not said or len(said) > WHY_CHARS_MAX:
        raise Refused(
            "why", f"say why, in 1 to {WHY_CHARS_MAX} characters",
            f"دلیل را بنویسید: ۱ تا {WHY_CHARS_MAX} نویسه",
        )  # fmt: skip
    if not rials or abs(rials) > CREDIT_MAX_RIALS:
        raise Refused(
            "rials", f"give 1 to {CREDIT_MAX_RIALS:,} rials; a negative amount takes credit back",
            f"مبلغ باید ۱ تا {CREDIT_MAX_RIALS:,} ریال باشد؛ مبلغ منفی اعتبار را پس می‌گیرد",
        )  # fmt: skip
    _post(case, found, rials, said)
    case.note(found.name, account_id=found.id, rials=rials, why=said)
    return _purse(case, found).to_json()


def _post(case: Case, found: Account, rials: int, why: str) -> None:
    """Both sides stand in the books; only what no send holds can be taken back."""
    sides = (ledger.ADJUSTMENTS, ledger.available(found.id))
    debit, credit = sides if rials > 0 else reversed(sides)
    entry = Entry(f"adj:{secrets.token_hex(16)}", debit, credit, abs(rials), note=why)
    try:
        ledger.post(case.c, [entry], actor=case.who.name, now=case.now)
    except InsufficientCredit as short:
        free = ledger.balances(case.c, found.id).available
        raise Refused(
            "rials", f"only {free:,} rials are free: take back at most that; what sends hold stays theirs",
            f"تنها {free:,} ریال آزاد است: بیش از آن پس گرفته نمی‌شود؛ آنچه ارسال‌ها نگه داشته‌اند از آنِ آن‌هاست",
        ) from short  # fmt: skip


def _named(case: Case, name: str, field: str) -> Account:
    found = accounts.required(case.c, name, field=field)
    if case.who.account_id not in (None, found.id):
        raise accounts.unknown(name, field=field)
    return found


def _purse(case: Case, found: Account) -> Purse:
    return Purse(found, ledger.balances(case.c, found.id))
