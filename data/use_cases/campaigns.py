"""What one may do with a campaign: start, pause, resume, stop; what is told of it stands in `reports`.

A verb speaks of the order and of every open run of it: whoever stops a campaign stops yesterday's run too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.errors import Refused
from data.records import campaigns, holds, runs
from data.records.campaigns import Campaign
from data.records.ledger import InsufficientCredit
from data.records.runs import Run
from data.rules.status import CAMPAIGN_LABELS, RUN_FINAL, RUN_LABELS
from data.rules.verbs import Standing, Verb, verbs_of
from data.use_cases import veil
from data.use_cases.floor import Case, question, use_case


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did: the state of the order now, the runs it changed, and when the next occurrence is."""

    campaign_id: int
    state: str
    run_ids: tuple[int, ...]
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may be done with a campaign; how many messages have not left and what is held for them and the
    next occurrence (rials): a stop gives it back; when that occurrence is due. `at_most`: these are bounds.
    """

    verbs: tuple[Verb, ...]
    messages: int
    rials: int
    next_due_at: datetime | None
    at_most: bool = False


@use_case("campaign.start", right="send")
def start(case: Case, campaign_id: int) -> Done:
    """Make a draft due: at once, or at its own time, for which its price is held from now on."""
    found = _found(case, campaign_id)
    campaigns.start(case.c, found, now=case.now)
    if found.start_at is not None and found.start_at > case.now:
        try:
            holds.take(case.c, campaign_id, found.quoted_rials, actor=case.who.name, now=case.now)
        except InsufficientCredit as short:
            raise short.before_it_begins() from short
    return _done(case, campaign_id, [])


@use_case("campaign.stop", right="send")
def stop(case: Case, campaign_id: int) -> Done:
    """Stop for good: no further occurrence begins, and of every open run what has not left is given back."""
    found = _found(case, campaign_id)
    if "stop" not in verbs_of(_standing(case, found)):
        raise _unchanged(found, _newest(case, found))
    campaigns.halt(case.c, campaign_id)
    holds.release(case.c, campaign_id, actor=case.who.name, now=case.now)
    return _done(case, campaign_id, runs.cancel(case.c, campaign_id, now=case.now))


@use_case("campaign.pause", right="send")
def pause(case: Case, campaign_id: int) -> Done:
    """Let no further batch start and no occurrence begin; occurrences meanwhile are missed, and said so."""
    found = _found(case, campaign_id)
    changed = runs.pause(case.c, campaign_id)
    if not campaigns.pause(case.c, campaign_id, mid_run=bool(changed)) and not changed:
        raise _unchanged(found, _newest(case, found))
    return _done(case, campaign_id, changed)


@use_case("campaign.resume", right="send")
def resume(case: Case, campaign_id: int) -> Done:
    """Let batches start and occurrences begin again."""
    found = _found(case, campaign_id)
    changed = runs.resume(case.c, campaign_id)
    if not campaigns.resume(case.c, campaign_id) and not changed:
        raise _unchanged(found, _newest(case, found))
    return _done(case, campaign_id, changed)


@question("campaign.verbs")
def verbs(case: Case, campaign_id: int) -> tuple[Verb, ...]:
    """Return what may be done with a campaign now."""
    found = campaigns.get(case.c, campaign_id, account_id=case.who.account_id)
    return verbs_of(_standing(case, found))


@question("campaign.outlook")
def outlook(case: Case, campaign_id: int) -> Outlook:
    """Return what may be done with a campaign now, and what that is about."""
    found = campaigns.get(case.c, campaign_id, account_id=case.who.account_id)
    waiting, rials = runs.waiting(case.c, campaign_id)
    under_way = [one for one in runs.of_campaign(case.c, campaign_id) if veil.open_bound(case, one)]
    spare = [veil.spare(one) for one in under_way]  # told with what waits: alone that would be exact
    return Outlook(
        verbs_of(_standing(case, found)), waiting + sum(n for n, _ in spare),
        rials + sum(cost for _, cost in spare) + found.held_rials, found.next_due_at,
        at_most=any(veil.at_most(case, one) for one in under_way),
    )  # fmt: skip


def _found(case: Case, campaign_id: int) -> Campaign:
    """Return the campaign, locked until the end: the schedule may be about to start it."""
    found = campaigns.get(case.c, campaign_id, account_id=case.who.account_id, lock=True)
    case.note(campaign_id, account_id=found.account_id)
    return found


def _standing(case: Case, found: Campaign) -> Standing:
    its = [run.state for run in runs.of_campaign(case.c, found.id) if run.cancel_at is None]
    return Standing(found.state, found.next_due_at is not None, its)


def _newest(case: Case, found: Campaign) -> Run | None:
    return next(iter(runs.of_campaign(case.c, found.id)), None)


def _done(case: Case, campaign_id: int, changed: list[int]) -> Done:
    now_is = campaigns.get(case.c, campaign_id, account_id=case.who.account_id)
    case.note(runs=changed)
    return Done(campaign_id, now_is.state, tuple(changed), now_is.next_due_at)


def _unchanged(found: Campaign, newest: Run | None) -> Refused:
    """Say where a campaign stands that cannot be changed so; its mend is worded by each door."""
    state = newest.state if newest else found.state
    if state in RUN_FINAL and found.state in campaigns.KEPT:
        state = found.state  # an order that repeats, between two of its runs
    if newest and newest.cancel_at and state not in RUN_FINAL:
        state = "stopping"
    elif found.state == "stopped":
        state = found.state  # whatever became of its last run
    fa, en = _STANDS.get(state, _STANDS["over"])
    label = (CAMPAIGN_LABELS | RUN_LABELS).get(state, ("", state))
    mend = state if state in _STANDS else "over"
    return Refused(
        "campaign", en.format(state=label[1].lower()), fa.format(state=label[0]), mend=f"campaign.{mend}",
        about={"id": found.id},
    )  # fmt: skip


_STANDS = {  # state: (Persian, English)
    "draft": ("این کارزار پیش‌نویس است", "it is a draft"),
    "in_review": ("هنوز اجرایی از آن آغاز نشده است", "no run of it has begun"),
    "scheduled": ("هنوز اجرایی از آن آغاز نشده است", "no run of it has begun"),
    "active": ("میان دو اجراست", "it is between two of its runs"),
    "approved": ("اجرای آن در حال آماده‌سازی است", "its run is being prepared"),
    "planning": ("اجرای آن در حال آماده‌سازی است", "its run is being prepared"),
    "running": ("در حال اجراست", "it is running already"),
    "paused": ("پیش‌تر نگه داشته شده است", "it is paused already"),
    "closing": (
        "همهٔ پیام‌هایش رفته‌اند و گزارش تحویل در راه است",
        "all of it has left and receipts are awaited",
    ),
    "stopping": ("در حال پایان یافتن است", "it is being stopped"),
    "over": ("پایان یافته است ({state})", "it is over ({state})"),
}
