"""Runs: one occurrence of a campaign, from approved to closed (protocol.md 2.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.records import processes
from data.records.campaigns import Campaign
from data.records.lines import Line
from data.rules import reasons, status, verbs
from data.rules.pricing import Tariff
from data.rules.purposes import Purpose, purpose_of
from data.store.operations import inserted_id
from data.store.tables import batch, run

OPEN = ("approved", "planning", "running", "paused", "closing")
HOLDING = ("running", "paused", "closing")
IDS_SKIPPED, FIRST_ID_FACT = 100_000, "first_run_id"


@dataclass(frozen=True, slots=True)
class Run:
    """One occurrence of a campaign."""

    id: int
    campaign_id: int
    occurrence_key: str
    account_id: int
    line_id: int
    gateway: str
    kind: str
    purpose: Purpose
    unknown_policy: str
    set_path: str | None
    set_sha256: str | None
    n: int
    parts: int
    cost_rials: int
    held_rials: int  # what was reserved for it: the price that its account was told
    bound: dict[str, Any] | None  # what its account is told until all of it was sent; None: the figures here
    by_operator: list[dict[str, Any]] | None
    waterfall: list[dict[str, Any]] | None
    snapshot: str | None
    tariff: Tariff
    text: str
    quiet_hours: dict[str, str] | None
    suppression_seen: int
    state: str
    why: str | None
    settlements: int
    settle_at: datetime | None
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    cancel_at: datetime | None
    closed_at: datetime | None


def sent_whole(state: str, cancel_at: datetime | None) -> bool:
    """Say whether all of a run was sent and came to its end, so that everything may be told of it."""
    return state == "closed" and cancel_at is None


def approve(
    c: Connection, order: Campaign, line: Line, *, key: str, due_at: datetime, now: datetime
) -> tuple[int, bool]:
    """Make the run of one occurrence; the loser of a race gets the winner's id and False (P9)."""
    values = {
        "campaign_id": order.id, "occurrence_key": key, "account_id": order.account_id, "line_id": line.id,
        "gateway": line.gateway, "kind": line.kind, "tariff": line.tariff.to_json(), "text": order.text,
        "purpose": purpose_of(order.kind, advertising=order.advertising), "quiet_hours": order.quiet_hours,
        "state": "approved", "due_at": due_at, "created_at": now,
    }  # fmt: skip
    if first := processes.fact(c, FIRST_ID_FACT):
        values["id"] = sa.select(
            sa.func.max(sa.func.coalesce(sa.func.max(run.c.id), 0) + 1, int(first))
        ).scalar_subquery()
    try:
        with c.begin_nested():
            return inserted_id(c, sa.insert(run).values(**values)), True
    except IntegrityError:
        query = sa.select(run.c.id).where(run.c.campaign_id == order.id, run.c.occurrence_key == key)
        return int(c.execute(query).scalar_one()), False


def skip_ids(c: Connection) -> None:
    """Count new runs from far past the present ones: a copy of this home may have made some that went out.

    Their references are signed alike, so a second run of one number would be taken for the first by gateways
    and receipts.
    """
    first = int(c.scalar(sa.select(sa.func.coalesce(sa.func.max(run.c.id), 0))) or 0) + IDS_SKIPPED
    if c.dialect.name == "postgresql":
        c.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence("run", "id"), first)))
    else:  # SQLite has no sequence to set
        processes.set_fact(c, FIRST_ID_FACT, first)


def get(c: Connection, run_id: int) -> Run:
    """Return a run that is known to exist."""
    return _of(c.execute(sa.select(run).where(run.c.id == run_id)).one())


def find(c: Connection, run_id: int) -> Run | None:
    """Return a run, or None where there is none of that number."""
    row = c.execute(sa.select(run).where(run.c.id == run_id)).first()
    return _of(row) if row else None


def of_campaign(c: Connection, campaign_id: int) -> list[Run]:
    """Return the runs of a campaign, newest first."""
    query = sa.select(run).where(run.c.campaign_id == campaign_id).order_by(run.c.id.desc())
    return [_of(row) for row in c.execute(query)]


def in_states(c: Connection, states: Iterable[str]) -> list[Run]:
    """Return the runs that are in one of these states, oldest first."""
    return [_of(row) for row in c.execute(_IN_STATES, {"states": list(states)})]


def to_settle(c: Connection, *, now: datetime) -> list[Run]:
    """Return the runs whose refunds are due to be computed."""
    return [_of(row) for row in c.execute(sa.select(run).where(run.c.settle_at <= now).order_by(run.c.id))]


def move(c: Connection, run_id: int, *, to: str, expected: Iterable[str], **values: Any) -> bool:
    """Change a run's state if it is in an expected one; return whether it was."""
    statement = sa.update(run).where(run.c.id == run_id, run.c.state.in_(list(expected)))
    return c.execute(statement.values(state=to, **values)).rowcount == 1


def touch_settlement(c: Connection, run_ids: Iterable[int], *, at: datetime) -> None:
    """Ask for refunds of these runs to be computed at a moment, unless an earlier one is set."""
    statement = sa.update(run).where(
        run.c.id.in_(sorted(set(run_ids))), run.c.state.in_((*HOLDING, "closed", "cancelled"))
    )
    c.execute(statement.where(sa.or_(run.c.settle_at.is_(None), run.c.settle_at > at)).values(settle_at=at))


