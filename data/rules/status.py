"""THE table of states of a message, a run and a campaign: ranks, refunds, words (decisions 15, spec 6 and 8).

Gateways map their own codes to these words, each in its own file; nothing else names a state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final as Constant

# A message has the state of highest rank that anybody told us; no order of receipts can change the outcome.
# `cancelled` has a rank because a gateway may report it; what only we decide stands at 0 and above delivered.
RANK: Constant[dict[str, int]] = {
    "unknown": 0,
    "suppressed": 0,
    "written_off": 0,
    "queued": 1,
    "submitted": 2,
    "at_operator": 3,
    "cancelled": 4,
    "rejected": 4,
    "blacklisted": 5,
    "expired": 6,
    "failed": 6,
    "not_at_operator": 7,
    "undelivered": 8,
    "delivered": 9,
    "delivered_uncharged": 10,
}

# Weakest first: a strict order, so that an Enum of it folds with max(). Of equal ranks the earlier name wins.
ORDER: Constant[tuple[str, ...]] = tuple(sorted(sorted(RANK, reverse=True), key=RANK.__getitem__))
STRENGTH: Constant[dict[str, int]] = {state: place for place, state in enumerate(ORDER)}

FINAL: Constant[frozenset[str]] = frozenset(RANK) - {"unknown", "queued", "submitted", "at_operator"}
DELIVERED: Constant[frozenset[str]] = frozenset({"delivered", "delivered_uncharged"})
NEVER_SENT: Constant[frozenset[str]] = frozenset(
    {"suppressed", "written_off"}
)  # our decision, never a receipt's

_SEND_BASE = frozenset({"blacklisted", "not_at_operator"})
REFUNDABLE: Constant[dict[str, frozenset[str]]] = {
    "send_base": _SEND_BASE,
    "delivery_base": _SEND_BASE | {"undelivered", "failed", "expired", "rejected"},
}

LABELS: Constant[dict[str, tuple[str, str]]] = {  # state: (Persian, English)
    "queued": ("در صف ارسال", "Queued"),
    "submitted": ("ارسال شده به مخابرات", "Submitted"),
    "at_operator": ("رسیده به مخابرات", "At operator"),
    "delivered": ("رسیده به گوشی", "Delivered"),
    "undelivered": ("نرسیده به گوشی", "Not delivered"),
    "not_at_operator": ("نرسیده به مخابرات", "Did not reach the operator"),
    "blacklisted": ("لیست سیاه", "Blacklisted"),
    "rejected": ("پذیرفته نشده", "Rejected"),
    "expired": ("منقضی شده", "Expired"),
    "failed": ("ناموفق", "Failed"),
    "cancelled": ("لغو شده", "Cancelled"),
    "suppressed": ("کنار گذاشته شده", "Left out"),
    "unknown": ("نامشخص", "Unknown"),
    "written_off": ("نامشخص، بدون هزینه", "Written off"),
    "delivered_uncharged": ("رسیده به گوشی، بدون هزینه", "Delivered, not charged"),
}

UNSENT: Constant[frozenset[str]] = frozenset({"queued", "suppressed", "cancelled"})  # did not leave

RUN_LABELS: Constant[dict[str, tuple[str, str]]] = {
    "approved": ("تایید شده", "Approved"),
    "planning": ("در حال آماده‌سازی", "Planning"),
    "running": ("در حال ارسال", "Running"),
    "paused": ("متوقف موقت", "Paused"),
    "closing": ("در انتظار گزارش تحویل", "Closing"),
    "closed": ("پایان یافته", "Closed"),
    "refused_funds": ("اعتبار ناکافی", "Not enough credit"),
    "missed": ("از موعد گذشته", "Missed"),
    "cancelled": ("لغو شده", "Cancelled"),
}
RUN_STATES: Constant[tuple[str, ...]] = tuple(RUN_LABELS)
RUN_FINAL: Constant[frozenset[str]] = frozenset({"closed", "refused_funds", "missed", "cancelled"})

CAMPAIGN_LABELS: Constant[dict[str, tuple[str, str]]] = {
    "draft": ("پیش‌نویس", "Draft"),
    "in_review": ("در انتظار تایید", "In review"),
    "rejected": ("رد شده", "Rejected"),
    "scheduled": ("زمان‌بندی شده", "Scheduled"),
    "active": ("فعال", "Active"),
    "paused": ("متوقف موقت", "Paused"),
    "ended": ("پایان یافته", "Ended"),
    "stopped": ("متوقف شده", "Stopped"),
}
CAMPAIGN_STATES: Constant[tuple[str, ...]] = tuple(CAMPAIGN_LABELS)


def shown(campaign: str, more_to_come: bool, run: str | None) -> str:
    """Return the one state that people see of a campaign with its newest run: the order's own while more of
    it is to come or a person holds it, else the run's.
    """
    return campaign if run is None or more_to_come or campaign == "paused" else run


BATCH_STATES: Constant[tuple[str, ...]] = (
    "ready", "sending", "unknown", "done", "failed", "cancelled", "written_off",
)  # fmt: skip
BATCH_FINAL: Constant[frozenset[str]] = frozenset({"done", "failed", "cancelled", "written_off"})

OUTCOME_LABELS: Constant[dict[str, tuple[str, str]]] = {  # of an attempt at a batch
    "ok": ("پذیرفته شد", "Accepted"),
    "rej": ("رد شد", "Refused"),
    "notsent": ("ارسال نشد", "Not sent"),
    "amb": ("پاسخ گم شد", "Answer lost"),
    "": ("دیگر خبری نشد", "Never heard of again"),
}
EVIDENCE_LABELS: Constant[dict[str, tuple[str, str]]] = {  # what else proves the fate of a batch
    "receipt": ("گزارش تحویل", "Receipt"),
    "lookup": ("پرسش از درگاه", "The gateway was asked"),
    "late_answer": ("پاسخ دیررس", "Late answer"),
    "operator": ("سخن اپراتور", "The operator's word"),
}


def strongest(states: Iterable[str]) -> str:
    """Return the state that wins among what was told of one message; `unknown` of nothing."""
    return max(states, key=STRENGTH.__getitem__, default="unknown")


def of_parts(states: Iterable[str], parts: int) -> str:
    """Return a message's state from the states of its parts: delivered when all are, else the worst final.

    With no part refused and some still on their way it stays where the slowest known part is.
    """
    told = sorted(states, key=STRENGTH.__getitem__)
    if len(told) >= parts and all(state in DELIVERED for state in told):
        return "delivered"
    lost = [state for state in told if state in FINAL and state not in DELIVERED]
    open_states = [state for state in told if state not in FINAL]
    return (lost or open_states or ["at_operator"])[0]


def label(state: str, language: str = "fa") -> str:
    """Return the word that people see for the state of a message; the state itself if there is none."""
    persian, english = LABELS.get(state, (state, state))
    return persian if language == "fa" else english
