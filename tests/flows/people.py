"""People who write to our lines: bodies as a gateway posts them, brought through the spool."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import sqlalchemy as sa

from data import clock as the_clock
from data.store import operations, spool
from data.store.tables import inbound, reply, suppression
from flows.steps import hearing, replying
from flows.steps.toolbox import Toolbox

ALI, SARA = 989121230001, 989121230002
_counted = iter(range(1, 10**9))


def message(text: str, sender: int | str = ALI, **more: Any) -> dict[str, Any]:
    """A message to line 3000 with an id of its own, of now."""
    usual = {
        "id": f"m{next(_counted)}", "from": str(sender), "to": "3000", "text": text,
        "at": the_clock.now().isoformat(),
    }  # fmt: skip
    return {name: value for name, value in (usual | more).items() if value is not None}


def arrive(*bodies: dict[str, Any] | list[Any] | str, gateway: str = "sim") -> None:
    """Put webhook bodies into the spool, sealed."""
    mouth = spool.Spool()
    raw = [one if isinstance(one, str) else json.dumps(one) for one in bodies]
    for wait in [mouth.append(gateway, "mo", "application/json", body.encode()) for body in raw]:
        wait.result(10)
    mouth.close()


def hear(box: Toolbox, *bodies: dict[str, Any] | list[Any] | str, gateway: str = "sim") -> dict[str, int]:
    """Bring bodies in and queue what is owed; return the command's document."""
    arrive(*bodies, gateway=gateway)
    heard, answered = hearing.drain(box), replying.answer(box)
    return {name: getattr(one, name) for one in (heard, answered) for name in one.__slots__}


def rows(table: sa.Table) -> pl.DataFrame:
    """Every row of a table, oldest first."""
    with operations.reading() as c:
        found = [dict(row) for row in c.execute(sa.select(table)).mappings()]
    return pl.DataFrame(found, infer_schema_length=None)


def messages() -> pl.DataFrame:
    return rows(inbound)


def replies() -> list[tuple[int, str, str | None]]:
    with operations.reading() as c:
        found = c.execute(sa.select(reply.c.msisdn, reply.c.state, reply.c.why).order_by(reply.c.inbound_id))
        return [tuple(row) for row in found]


def out() -> set[tuple[int | None, int]]:
    """Which account and number has an opt-out in force."""
    with operations.reading() as c:
        live = sa.select(suppression.c.account_id, suppression.c.msisdn)
        live = live.where(suppression.c.lifted_at.is_(None), suppression.c.why == "opt_out")
        return {tuple(row) for row in c.execute(live)}
