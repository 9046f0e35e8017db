"""The mends of refusals as a shell has them: what to type next. Pages word the same codes for themselves."""

from __future__ import annotations

from data.errors import ChaparError, Refused

_STATUS_AND_STOP = (
    "`chapar campaign status {id}` tells where it stands, `chapar campaign stop {id}` takes it back",
    "`chapar campaign status {id}` وضعیتش را می‌گوید و `chapar campaign stop {id}` آن را پس می‌گیرد",
)
_PREPARED = (
    "try again in a moment, or end it with `chapar campaign stop {id}`",
    "اندکی دیگر دوباره بکوشید یا با `chapar campaign stop {id}` پایانش دهید",
)
MENDS = {  # code: (English, Persian)
    "campaign.draft": (
        "begin it with `chapar campaign start {id}`",
        "با `chapar campaign start {id}` آغازش کنید",
    ),
    "campaign.in_review": _STATUS_AND_STOP,
    "campaign.scheduled": _STATUS_AND_STOP,
    "campaign.active": _STATUS_AND_STOP,
    "campaign.approved": _PREPARED,
    "campaign.planning": _PREPARED,
    "campaign.running": (
        "hold it with `chapar campaign pause {id}`, or follow it with `chapar campaign status {id}`",
        "با `chapar campaign pause {id}` نگهش دارید یا با `chapar campaign status {id}` دنبالش کنید",
    ),
    "campaign.paused": (
        "go on with `chapar campaign resume {id}`, or end it with `chapar campaign stop {id}`",
        "با `chapar campaign resume {id}` ادامه دهید یا با `chapar campaign stop {id}` پایانش دهید",
    ),
    "campaign.closing": ("see `chapar campaign report {id}`", "`chapar campaign report {id}` را ببینید"),
    "campaign.stopping": (
        "see `chapar campaign status {id}`, and create a new campaign to send again",
        "`chapar campaign status {id}` را ببینید و برای ارسال دوباره کارزاری تازه بسازید",
    ),
    "gateway.unknown": (
        "`chapar gateway list` names the gateways", "`chapar gateway list` درگاه‌ها را نام می‌برد"
    ),
    "line.unknown": ("`chapar line list` names the lines", "`chapar line list` خط‌ها را نام می‌برد"),
    "campaign.over": (
        "see `chapar campaign report {id}`, and create a new campaign to send again",
        "`chapar campaign report {id}` را ببینید و برای ارسال دوباره کارزاری تازه بسازید",
    ),
}


def worded(error: ChaparError) -> ChaparError:
    """Return the refusal with its mend as it is typed here; anything else as it is."""
    if not isinstance(error, Refused) or error.mend not in MENDS:
        return error
    en, fa = (text.format(**error.about) for text in MENDS[error.mend])
    return Refused(error.field, f"{error.en}; {en}", f"{error.fa}؛ {fa}")
