"""Changing an order before its run begins, or between two of its runs: checked, priced and held anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from data.errors import Refused
from data.records import campaigns, holds, runs
from data.records.campaigns import Campaign, Draft
from data.rules import schedule
from data.settings import settings
from data.use_cases import money, reports
from data.use_cases.campaigns import Done
from data.use_cases.floor import Case, Who, use_case
from targeting.orders import placing
from targeting.orders.placing import Checked

OPEN_RUNS = frozenset({"approved", "planning", "running", "paused"})
_BEGUN = ("a run of it has begun", "اجرایی از آن آغاز شده است")
_OVER = ("it is over", "پایان یافته است")


def edit(who: Who, campaign_id: int, given: dict[str, Any]) -> Checked:
    """Check and price an order as it shall be, put it in the place of the stored one; return its price."""
    now_is = reports.report(who, campaign_id).campaign
    its = replace(who, account_id=now_is.account_id)
    if given.get("account"):
        named = money.purse(who, str(given["account"]), field="account")  # to an account others are unknown
        if named.account.id != now_is.account_id:
            raise _stays()
    checked = placing.check(its, given, token="")
    change(who, campaign_id, checked.draft)
    return checked


@use_case("campaign.edit", right="send")
def change(case: Case, campaign_id: int, draft: Draft) -> Done:
    """Store an order in the place of another: its hold is given back and taken anew in this transaction."""
    found = campaigns.get(case.c, campaign_id, account_id=case.who.account_id, lock=True)
    placing.refuse_anothers(case, draft)
    if draft.account_id != found.account_id:
        raise _stays()
    begun = _refuse_begun(case, found)
    due, anchor = _times(found, draft, case.now, begun)
    holds.release(case.c, campaign_id, actor=case.who.name, now=case.now)
    changed = campaigns.rewrite(case.c, found, draft, due=due, anchor=anchor)
    if due is not None and due > case.now:
        placing.cover(case, campaign_id, draft.quoted_rials)
    case.note(campaign_id, account_id=found.account_id, changed=changed)
    return Done(campaign_id, found.state, (), due)


def _stays() -> Refused:
    return Refused(
        "account", "an order stays with its account; make a new campaign for another one",
        "سفارش از آنِ حساب خود می‌ماند؛ برای حساب دیگر کارزاری تازه بسازید",
    )


def _refuse_begun(case: Case, found: Campaign) -> bool:
    """Return whether a run of it has ended; refuse where one is under way or none is to come."""
    its = runs.of_campaign(case.c, found.id)
    under_way = any(one.state in OPEN_RUNS for one in its)
    over = found.state in campaigns.OVER or (found.state != "draft" and found.next_due_at is None)
    if not (under_way or over):
        return bool(its)
    en, fa = _BEGUN if under_way else _OVER
    raise Refused(
        "campaign",
        f"{en}: it can be changed before its run begins or between two runs; a new campaign sends another",
        f"{fa}؛ پیش از آغاز یا میان دو اجرا می‌توان تغییرش داد؛ برای ارسال دیگر کارزاری تازه بسازید",
    )


def _times(
    found: Campaign, draft: Draft, now: datetime, begun: bool
) -> tuple[datetime | None, datetime | None]:
    """Return when it is due next and from when it is counted."""
    if found.state == "draft":
        return None, None
    if not begun:
        first = max(draft.start_at or now, now)
        return first, draft.start_at or first
    anchor = draft.start_at or found.anchor_at
    assert anchor, found.id
    recurrence = schedule.parse_recurrence(draft.recurrence)
    if draft.start_at is not None and draft.start_at > now:
        return draft.start_at, anchor
    next_at = schedule.next_occurrence(recurrence, now, settings().timezone, start=anchor)
    if next_at is None:
        raise Refused(
            "recurrence", "nothing of it is to come then: give a recurrence or a later start_at, or stop it",
            "آنگاه نوبتی نمی‌ماند: recurrence یا start_at دیرتری بدهید یا کارزار را پایان دهید",
        )  # fmt: skip
    return next_at, anchor
