"""What was reserved for a run beyond what its set costs: an account is told, and holds, a bound.

It is given back where the run comes to its end, or with all that is given back of a run that was stopped:
what is held of such a run must not tell how far the bound was from the set.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records import ledger
from data.records.ledger import Entry
from data.records.runs import HOLDING, Run
from data.store.tables import ledger_entry, run


def give_back(c: Connection, one: Run, *, actor: str, now: datetime) -> None:
    """Give back, once, what was held for a run and its set does not cost."""
    entry = Entry(
        _key(one.id), ledger.held(one.account_id), ledger.available(one.account_id),
        one.held_rials - one.cost_rials, one.id,
    )  # fmt: skip
    if entry.amount_rials:
        ledger.post_once(c, entry, actor=actor, now=now)


def still_held(c: Connection) -> dict[int, int]:
    """Return by customer what runs under way hold beyond the amounts of their batches."""
    r, back = run.c, ledger_entry.c
    given = sa.exists().where(back.key == sa.literal("run:") + sa.cast(r.id, sa.String) + ":over")
    query = sa.select(r.account_id, sa.func.sum(r.held_rials - r.cost_rials)).where(
        r.state.in_(HOLDING), r.held_rials > r.cost_rials, sa.not_(given)
    )
    return {account_id: int(amount) for account_id, amount in c.execute(query.group_by(r.account_id))}


def _key(run_id: int) -> str:
    return f"run:{run_id}:over"
