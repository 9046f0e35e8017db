"""Messages that people sent to our lines: a row each, entered once, and what was heard of a pair lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data.rules.msisdn import asserted
from data.store.tables import inbound, line, line_share, reply

ROWS_MAX = 5_000  # of one transaction
MOMENT = pl.Datetime("us", "UTC")
HEARD = pl.Schema(
    {"line_id": pl.Int64(), "msisdn": pl.UInt64(), "folded": pl.String(), "received_at": MOMENT}
)
_LINES = pl.Schema({"line_id": pl.Int64(), "name": pl.String(), "gateway": pl.String(), "owner": pl.Int64()})


def enter(c: Connection, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Enter messages that are not there yet, in their order; return `id` and `origin` of those entered now.

    One that is known by its place in the spool or by its fingerprint is left out by the database itself.
    """
    assert len(rows) <= ROWS_MAX, len(rows)
    asserted(row["msisdn"] for row in rows if row["msisdn"] is not None)
    made = {"id": pl.Int64(), "origin": pl.String()}
    if not rows:
        return pl.DataFrame(schema=made)
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    fresh = insert(inbound).on_conflict_do_nothing().returning(inbound.c.id, inbound.c.origin)
    return pl.DataFrame([tuple(row) for row in c.execute(fresh, rows)], schema=made, orient="row")


def lines(c: Connection) -> pl.DataFrame:
    """Return every line: line_id, name, gateway, owner."""
    query = sa.select(line.c.id, line.c.name, line.c.gateway, line.c.account_id)
    return pl.DataFrame([tuple(row) for row in c.execute(query)], schema=_LINES, orient="row")


def senders(c: Connection, line_ids: Iterable[int]) -> pl.DataFrame:
    """Return the accounts that write from these lines, owner and others: line_id, account_id."""
    wanted = list(line_ids)
    own = sa.select(line.c.id, line.c.account_id).where(line.c.id.in_(wanted))
    shared = sa.select(line_share.c.line_id, line_share.c.account_id).where(line_share.c.line_id.in_(wanted))
    found = [tuple(row) for row in c.execute(own.union(shared))]
    return pl.DataFrame(found, schema={"line_id": pl.Int64, "account_id": pl.Int64}, orient="row")


def nameless(c: Connection, *, since: datetime) -> pl.DataFrame:
    """Return the messages since a moment that nothing tells from their like: line, sender, text, received_at,
    origin.
    """
    t = inbound.c
    query = sa.select(t.line, t.sender, t.text, t.received_at, t.origin)
    rows = c.execute(query.where(t.fingerprint.is_(None), t.received_at >= since))
    schema = {
        "line": pl.String(), "sender": pl.String(), "text": pl.String(), "received_at": MOMENT,
        "origin": pl.String(),
    }  # fmt: skip
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def newest_words(c: Connection, numbers: list[int], *, below: int) -> pl.DataFrame:
    """Return when each pair last said stop or start, in messages with ids below: line_id, msisdn, said_at."""
    t = inbound.c
    said = t.word.in_(("stop", "start")) & t.msisdn.in_(numbers) & (t.id < below)
    query = sa.select(t.line_id, t.msisdn, sa.func.max(t.at, type_=t.at.type)).where(said)
    rows = c.execute(query.group_by(t.line_id, t.msisdn))
    schema = {"line_id": pl.Int64(), "msisdn": pl.UInt64(), "said_at": MOMENT}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def heard(c: Connection, numbers: list[int], *, since: datetime) -> pl.DataFrame:
    """Return what these numbers wrote since a moment: HEARD."""
    t = inbound.c
    query = sa.select(t.line_id, t.msisdn, t.folded, t.received_at)
    rows = c.execute(query.where(t.msisdn.in_(numbers), t.received_at >= since, t.line_id.is_not(None)))
    return pl.DataFrame([tuple(row) for row in rows], schema=HEARD, orient="row")


def answers(c: Connection, numbers: list[int], *, since: datetime) -> pl.DataFrame:
    """Return the answers given to these numbers since a moment: line_id, msisdn, text, at."""
    t = reply.c
    query = sa.select(t.line_id, t.msisdn, t.text, t.at).where(t.msisdn.in_(numbers), t.at >= since)
    rows = c.execute(query.where(t.state.in_(("waiting", "taken"))))
    schema = {"line_id": pl.Int64(), "msisdn": pl.UInt64(), "text": pl.String(), "at": MOMENT}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def forget_fingerprints(c: Connection, *, before: datetime) -> int:
    """Let messages that came before a moment tell nothing apart any more; return how many did."""
    t = inbound.c
    old = sa.update(inbound).where(t.received_at < before, t.fingerprint.is_not(None))
    return c.execute(old.values(fingerprint=None)).rowcount
