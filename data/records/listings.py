"""Campaigns as report pages list them: newest first, filtered, with their newest run (R2.1-R2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.tables import campaign, line, run

ROWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; None means anything. `since` is inclusive, `until` exclusive, in UTC."""

    kind: str | None = None
    text: str | None = None
    id: int | None = None
    line_id: int | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign with its newest run; without a run the numbers are None."""

    id: int
    run_id: int | None
    title: str
    kind: str
    text: str
    line: str
    state: str  # of the run, else of the campaign
    at: datetime  # when the run was due, else the campaign's next occurrence or making
    recipients: int | None
    parts: int | None
    cost_rials: int | None


def search(
    c: Connection, account_id: int, wanted: Filter, *, limit: int, offset: int = 0
) -> tuple[list[Listed], int]:
    """Return one page of an account's campaigns, and how many there are in all."""
    assert 0 <= limit <= ROWS_MAX, limit
    newest = sa.select(sa.func.max(run.c.id).label("id")).group_by(run.c.campaign_id).subquery()
    last = sa.select(run).join(newest, newest.c.id == run.c.id).subquery()
    state = sa.func.coalesce(last.c.state, campaign.c.state)
    at = sa.func.coalesce(
        last.c.due_at, campaign.c.next_due_at, campaign.c.created_at, type_=campaign.c.created_at.type
    )
    source = campaign.join(line, line.c.id == campaign.c.line_id).outerjoin(
        last, last.c.campaign_id == campaign.c.id
    )
    where = [campaign.c.account_id == account_id, *_conditions(wanted, state, at)]
    query = (
        sa.select(
            campaign.c.id, last.c.id.label("run_id"), campaign.c.title, campaign.c.kind, campaign.c.text,
            line.c.name.label("line"), state.label("state"), at.label("at"), last.c.n, last.c.parts,
            last.c.cost_rials,
        )
        .select_from(source).where(*where).order_by(campaign.c.id.desc()).limit(limit).offset(offset)
    )  # fmt: skip
    total = c.scalar(sa.select(sa.func.count()).select_from(source).where(*where))
    return [Listed(*row) for row in c.execute(query)], int(total or 0)


def kinds(c: Connection, account_id: int) -> list[tuple[str, int]]:
    """Return the kinds an account has campaigns of, with how many, most first."""
    many = sa.func.count()
    query = (
        sa.select(campaign.c.kind, many).where(campaign.c.account_id == account_id).group_by(campaign.c.kind)
    )
    return [(kind, count) for kind, count in c.execute(query.order_by(many.desc(), campaign.c.kind))]


def runs_since(c: Connection, account_id: int, since: datetime) -> list[int]:
    """Return the runs of an account that were due after a moment and have a recipient set."""
    query = sa.select(run.c.id).where(run.c.account_id == account_id, run.c.due_at >= since, run.c.n > 0)
    return list(c.scalars(query.order_by(run.c.id)))


def _conditions(wanted: Filter, state: Any, at: Any) -> list[Any]:
    conditions: list[Any] = []
    for column, value in ((campaign.c.kind, wanted.kind), (campaign.c.id, wanted.id),
                          (campaign.c.line_id, wanted.line_id), (state, wanted.state)):  # fmt: skip
        if value is not None:
            conditions.append(column == value)
    if wanted.text:
        conditions.append(
            campaign.c.title.icontains(wanted.text, autoescape=True)
            | campaign.c.text.icontains(wanted.text, autoescape=True)
        )
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at < wanted.until)
    return conditions
