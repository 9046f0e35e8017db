"""Campaigns: one order to send, stored once per idempotency token (R1.18, A02)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.errors import Refused
from data.rules import status, verbs
from data.store.operations import inserted_id
from data.store.tables import campaign, run

LIVE = ("scheduled", "active")
KEPT = (*LIVE, "paused")  # occurrences of it fall due, be it only to be missed
OVER = tuple(sorted(verbs.OVER))
STANDING = "reply"  # the kind of the order behind a line's answers: it is in no list and does not end
ORDERED = (  # what makes an order another one
    "line_id", "title", "kind", "text", "audience", "advertising", "start_at", "recurrence", "quiet_hours"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that was checked (`targeting.orders.checking`) and may be stored."""

    account_id: int
    line_id: int
    title: str
    kind: str
    text: str
    audience: dict[str, Any]
    advertising: bool
    token: str
    created_by: str
    start_at: datetime | None = None
    recurrence: dict[str, Any] | None = None
    quiet_hours: dict[str, str] | None = None
    quoted_rials: int = 0  # what one occurrence costs as it was quoted


@dataclass(frozen=True, slots=True)
class Campaign:
    """A stored order and where it stands."""

    id: int
    account_id: int
    line_id: int
    title: str
    kind: str
    text: str
    audience: dict[str, Any]
    advertising: bool
    start_at: datetime | None
    recurrence: dict[str, Any] | None
    quiet_hours: dict[str, str] | None
    state: str
    next_due_at: datetime | None
    created_by: str
    created_at: datetime
    anchor_at: datetime | None
    quoted_rials: int
    held_rials: int


def create(c: Connection, draft: Draft, *, now: datetime, scheduled: bool = True) -> int:
    """Store an order, due at once or at its time; the same token again returns the first order's id.
    """
    same = sa.select(campaign).where(
        campaign.c.account_id == draft.account_id, campaign.c.token == draft.token
    )
    if known := c.execute(same).first():
        return int(known.id)
    values = asdict(draft) | {"state": "scheduled" if scheduled else "draft", "created_at": now}
    values["next_due_at"] = values["anchor_at"] = (draft.start_at or now) if scheduled else None
    try:
        with c.begin_nested():
            campaign_id = inserted_id(c, sa.insert(campaign).values(**values))
    except IntegrityError:  # somebody with the same token was quicker
        return int(c.execute(same).one().id)
    return campaign_id


def rewrite(
    c: Connection, found: Campaign, draft: Draft, *, due: datetime | None, anchor: datetime | None
) -> list[str]:
    """Put an order in the place of a stored one, with its times; return the names of what differs."""
    changed = [name for name in ORDERED if _stored(found, name) != _stored(draft, name)]
    values = {name: getattr(draft, name) for name in (*ORDERED, "quoted_rials")}
    _move(c, found.id, values | {"next_due_at": due, "anchor_at": anchor})
    return changed


def standing(c: Connection, account_id: int, line_id: int, *, now: datetime) -> Campaign:
    """Return the order behind a line's answers to people's own messages; it is made when first needed."""
    token = f"{STANDING}:{line_id}"
    draft = Draft(account_id, line_id, "پاسخ‌ها", STANDING, "{reply}", {"any": []}, False, token, STANDING)
    same = sa.select(campaign).where(campaign.c.account_id == account_id, campaign.c.token == token)
    if known := c.execute(same).first():
        return _of(known)
    values = asdict(draft) | {"state": "active", "next_due_at": None, "created_at": now}
    try:
        with c.begin_nested():
            c.execute(sa.insert(campaign).values(**values))
    except IntegrityError:
        pass  # somebody was quicker
    return _of(c.execute(same).one())


def get(c: Connection, campaign_id: int, *, account_id: int | None, lock: bool = False) -> Campaign:
    """Return a campaign of this account (None = the operator's command: of any); refuse others as unknown."""
    query = sa.select(campaign).where(campaign.c.id == campaign_id)
    if account_id is not None:
        query = query.where(campaign.c.account_id == account_id)
    row = c.execute(query.with_for_update() if lock else query).first()
    if not row:
        raise Refused(
            "campaign", f"there is no campaign {campaign_id}: `campaign create` and reports tell the numbers",
            f"کارزاری با شمارهٔ {campaign_id} نیست؛ شماره را در گزارش‌ها ببینید",
        )  # fmt: skip
    return _of(row)


