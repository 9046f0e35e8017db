"""When a batch of a run may leave: inside the hours of its line, outside the quiet hours of its campaign."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from data.records.lines import Line
from data.records.runs import Run
from data.rules import schedule
from data.settings import settings


def opens_at(run: Run, line: Line, *, now: datetime) -> datetime | None:
    """Return the first moment, in UTC, from now on at which a batch may start; None: never, since the line's
    hours lie inside the campaign's quiet hours.

    Hours are there for what people did not ask for: an answer to somebody's own message goes at once.
    """
    if run.purpose == "answer":
        return now
    local = now.astimezone(ZoneInfo(settings().timezone))
    at = schedule.first_open(local, schedule.sending_windows(line.window, run.quiet_hours))
    return None if at is None else at.astimezone(UTC)
