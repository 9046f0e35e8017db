"""Batches in operations: planned, claimed, moved. Every change of state is one statement with its guard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records import batch_statements as statements
from data.records.batch_statements import IDS, NOW
from data.records.processes import Owner
from data.store.tables import attempt, batch, evidence

OPEN = ("ready", "sending", "unknown")
CHUNK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of `batch`: one gateway call and where it stands."""

    id: int
    run_id: int
    seq: int
    pos_from: int
    n: int
    amount_rials: int
    state: str
    attempt: int
    tries: int
    moves: int
    amb: bool
    token: str | None
    owner_host: str | None
    owner_pid: int | None
    owner_started: str | None
    ref: str
    fingerprint: str | None  # of the gateway its attempts were made at
    gateway_class: str | None  # frozen at the first attempt; may only fall
    suppressed: list[int] | None
    why: str | None
    lease_until: datetime | None
    quiet_at: datetime | None
    ready_at: datetime
    first_sent_at: datetime | None
    horizon_at: datetime | None
    version: int  # rises with every change of the row

    @property
    def owner(self) -> Owner | None:
        """The process that holds or last held it; None when its attempt came to an end in order."""
        if self.owner_host is None or self.owner_pid is None:
            return None
        return Owner(self.owner_host, self.owner_pid, self.owner_started or "")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims, under which token, for how long; at which gateway, and what it promises now."""

    token: str
    owner: Owner
    now: datetime
    lease: timedelta
    quiet: timedelta
    horizon: timedelta
    fingerprint: str = ""
    gateway_class: str = "G0"

    def holds(self, batch: Batch) -> str:
        """Return the class that a batch has once it is claimed so."""
        return min(batch.gateway_class or self.gateway_class, self.gateway_class)


def insert(c: Connection, rows: list[dict[str, Any]]) -> None:
    """Plan batches: run_id, seq, pos_from, n, amount_rials, ref, ready_at."""
    for start in range(0, len(rows), CHUNK_ROWS):
        c.execute(sa.insert(batch), [{"state": "ready"} | row for row in rows[start : start + CHUNK_ROWS]])


def due(c: Connection, run_ids: Iterable[int], *, now: datetime, limit: int) -> list[Batch]:
    """Return batches that may be claimed now, round robin over the runs so that a small one never starves."""
    return [Batch(*row) for row in c.execute(_DUE, {"runs": list(run_ids), "now": now, "most": limit})]


def claim(c: Connection, seen: Iterable[Batch], by: Claim) -> list[Batch]:
    """T1: take what is still ready, of runs still running on lines not stopped; return it as it now stands.

    `seen` are the batches as they were read before; one whose version is still the same is not read again.
    """
    known = {batch.id: batch for batch in seen}
    ids = {"ids": list(known)}
    if c.dialect.name == "postgresql":  # a pause waits for this claim; SQLite has one writer anyway
        c.execute(statements.HOLD_RUNS, ids).all()
    at = {"mark": by.fingerprint, "class_": by.gateway_class}
    free = dict(c.execute(statements.FREE, ids | at | {"now": by.now}).all())
    if not free:
        return []
    values = {
        "ids": list(free), "token_": by.token, "host": by.owner.host, "pid": by.owner.pid,
        "started": by.owner.started, "lease": by.now + by.lease, "quiet": by.now + by.quiet, "first": by.now,
        "last": by.now + by.horizon, **at,
    }  # fmt: skip
    c.execute(statements.TAKE, values)
    changed = [key for key, version in free.items() if known[key].version != version]
    fresh = {batch.id: batch for batch in of_ids(c, changed)} if changed else {}
    claimed = [fresh.get(key) or _taken(known[key], by) for key in free]
    c.execute(
        statements.ATTEMPT,
        [
            {
                "batch_id": b.id, "n": b.attempt, "token": by.token, "claimed_at": by.now,
                "fingerprint": b.fingerprint, "gateway_class": b.gateway_class,
            }
            for b in claimed
        ],
    )  # fmt: skip
    return claimed


def _taken(batch: Batch, by: Claim) -> Batch:
    """Say of an unchanged batch what TAKE has made of it."""
    return replace(
        batch, state="sending", token=by.token, attempt=batch.attempt + 1, version=batch.version + 1,
        why=None, owner_host=by.owner.host, owner_pid=by.owner.pid, owner_started=by.owner.started,
        fingerprint=by.fingerprint, gateway_class=by.holds(batch),
        lease_until=by.now + by.lease, quiet_at=by.now + by.quiet,
        first_sent_at=batch.first_sent_at or by.now, horizon_at=batch.horizon_at or by.now + by.horizon,
    )  # fmt: skip


def suppress(c: Connection, batch_id: int, *, positions: list[int], amount_rials: int) -> None:
    """Leave positions of a claimed batch out; `amount_rials` is what it still costs."""
    c.execute(
        sa.update(batch)
        .where(batch.c.id == batch_id)
        .values(
            suppressed=positions,
            amount_rials=amount_rials,
            moves=batch.c.moves + 1,
            version=batch.c.version + 1,
        )
    )


def locked(c: Connection, ids: Iterable[int]) -> dict[int, Batch]:
    """Return batches as they stand now, locked in key order until the transaction ends."""
    return {row.id: Batch(*row) for row in c.execute(_LOCKED, {"ids": list(ids)})}


def still(c: Connection, seen: dict[int, Batch]) -> dict[int, Batch]:
    """Lock batches and return them as they stand now; those that did not change since are not read again."""
    versions = dict(c.execute(statements.VERSIONS, {"ids": list(seen)}).all())
    if all(versions.get(key) == batch.version for key, batch in seen.items()):
        return seen
    return locked(c, seen)


def of_ids(c: Connection, ids: Iterable[int]) -> list[Batch]:
    """Return batches as they stand, not locked, in key order."""
    return [Batch(*row) for row in c.execute(_OF_IDS, {"ids": list(ids)})]


def in_state(c: Connection, state: str, *, run_id: int | None = None, limit: int = CHUNK_ROWS) -> list[Batch]:
    """Return batches in a state, oldest first."""
    query = sa.select(batch).where(batch.c.state == state).order_by(batch.c.id).limit(limit)
    if run_id is not None:
        query = query.where(batch.c.run_id == run_id)
    return [of_row(row) for row in c.execute(query)]


def of_run(c: Connection, run_id: int, *, states: Iterable[str] | None = None) -> list[Batch]:
    """Return the batches of a run in order."""
    query = sa.select(batch).where(batch.c.run_id == run_id).order_by(batch.c.seq)
    if states is not None:
        query = query.where(batch.c.state.in_(list(states)))
    return [of_row(row) for row in c.execute(query)]


def end(
    c: Connection, ids: list[int], *, to: str, now: datetime, expected: Iterable[str], why: str | None = None
) -> None:
    """Bring batches to an end; each must be in an expected state, or the caller's transaction is wrong."""
    if ids:
        values = {"ids": ids, "expected": list(expected), "to": to, "now": now, "because": why and why[:500]}
        moved = c.execute(statements.END, values).rowcount
        assert moved == len(ids), (ids, to, moved)