def audiences_in_use(c: Connection) -> list[dict[str, Any]]:
    """Return the audiences of all orders of which something may still be sent."""
    return list(c.scalars(sa.select(campaign.c.audience).where(campaign.c.state.not_in(OVER))))


def start(c: Connection, found: Campaign, *, now: datetime) -> None:
    """Make a draft due: now, or at its own time."""
    if found.state != "draft":
        raise Refused(
            "campaign",
            f"it is {found.state}, not a draft; its report says where it stands, a new campaign sends again",
            f"این کارزار پیش‌نویس نیست ({_label(found)})؛ وضعیتش را در گزارش آن ببینید و برای ارسال دوباره "
            "کارزاری تازه بسازید",
        )
    due = max(found.start_at or now, now)
    anchor = found.start_at or due
    _move(c, found.id, {"state": "scheduled", "next_due_at": due, "anchor_at": anchor})


def due(c: Connection, *, now: datetime, lock: bool = False) -> list[Campaign]:
    """Return the campaigns of which an occurrence is due, oldest first, paused ones too: theirs are missed.

    Locked by id if they are to be started.
    """
    query = sa.select(campaign).where(campaign.c.state.in_(KEPT), campaign.c.next_due_at <= now)
    if lock:
        return [_of(row) for row in c.execute(query.order_by(campaign.c.id).with_for_update())]
    return [_of(row) for row in c.execute(query.order_by(campaign.c.next_due_at, campaign.c.id))]


def set_next(c: Connection, campaign_id: int, next_due_at: datetime | None) -> None:
    """Move on to the next occurrence; None means that there is none after this one. A paused one stays so."""
    state = sa.case((campaign.c.state == "paused", "paused"), else_="active")
    _move(c, campaign_id, {"state": state, "next_due_at": next_due_at})


def quote(c: Connection, campaign_id: int, rials: int) -> None:
    """Keep what one occurrence of a campaign costs as it is known now."""
    _move(c, campaign_id, {"quoted_rials": rials})


def end(c: Connection, campaign_id: int) -> None:
    """Close a campaign that has neither an open run nor another occurrence."""
    statement = sa.update(campaign).where(campaign.c.id == campaign_id, campaign.c.state.in_(KEPT))
    over = (campaign.c.next_due_at.is_(None), campaign.c.kind != STANDING)
    c.execute(statement.where(*over).values(state="ended"))


def halt(c: Connection, campaign_id: int) -> bool:
    """Take back what has not started: no further occurrence begins. Return whether there was anything."""
    statement = sa.update(campaign).where(campaign.c.id == campaign_id, campaign.c.state.not_in(OVER))
    return c.execute(statement.values(state="stopped", next_due_at=None)).rowcount == 1


def pause(c: Connection, campaign_id: int, *, mid_run: bool) -> bool:
    """Let no occurrence begin until `resume`; return whether one was to come, or a run was paused with it."""
    statement = sa.update(campaign).where(campaign.c.id == campaign_id, campaign.c.state.in_(LIVE))
    if not mid_run:
        statement = statement.where(campaign.c.next_due_at.is_not(None))
    return c.execute(statement.values(state="paused")).rowcount == 1


def resume(c: Connection, campaign_id: int) -> bool:
    """Let occurrences begin again; return whether it was paused."""
    statement = sa.update(campaign).where(campaign.c.id == campaign_id, campaign.c.state == "paused")
    begun = sa.exists().where(run.c.campaign_id == campaign_id)
    state = sa.case((begun, "active"), else_="scheduled")
    return c.execute(statement.values(state=state)).rowcount == 1


def _stored(order: Campaign | Draft, name: str) -> Any:
    """Return a value as it comes back from the store: JSON knows no tuples."""
    value = getattr(order, name)
    return json.loads(json.dumps(value)) if isinstance(value, dict) else value


def _label(found: Campaign) -> str:
    return status.CAMPAIGN_LABELS[found.state][0]


def _move(c: Connection, campaign_id: int, values: dict[str, Any]) -> None:
    c.execute(sa.update(campaign).where(campaign.c.id == campaign_id).values(**values))


def _of(row: sa.Row[tuple[object, ...]]) -> Campaign:
    return Campaign(
        row.id, row.account_id, row.line_id, row.title, row.kind, row.text, row.audience, row.advertising,
        row.start_at, row.recurrence, row.quiet_hours, row.state, row.next_due_at, row.created_by,
        row.created_at, row.anchor_at, row.quoted_rials, row.held_rials,
    )  # fmt: skip