def postpone_settlement(c: Connection, run_id: int, *, expected: datetime | None, at: datetime) -> None:
    """Compute the refunds of a run later, for they cannot be now; an earlier wish of others stands."""
    c.execute(sa.update(run).where(run.c.id == run_id, run.c.settle_at == expected).values(settle_at=at))


def next_settlement(c: Connection, run_id: int) -> int:
    """Count up and return the number of a run's settlement; its postings carry it in their keys."""
    c.execute(sa.update(run).where(run.c.id == run_id).values(settlements=run.c.settlements + 1))
    return int(c.execute(sa.select(run.c.settlements).where(run.c.id == run_id)).scalar_one())


def settled(c: Connection, run_id: int, *, expected: datetime | None) -> None:
    """Say that nothing is left to refund, unless somebody asked again meanwhile."""
    c.execute(sa.update(run).where(run.c.id == run_id, run.c.settle_at == expected).values(settle_at=None))


def existing(c: Connection, run_ids: Iterable[int]) -> list[int]:
    """Return which of these runs there are and have a set."""
    return list(
        c.scalars(sa.select(run.c.id).where(run.c.id.in_(list(run_ids)), run.c.set_path.is_not(None)))
    )


def under_way_since(c: Connection, name: str, since: datetime) -> list[int]:
    """Return the runs that a gateway carries and that were not over at a moment, oldest first."""
    query = sa.select(run.c.id).where(
        run.c.gateway == name, run.c.set_path.is_not(None), run.c.started_at.is_not(None),
        sa.or_(run.c.closed_at.is_(None), run.c.closed_at >= since),
    )  # fmt: skip
    return list(c.scalars(query.order_by(run.c.id)))


def of_gateway(c: Connection, name: str) -> list[int]:
    """Return the runs that a gateway carries or carried."""
    return list(c.scalars(sa.select(run.c.id).where(run.c.gateway == name, run.c.set_path.is_not(None))))


def pause(c: Connection, campaign_id: int) -> list[int]:
    """Let no further batch of a campaign's runs start (P12), and return the runs; what flies is settled."""
    change = {"state": "paused", "why": reasons.BY_A_PERSON}
    return _changed(c, campaign_id, ("running",), change)


def halt(c: Connection, run_id: int, *, why: str) -> bool:
    """Pause one run because something about it is wrong; `why` is shown with it."""
    return move(c, run_id, to="paused", expected=("running",), why=why[:500])


def resume(c: Connection, campaign_id: int) -> list[int]:
    """Let batches of a campaign's runs start again; return the runs."""
    return _changed(c, campaign_id, ("paused",), {"state": "running", "why": None})


def cancel(c: Connection, campaign_id: int, *, now: datetime) -> list[int]:
    """Stop every open run of a campaign for good, whatever its day; return them.

    What has not started is released by the next pass over them.
    """
    return _changed(c, campaign_id, tuple(sorted(verbs.STOPPABLE_RUNS)), {"cancel_at": now})


def open_batches(c: Connection, run_ids: Iterable[int] | None = None) -> dict[str, int]:
    """Return how many batches are ready, sending and unknown, over all runs or some."""
    query = sa.select(batch.c.state, sa.func.count()).where(
        batch.c.state.in_(("ready", "sending", "unknown"))
    )
    if run_ids is not None:
        query = query.where(batch.c.run_id.in_(list(run_ids)))
    found = dict[str, int](c.execute(query.group_by(batch.c.state)).all())
    return {state: found.get(state, 0) for state in ("ready", "sending", "unknown")}


def waiting(c: Connection, campaign_id: int) -> tuple[int, int]:
    """Return how many messages of a campaign are ready to leave, and the rials that are held for them."""
    query = (
        sa.select(sa.func.sum(batch.c.n), sa.func.sum(batch.c.amount_rials))
        .join(run, run.c.id == batch.c.run_id)
        .where(run.c.campaign_id == campaign_id, batch.c.state == "ready")
    )
    messages, rials = c.execute(query).one()
    return int(messages or 0), int(rials or 0)


def has_open_batch(c: Connection, run_id: int) -> bool:
    """Say whether any batch of a run has not come to its end."""
    waiting = batch.c.state.not_in(sorted(status.BATCH_FINAL))
    return c.scalar(sa.select(batch.c.id).where(batch.c.run_id == run_id, waiting).limit(1)) is not None


def batch_at(c: Connection, run_id: int, pos: int) -> int:
    """Return the id of the batch that holds a position of a run's set."""
    b = batch.c
    query = sa.select(b.id).where(b.run_id == run_id, b.pos_from <= pos, b.pos_from + b.n > pos)
    return int(c.execute(query).scalar_one())


def _changed(c: Connection, campaign_id: int, expected: tuple[str, ...], values: dict[str, Any]) -> list[int]:
    """Change the runs of a campaign that are in an expected state and were not told to stop."""
    guard = (run.c.campaign_id == campaign_id, run.c.state.in_(expected), run.c.cancel_at.is_(None))
    return list(c.scalars(sa.update(run).where(*guard).values(**values).returning(run.c.id)))


def _of(row: sa.Row[tuple[object, ...]]) -> Run:
    fields = {name: getattr(row, name) for name in Run.__slots__ if name != "tariff"}
    return Run(tariff=Tariff.from_json(row.tariff), **fields)


_IN_STATES = sa.select(run).where(run.c.state.in_(sa.bindparam("states", expanding=True))).order_by(run.c.id)