def to_ready(
    c: Connection, batch_id: int, *, ready_at: datetime, why: str, moves: int = 0, forget: bool = False
) -> None:
    """Let a batch be claimed again; `forget` clears the mark of lost answers after proof that nothing
    arrived.

    What was certainly never sent has no first time and no horizon yet.
    """
    values: dict[str, Any] = {
        "state": "ready", "token": None, "lease_until": None, "ready_at": ready_at, "why": why[:500],
        "owner_host": None, "owner_pid": None, "owner_started": None,
        "moves": batch.c.moves + moves, "version": batch.c.version + 1,
        "first_sent_at": sa.case((batch.c.amb, batch.c.first_sent_at), else_=sa.null()),
        "horizon_at": sa.case((batch.c.amb, batch.c.horizon_at), else_=sa.null()),
    }  # fmt: skip
    if forget:
        values |= {"amb": False, "first_sent_at": None, "horizon_at": None}
    c.execute(sa.update(batch).where(batch.c.id == batch_id).values(**values))


def to_unknown(
    c: Connection, batch_id: int, *, why: str, lost: bool, ended: bool, look_at: datetime,
    frozen: timedelta = timedelta(0),
) -> None:  # fmt: skip
    """Say that the outcome is not known. `lost`: an attempt's answer is; `ended`: its owner told us so
    itself.

    `frozen`: how long after its lease that owner came back; what it wrote then needs its own quiet time.
    """
    values: dict[str, Any] = {
        "state": "unknown", "token": None, "lease_until": None, "amb": True, "moves": batch.c.moves + 1,
        "tries": batch.c.tries + int(lost), "why": why[:500], "ready_at": look_at,
        "version": batch.c.version + 1,
    }  # fmt: skip
    if ended:
        values |= {"owner_host": None, "owner_pid": None, "owner_started": None}
    if frozen > timedelta(0):
        quiet_at = c.scalar(sa.select(batch.c.quiet_at).where(batch.c.id == batch_id))
        values["quiet_at"] = quiet_at and quiet_at + frozen
    c.execute(sa.update(batch).where(batch.c.id == batch_id).values(**values))


def look_again(c: Connection, batch_id: int, *, at: datetime, why: str) -> None:
    """Ask about an unknown batch again at a moment."""
    statement = sa.update(batch).where(batch.c.id == batch_id, batch.c.state == "unknown")
    c.execute(statement.values(ready_at=at, why=why[:500], version=batch.c.version + 1))


def answered(c: Connection, rows: list[dict[str, Any]]) -> None:
    """Write down what attempts were answered: b_batch, b_n, b_outcome, b_status, b_bytes, b_why, b_head,
    b_at.
    """
    if rows:
        c.execute(statements.ANSWERED, rows)


def note(c: Connection, batch_id: int, *, kind: str, text: str, now: datetime) -> None:
    """Keep a piece of evidence about a batch."""
    c.execute(sa.insert(evidence).values(batch_id=batch_id, kind=kind, note=text[:4000], at=now))


def attempts_of(c: Connection, batch_id: int) -> list[dict[str, Any]]:
    """Return the attempts at a batch, in order."""
    query = sa.select(attempt).where(attempt.c.batch_id == batch_id).order_by(attempt.c.n)
    return [dict(row) for row in c.execute(query).mappings()]


def evidence_of(c: Connection, batch_id: int) -> list[dict[str, Any]]:
    """Return the evidence about a batch, in order."""
    query = sa.select(evidence).where(evidence.c.batch_id == batch_id).order_by(evidence.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def of_row(row: sa.Row[tuple[object, ...]]) -> Batch:
    """Return the batch that a row of the table holds."""
    return Batch(*(getattr(row, name) for name in Batch.__slots__))


# The statements of the dispatch loop are built once: building one costs more than running it.
_COLUMNS = [batch.c[name] for name in Batch.__slots__]
_OF_IDS = sa.select(*_COLUMNS).where(batch.c.id.in_(IDS)).order_by(batch.c.id)
_LOCKED = _OF_IDS.with_for_update()
_DUE = (
    sa.select(*_COLUMNS)
    .where(batch.c.state == "ready", batch.c.run_id.in_(sa.bindparam("runs", expanding=True)))
    .where(batch.c.ready_at <= NOW)
    .order_by(batch.c.seq, batch.c.run_id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
