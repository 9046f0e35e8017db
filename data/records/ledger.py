"""The books: reserve, post, void as immutable two-sided entries in integer rial (protocol.md 2.2, 2.3).

The key of an entry makes it happen at most once. `fresh` entries follow a change of state: an existing key is
a bug and rolls everything back. `once` entries (a top-up, an opening credit) return quietly when they exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.errors import Broken, ChaparError, Refused
from data.store.tables import ledger_account, ledger_entry

REVENUE, GOODWILL = "revenue:sms", "expense:goodwill"
OPENING, ADJUSTMENTS = "equity:opening", "equity:adjustments"  # at the start; by the operator's hand


class InsufficientCredit(ChaparError):
    """An account that may not go below zero has less than the entry takes."""

    exit_code = 2

    def __init__(self, ledger_id: str, lacking_rials: int) -> None:
        """Say how much is lacking."""
        super().__init__(
            f"{lacking_rials:,} rials are lacking: choose fewer recipients, or ask for credit, "
            "and make the campaign anew",
            f"اعتبار کافی نیست: {lacking_rials:,} ریال کم است؛ گیرندگان کمتری برگزینید یا اعتبار بخواهید "
            "و کارزار را از نو بسازید",
        )
        self.ledger_id, self.lacking_rials = ledger_id, lacking_rials

    def before_it_begins(self) -> Refused:
        """Return the refusal of an order that stays as it is: it can be started once there is credit."""
        n = f"{self.lacking_rials:,}"
        return Refused(
            "credit", f"{n} rials are lacking: ask for credit or choose fewer people; then start it again",
            f"اعتبار کافی نیست: {n} ریال کم است؛ اعتبار بخواهید یا گیرندگان را کمتر کنید و دوباره آغاز کنید",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting: `amount_rials` leaves `debit` and enters `credit`."""

    key: str
    debit: str
    credit: str
    amount_rials: int
    run_id: int | None = None
    batch_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Balances:
    """A customer's money in rial: spendable, reserved for open runs, reserved for unknown outcomes."""

    available: int
    held: int
    unknown: int


def available(account_id: int) -> str:
    """Return the ledger account of a customer's spendable credit."""
    return f"cust:{account_id}:avail"


def held(account_id: int) -> str:
    """Return the ledger account of credit reserved for open runs."""
    return f"cust:{account_id}:held"


def unknown(account_id: int) -> str:
    """Return the ledger account of credit reserved for batches whose outcome is not known."""
    return f"cust:{account_id}:unknown"


def open_customer(c: Connection, account_id: int) -> None:
    """Open the three floor-zero accounts of a customer."""
    rows = [
        {"id": name(account_id), "account_id": account_id, "floor0": True, "balance_rials": 0}
        for name in (available, held, unknown)
    ]
    c.execute(sa.insert(ledger_account), rows)


def post(c: Connection, entries: list[Entry], *, actor: str, now: datetime) -> None:
    """Post fresh entries together; zero amounts are left out, a key that exists raises Broken.

    Balances move by the sum of all entries, so that a group of batches costs a handful of statements.
    """
    entries = [entry for entry in entries if entry.amount_rials]
    if not entries:
        return
    net: dict[str, int] = defaultdict(int)
    for entry in entries:
        assert entry.amount_rials > 0, entry
        net[entry.debit] -= entry.amount_rials
        net[entry.credit] += entry.amount_rials
    _ensure(c, net)
    for name in sorted(net):  # one order for everybody, so that two posters cannot deadlock
        _move(c, name, net[name])
    rows = [
        {name: getattr(e, name) for name in Entry.__slots__} | {"actor": actor, "at": now} for e in entries
    ]
    try:
        c.execute(_ENTRY, rows)
    except IntegrityError as error:
        first, last = entries[0].key, entries[-1].key
        raise Broken(
            f"ledger: a key of {first} … {last} was posted before",
            f"دفتر کل: کلیدی از «{first}» تا «{last}» پیش‌تر ثبت شده است",
        ) from error


