"""What to do instead, where a campaign can be neither paused nor resumed as it was asked."""

from __future__ import annotations

from data.errors import Refused
from data.records.campaigns import LIVE, Campaign
from data.records.runs import Run
from data.rules.status import CAMPAIGN_LABELS, RUN_FINAL, RUN_LABELS

_WAITING = (
    "no run of it has begun; `chapar campaign status {id}` tells where it stands, "
    "`chapar campaign stop {id}` takes it back",
    "هنوز اجرایی از آن آغاز نشده است؛ `chapar campaign status {id}` وضعیتش را می‌گوید و "
    "`chapar campaign stop {id}` آن را پس می‌گیرد",
)
_PREPARED = (
    "its run is being prepared; try again in a moment, or end it with `chapar campaign stop {id}`",
    "اجرای آن در حال آماده‌سازی است؛ اندکی دیگر دوباره بکوشید یا با `chapar campaign stop {id}` پایانش دهید",
)
_OVER = (
    "it is over ({state}); see `chapar campaign report {id}`, and create a new campaign to send again",
    "پایان یافته است ({state_fa})؛ `chapar campaign report {id}` را ببینید و برای ارسال دوباره "
    "کارزاری تازه بسازید",
)
_STOPPING = (
    "it is being stopped; see `chapar campaign status {id}`, and create a new campaign to send again",
    "در حال پایان یافتن است؛ `chapar campaign status {id}` را ببینید و برای ارسال دوباره کارزاری تازه بسازید",
)
_SENTENCES = {
    "draft": (
        "it is a draft; begin it with `chapar campaign start {id}`",
        "پیش‌نویس است؛ با `chapar campaign start {id}` آغازش کنید",
    ),
    "in_review": _WAITING,
    "scheduled": _WAITING,
    "active": _WAITING,
    "approved": _PREPARED,
    "planning": _PREPARED,
    "running": (
        "it is running already; hold it with `chapar campaign pause {id}`, "
        "or follow it with `chapar campaign status {id}`",
        "در حال اجراست؛ با `chapar campaign pause {id}` نگهش دارید یا با "
        "`chapar campaign status {id}` دنبالش کنید",
    ),
    "paused": (
        "it is paused already; go on with `chapar campaign resume {id}`, "
        "or end it with `chapar campaign stop {id}`",
        "پیش‌تر نگه داشته شده است؛ با `chapar campaign resume {id}` ادامه دهید یا با "
        "`chapar campaign stop {id}` پایانش دهید",
    ),
    "closing": (
        "all of it has left and receipts are awaited; see `chapar campaign report {id}`",
        "همهٔ پیام‌هایش رفته‌اند و گزارش تحویل در راه است؛ `chapar campaign report {id}` را ببینید",
    ),
}


def unchanged(found: Campaign, newest: Run | None) -> Refused:
    """Say where a campaign stands whose newest run could not be paused or resumed, and what to do."""
    state = newest.state if newest else found.state
    if newest and state in RUN_FINAL and found.state in LIVE:
        state = found.state  # an order that repeats, between two of its runs
    stopping = newest and newest.cancel_at and state not in RUN_FINAL
    en, fa = _STOPPING if stopping else _SENTENCES.get(state, _OVER)
    label = (CAMPAIGN_LABELS | RUN_LABELS)[state][0]
    return Refused("campaign", en.format(id=found.id, state=state), fa.format(id=found.id, state_fa=label))
