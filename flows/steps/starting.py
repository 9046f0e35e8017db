"""Due campaigns become runs: each occurrence once, a late one announced and never sent silently (P9, P10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from data import clock
from data.errors import Refused
from data.records import audit, campaigns, doubt, holds, home, lines, runs
from data.records.campaigns import Campaign
from data.rules import schedule
from data.settings import settings
from data.store import operations
from data.store.operations import Connection
from data.use_cases import campaigns as verbs
from data.use_cases.floor import OPERATOR, Who

ACTOR = "schedule"


def start_due() -> list[int]:
    """Approve the runs of every campaign that is due; return their ids."""
    now = clock.now()
    with operations.reading() as c:
        due, bare = campaigns.due(c, now=now), holds.uncovered(c)
    for campaign_id, rials in bare:
        operations.transact(partial(_cover, campaign_id=campaign_id, rials=rials, now=now))
    if not due:
        return []
    with operations.writing() as c:  # read again inside: another may have started or stopped them meanwhile
        return [run_id for order in campaigns.due(c, now=now, lock=True) for run_id in _start(c, order, now)]


def start_campaign(campaign_id: int, who: Who = OPERATOR) -> int:
    """Approve the run of one campaign now, whatever its time; return the newest run's id.

    A draft is started by `who`, with the right that takes and in that name.
    """
    if _state(campaign_id) == "draft":
        try:
            verbs.start(who, campaign_id)
        except Refused:
            if _state(campaign_id) == "draft":  # else somebody else was quicker
                raise
    now = clock.now()
    with operations.writing() as c:
        order = campaigns.get(c, campaign_id, account_id=None, lock=True)
        if order.next_due_at is not None and order.next_due_at <= now:
            _start(c, order, now)
        found = runs.of_campaign(c, campaign_id)
    return found[0].id if found else 0


def _state(campaign_id: int) -> str:
    with operations.reading() as c:
        return campaigns.get(c, campaign_id, account_id=None).state


def _cover(c: Connection, campaign_id: int, rials: int, now: datetime) -> None:
    """Hold what there was no credit for when the last run was planned, once it is there."""
    order = campaigns.get(c, campaign_id, account_id=None, lock=True)
    to_come = order.state in campaigns.KEPT and order.next_due_at is not None and order.next_due_at > now
    if to_come and not order.held_rials:
        holds.take_if_there(c, campaign_id, rials, actor=ACTOR, now=now)


def _start(c: Connection, order: Campaign, now: datetime) -> list[int]:
    recurrence = schedule.parse_recurrence(order.recurrence)
    assert order.next_due_at, order.id
    begin = order.anchor_at or order.next_due_at
    lateness = timedelta(minutes=settings().schedule.max_lateness_minutes)
    todo = schedule.due_now(
        recurrence,
        start=begin,
        due=order.next_due_at,
        now=now,
        max_lateness=lateness,
        zone=settings().timezone,
    )
    why_not = _why_not(c, order, todo.run)
    for missed in todo.missed:
        _miss(c, order, missed, now, why=why_not or "too late to be sent")
    if why_not and todo.run is not None:
        _miss(c, order, todo.run, now, why=why_not)
    campaigns.set_next(c, order.id, todo.next_at)
    if why_not or todo.run is None:
        holds.release_if_over(c, order.id, actor=ACTOR, now=now)
        campaigns.end(c, order.id)
        return []
    run_id, _ = runs.approve(
        c, order, lines.get(c, order.line_id), key=_key(todo.run), due_at=todo.run, now=now
    )
    return [run_id]


def _why_not(c: Connection, order: Campaign, at: datetime | None) -> str | None:
    """Return why an occurrence that is due is missed all the same, or None."""
    if order.state == "paused":
        return "the campaign was paused"
    released_at = home.doubtful_since(c)
    return doubt.WHY if released_at and at and at <= released_at else None


def _miss(c: Connection, order: Campaign, at: datetime, now: datetime, *, why: str) -> None:
    run_id, fresh = runs.approve(c, order, lines.get(c, order.line_id), key=_key(at), due_at=at, now=now)
    if fresh:
        runs.move(c, run_id, to="missed", expected=("approved",), why=why, closed_at=now)
        audit.write(c, "run.missed", actor=ACTOR, now=now, account_id=order.account_id, subject=str(run_id))


def _key(at: datetime) -> str:
    return schedule.occurrence_key(at, settings().timezone)
