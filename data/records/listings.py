"""Campaigns as report pages list them: newest first, filtered, with their newest run (R2.1-R2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records.campaigns import STANDING
from data.store.tables import account, campaign, line, run

ROWS_MAX = 1_000
_LISTED = campaign.c.kind != STANDING  # answers to people's own messages stand beside those, in the inbox


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; None means anything. `since` is inclusive, `until` exclusive, in UTC.

    `state` is the campaign's or that of its newest run; `account` is a name.
    """

    kind: str | None = None
    text: str | None = None
    id: int | None = None
    account: str | None = None
    line_id: int | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None  # ids under this one: where a listing goes on


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign with its newest run; without a run the numbers are None."""

    id: int
    run_id: int | None
    title: str
    kind: str
    text: str
    line: str
    account: str
    state: str  # of the campaign
    run_state: str | None
    at: datetime  # when the run was due, else the campaign's next occurrence or making
    next_at: datetime | None
    recipients: int | None
    parts: int | None
    price_rials: int | None  # what the run may cost
    bound: dict[str, Any] | None  # what its account is told of the run until all of it was sent
    cancel_at: datetime | None


def search(
    c: Connection, account_id: int | None, wanted: Filter, *, limit: int, offset: int = 0
) -> tuple[list[Listed], int]:
    """Return one page of the campaigns of an account, or of all (None), and how many there are in all."""
    assert 0 <= limit <= ROWS_MAX, limit
    newest = sa.select(sa.func.max(run.c.id).label("id")).group_by(run.c.campaign_id).subquery()
    last = sa.select(run).join(newest, newest.c.id == run.c.id).subquery()
    at = sa.func.coalesce(
        last.c.due_at, campaign.c.next_due_at, campaign.c.created_at, type_=campaign.c.created_at.type
    )
    source = (
        campaign.join(line, line.c.id == campaign.c.line_id)
        .join(account, account.c.id == campaign.c.account_id)
        .outerjoin(last, last.c.campaign_id == campaign.c.id)
    )
    where = [*_own(account_id), _LISTED, *_conditions(wanted, last.c.state, at)]
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            campaign.c.id, last.c.id.label("run_id"), campaign.c.title, campaign.c.kind, campaign.c.text,
            line.c.name.label("line"), account.c.name.label("account"), campaign.c.state,
            last.c.state.label("run_state"), at.label("at"), campaign.c.next_due_at, last.c.n, last.c.parts,
            last.c.cost_rials, last.c.bound, last.c.cancel_at,
        )
        .select_from(source).where(*where).order_by(campaign.c.id.desc()).limit(limit).offset(offset)
    )  # fmt: skip
    total = c.scalar(sa.select(sa.func.count()).select_from(source).where(*where))
    return [Listed(*row) for row in c.execute(query)], int(total or 0)


def kinds(c: Connection, account_id: int | None) -> list[tuple[str, int]]:
    """Return the kinds an account (None: any) has campaigns of, with how many, most first."""
    many = sa.func.count()
    query = sa.select(campaign.c.kind, many).where(*_own(account_id), _LISTED).group_by(campaign.c.kind)
    return [(kind, count) for kind, count in c.execute(query.order_by(many.desc(), campaign.c.kind))]


def runs_since(c: Connection, account_id: int | None, since: datetime) -> list[int]:
    """Return the runs of an account (None: of all) that were due after a moment and have a recipient set."""
    query = sa.select(run.c.id).where(run.c.due_at >= since, run.c.n > 0)
    if account_id is not None:
        query = query.where(run.c.account_id == account_id)
    return list(c.scalars(query.order_by(run.c.id)))


def _own(account_id: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if account_id is None else [campaign.c.account_id == account_id]


def _conditions(wanted: Filter, run_state: Any, at: Any) -> list[Any]:
    conditions: list[Any] = []
    if wanted.below is not None:
        conditions.append(campaign.c.id < wanted.below)
    if wanted.state is not None:
        conditions.append(sa.or_(campaign.c.state == wanted.state, run_state == wanted.state))
    for column, value in (
        (campaign.c.kind, wanted.kind), (campaign.c.id, wanted.id),
        (campaign.c.line_id, wanted.line_id), (account.c.name, wanted.account),
    ):  # fmt: skip
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
