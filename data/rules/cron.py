"""When a line of the timetable is due: `minute hour day month weekday`, by the clock of a time zone.

Each field is `*` or one number (weekday: 0 or 7 is Sunday); nothing here needs more. A wall time that a
change of the clock leaves out comes as long after midnight as it would have; one that comes twice counts
once.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
DAYS_MAX = 8 * 366 + 1  # the longest wait there is: 29 February over a common century year
DAYS_OF_WEEK = 7


def check(cron: str) -> None:
    """Raise ValueError where a line cannot be read or never comes."""
    next_after(cron, datetime(2000, 1, 1, tzinfo=UTC), "UTC")


def next_after(cron: str, moment: datetime, zone: str) -> datetime:
    """Return the first time of a line strictly after a moment, in UTC. Raises ValueError as `check`."""
    minute, hour, day, month, weekday = _fields(cron)
    here = moment.astimezone(ZoneInfo(zone))
    for ahead in range(DAYS_MAX):
        date = here.date() + timedelta(days=ahead)
        if month not in (None, date.month) or not _is_day(date.day, date.isoweekday(), day, weekday):
            continue
        for at in _times(minute, hour):
            found = datetime.combine(date, at, ZoneInfo(zone)).astimezone(UTC)
            if found > moment:
                return found
    raise ValueError(f"{cron!r} never comes")


def _fields(cron: str) -> list[int | None]:
    words = cron.split()
    if len(words) != len(FIELDS):
        raise ValueError(f"{cron!r}: write minute, hour, day, month and weekday")
    return [_field(cron, word, *field) for word, field in zip(words, FIELDS, strict=True)]


def _field(cron: str, word: str, name: str, *limits: int) -> int | None:
    low, high = limits
    if word == "*":
        return None
    if not (word.isascii() and word.isdigit() and low <= int(word) <= high):
        raise ValueError(f"{cron!r}: {name} is * or {low} to {high}")
    return int(word)


def _is_day(date_day: int, isoweekday: int, day: int | None, weekday: int | None) -> bool:
    """Where both day and weekday are said either is enough, as cron has it."""
    by_day = day == date_day
    by_weekday = weekday is not None and weekday % DAYS_OF_WEEK == isoweekday % DAYS_OF_WEEK
    if day is None or weekday is None:
        return (day is None or by_day) and (weekday is None or by_weekday)
    return by_day or by_weekday


def _times(minute: int | None, hour: int | None) -> list[time]:
    hours = range(24) if hour is None else (hour,)
    minutes = range(60) if minute is None else (minute,)
    return [time(one, other) for one in hours for other in minutes]
