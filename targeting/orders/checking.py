"""From a campaign file or form to an order that may be stored: its fields, its line, its tree, its times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import Refused
from data.records import lines
from data.records.campaigns import Draft
from data.records.lines import Line
from data.rules import inputs, schedule
from data.rules.advertising import AD, ended
from data.rules.inputs.campaign import Campaign
from data.rules.persian import listed
from data.rules.unseen import is_blank
from data.settings import settings
from data.store.operations import Connection
from targeting import adverts
from targeting.kinds import audience_of, kind_of
from targeting.orders.choosing import inside_audience
from targeting.orders.hours import refuse_never
from targeting.texts import checked
from targeting.tree import canonical, parse_audience


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who orders: the account, the name for the trace, the idempotency token."""

    account_id: int
    actor: str
    token: str


def draft_of(c: Connection, obj: dict[str, Any], who: Orderer, *, now: datetime) -> Draft:
    """Return the draft of a campaign file (cli.md); raise Refused naming the field and the mend."""
    given = inputs.accept(Campaign, obj)
    line = _line(c, given.line, who.account_id)
    checked(given.text)
    with inside_audience():
        audience = audience_of(given.audience, given.kind)
        meant = canonical(audience)
        parse_audience(meant)  # what a kind adds may nest it deeper than a tree may be
    adverts.refuse_unable(line, audience, lines.of_account(c, who.account_id))
    advertising = adverts.follows(line, audience, given.advertising)
    start_at = _start(given.start_at, now)
    recurrence = _recurrence(given.recurrence or schedule.Recurrence(), start_at or now)
    refuse_never(line, given.quiet_hours)
    return Draft(
        account_id=who.account_id, line_id=line.id, title=_title(given.title, given.text),
        kind=kind_of(audience), text=ended(given.text) if line.kind == AD else given.text,
        audience=meant, advertising=advertising, token=who.token,
        created_by=who.actor, start_at=start_at,
        recurrence=None if recurrence.every == "once" else recurrence.to_json(),
        quiet_hours=given.quiet_hours,
    )  # fmt: skip


def _line(c: Connection, name: str, account_id: int) -> Line:
    own = lines.of_account(c, account_id)
    found = next((line for line in own if line.name == name), None)
    if found:
        return found
    names = [line.name for line in own]
    raise Refused(
        "line",
        f"name a line of this account ({', '.join(names) or 'none yet: chapar line create'})",
        f"خطی از همین حساب را بنویسید ({listed(names) or 'هنوز خطی نیست: `chapar line create`'})",
    )


def _recurrence(recurrence: schedule.Recurrence, start: datetime) -> schedule.Recurrence:
    """The series of an order; one that ends before it begins would never send."""
    if recurrence.until and recurrence.until < start.astimezone(ZoneInfo(settings().timezone)).date():
        raise Refused(
            "recurrence.until",
            "is before the first send: give a later day, or none",
            "پیش از نخستین ارسال است: روزی دیرتر بنویسید یا ننویسید",
        )
    return recurrence


def _title(given: str, text: str) -> str:
    seen = (line.strip() for line in text.splitlines() if not is_blank(line))
    return given or next(seen)[:60]


def _start(at: datetime | None, now: datetime) -> datetime | None:
    """Without a zone it is the home's civil time; never in the past, at most a year ahead."""
    if at is None:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings().timezone))
    days = settings().schedule.max_days
    if at < now - timedelta(seconds=60):
        raise Refused(
            "start_at",
            "this time is past; choose a later one or leave it empty",
            "این زمان گذشته است؛ زمانی دیرتر برگزینید یا خالی بگذارید",
        )
    if at > now + timedelta(days=days):
        raise Refused("start_at", f"choose a time within {days} days", f"زمانی تا {days} روز آینده برگزینید")
    return at