def post_once(c: Connection, entry: Entry, *, actor: str, now: datetime) -> bool:
    """Post an entry unless its key exists; return whether it was posted now."""
    if c.scalar(sa.select(ledger_entry.c.key).where(ledger_entry.c.key == entry.key)):
        return False
    post(c, [entry], actor=actor, now=now)
    return True


def balances(c: Connection, account_id: int) -> Balances:
    """Return the three balances of a customer."""
    rows = c.execute(
        sa.select(ledger_account.c.id, ledger_account.c.balance_rials).where(
            ledger_account.c.account_id == account_id
        )
    )
    found = {row.id.rsplit(":", 1)[1]: row.balance_rials for row in rows}
    return Balances(found.get("avail", 0), found.get("held", 0), found.get("unknown", 0))


def lacking(c: Connection, account_id: int, cost_rials: int) -> InsufficientCredit:
    """Return the refusal that says how much a customer lacks for this cost now."""
    return InsufficientCredit(available(account_id), max(cost_rials - balances(c, account_id).available, 0))


def refunded(c: Connection, run_id: int) -> int:
    """Return what was given back for messages of a run that ended without effect, less what was charged
    again.
    """
    return posted(c, debit=REVENUE, run_id=run_id, key_like=f"run:{run_id}:settle:%")


def refunded_of(c: Connection, run_ids: Iterable[int]) -> dict[int, int]:
    """Return by run what `refunded` says; runs to which nothing came back are left out."""
    e = ledger_entry.c
    back = sa.case((e.debit == REVENUE, e.amount_rials), (e.credit == REVENUE, -e.amount_rials), else_=0)
    query = (
        sa.select(e.run_id, sa.func.sum(back))
        .where(e.run_id.in_(list(run_ids)), e.key.like("run:%:settle:%")).group_by(e.run_id)
    )  # fmt: skip
    return {run_id: int(amount) for run_id, amount in c.execute(query)}


def posted(c: Connection, *, debit: str, run_id: int, key_like: str) -> int:
    """Return what entries of a run with a key of this shape took from `debit`, less what they gave back."""
    signed = sa.case(
        (ledger_entry.c.debit == debit, ledger_entry.c.amount_rials),
        (ledger_entry.c.credit == debit, -ledger_entry.c.amount_rials),
        else_=0,
    )
    query = sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).where(
        ledger_entry.c.run_id == run_id, ledger_entry.c.key.like(key_like)
    )
    return int(c.scalar(query) or 0)


def _ensure(c: Connection, names: Iterable[str]) -> None:
    """Result accounts (revenue, cost, …) come into being when they are first used; customers' never do."""
    results = {name for name in names if not name.startswith("cust:")}
    has = set(c.scalars(_EXISTING, {"ids": sorted(results)})) if results else set()
    for name in sorted(results - has):
        opening = {"id": name, "floor0": False, "balance_rials": 0}
        insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
        c.execute(insert(ledger_account).values(opening).on_conflict_do_nothing())


def _move(c: Connection, name: str, amount_rials: int) -> None:
    """The guard stands in the UPDATE itself: a read before it would let two buyers spend the same credit."""
    if c.execute(_MOVE, {"name": name, "amount": amount_rials}).rowcount == 1:
        return
    has = c.scalar(sa.select(ledger_account.c.balance_rials).where(ledger_account.c.id == name))
    if has is None:
        raise Broken(f"ledger: there is no account {name}", f"دفتر کل: حسابی با نام «{name}» نیست")
    raise InsufficientCredit(name, -amount_rials - has)


# Built once: they run for every group of batches.
_BALANCE = ledger_account.c.balance_rials
_AMOUNT = sa.bindparam("amount", type_=sa.BigInteger)
_EXISTING = sa.select(ledger_account.c.id).where(ledger_account.c.id.in_(sa.bindparam("ids", expanding=True)))
_MOVE = (
    sa.update(ledger_account)
    .where(ledger_account.c.id == sa.bindparam("name"))
    .where(sa.or_(sa.not_(ledger_account.c.floor0), _BALANCE + _AMOUNT >= 0))
    .values(balance_rials=_BALANCE + _AMOUNT)
)
_ENTRY = sa.insert(ledger_entry)
