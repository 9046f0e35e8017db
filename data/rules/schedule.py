"""When a campaign may send and when it comes again (spec R1.8-R1.9, R1.22; protocol P9, P10; decisions 25).

Civil time rules: an occurrence is a nominal local time, months and years are Jalali; callers bring the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import Refused
from data.rules import jalali
from data.rules.persian import listed

WINDOW_FROM, WINDOW_TO, ZONE = "08:00", "21:00", "Asia/Tehran"
KINDS = ("once", "daily", "weekly", "monthly", "yearly", "every_n_days")
N_MAX, TIMES_MAX = 366, 10_000
MISSED_MAX = 10_000  # more missed occurrences than this are not listed one by one


Window = tuple[str | None, str | None]  # opens, closes: HH:MM; without either every hour is open


class ScheduleRefused(Refused):
    """A time or a recurrence that cannot be kept."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often a campaign comes again; monthly and yearly go by the Jalali calendar."""

    every: str = "once"  # of KINDS
    n: int = 1  # days between two, for every_n_days
    until: date | None = None  # last local day, inclusive
    times: int | None = None  # occurrences in all, the first included

    def to_json(self) -> dict[str, Any]:
        """Return the recurrence as a JSON object."""
        until = self.until.isoformat() if self.until else None
        return {"every": self.every, "n": self.n, "until": until, "times": self.times}


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now with a series, all in UTC."""

    run: datetime | None  # the one occurrence to carry out
    missed: tuple[datetime, ...]  # to be announced, never sent
    next_at: datetime | None  # when to look again; None: the series is over


def parse_recurrence(obj: dict[str, Any] | None) -> Recurrence:
    """Return the recurrence of a campaign file; `until` is ISO or Jalali. Raise ScheduleRefused."""
    if obj is None:
        return Recurrence()
    if not isinstance(obj, dict):
        raise _refused(
            "recurrence", 'must be an object such as {"every": "monthly"}',
            "باید به شکل {every, n, until, times} باشد",
        )  # fmt: skip
    unknown = sorted(obj.keys() - {"every", "n", "until", "times"})
    if unknown:
        field = f"recurrence.{unknown[0]}"
        raise _refused(
            field, "is not known: use every, n, until, times",
            "شناخته نشد: every، n، until یا times را بنویسید",
        )  # fmt: skip
    every = obj.get("every", "once")
    if every not in KINDS:
        kinds, kinds_fa = ", ".join(KINDS), listed(KINDS)
        raise _refused("recurrence.every", f"must be one of {kinds}", f"باید یکی از این‌ها باشد: {kinds_fa}")
    n = _whole(obj.get("n"), "recurrence.n", N_MAX)
    if (every == "every_n_days") != (n is not None) and n != 1:
        raise _refused(
            "recurrence.n", "is the days between two sends: give it with every_n_days, and only there",
            "فاصلهٔ دو ارسال به روز است: آن را با every_n_days بنویسید و تنها آنجا",
        )  # fmt: skip
    return Recurrence(
        every, n or 1, _until(obj.get("until")), _whole(obj.get("times"), "recurrence.times", TIMES_MAX)
    )


def parse_clock(text: str, field: str = "time") -> time:
    """Return the time of day of HH:MM; raise ScheduleRefused naming `field`."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a time of day has no zone)
    except (TypeError, ValueError) as error:
        raise _refused(field, "must be a time such as 08:00", "باید ساعتی مانند ۰۸:۰۰ باشد") from error


def window_open(local: datetime, opens: str | None = WINDOW_FROM, closes: str | None = WINDOW_TO) -> bool:
    """Say whether `local` lies in the window: `opens` inclusive, `closes` not; it may span midnight.

    Without either, or with both equal, every hour is open.
    """
    if not opens or not closes or opens == closes:
        return True
    first, last, at = parse_clock(opens), parse_clock(closes), local.time().replace(tzinfo=None)
    return first <= at < last if first < last else at >= first or at < last


def first_open(local: datetime, windows: Sequence[Window]) -> datetime | None:
    """Return the earliest moment from `local` on that lies in all of the windows, in its zone; None: never.

    The first moment that is common to several windows is now, or the opening of one of them; what is not
    found today or tomorrow is never, since every day is alike.
    """
    days = (local.date(), local.date() + timedelta(days=1))
    openings = [
        datetime.combine(day, parse_clock(opens), local.tzinfo)
        for opens, closes in windows if opens and closes for day in days
    ]  # fmt: skip
    moments = [local, *sorted(at for at in openings if at > local)]
    return next((at for at in moments if all(window_open(at, *window) for window in windows)), None)


def sending_windows(hours: Window | None, quiet: Mapping[str, str] | None) -> tuple[Window, ...]:
    """Return the windows in which a batch may start: a line's hours, and what quiet hours leave."""
    loud = (quiet["to"], quiet["from"]) if quiet else None  # from their end to their beginning
    return tuple(window for window in (hours, loud) if window)


def occurrence_key(at: datetime, zone: str = ZONE) -> str:
    """Return the nominal local time of an occurrence, under which it happens once: 2026-11-22T10:00."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def occurrences(
    recurrence: Recurrence, *, start: datetime, zone: str = ZONE, first: int = 0
) -> Iterator[datetime]:
    """Yield the occurrences (UTC) of a series that began at `start`, from number `first` (0-based) on."""
    begin = start.astimezone(ZoneInfo(zone))
    number = first
    last = 1 if recurrence.every == "once" else recurrence.times
    while last is None or number < last:
        try:
            day = _day(recurrence, begin.date(), number)
        except (jalali.DateRefused, OverflowError):
            return  # the calendar that we know ends here
        if recurrence.until and day > recurrence.until:
            return
        yield datetime.combine(day, begin.time(), begin.tzinfo).astimezone(UTC)
        number += 1


def next_occurrence(
    recurrence: Recurrence, after: datetime, zone: str = ZONE, *, start: datetime
) -> datetime | None:
    """Return the first occurrence (UTC) later than `after` of a series begun at `start`; None: it is over."""
    # A step is never longer than this, so that counting from here cannot pass over an occurrence.
    step_days = _DAYS_AT_MOST.get(recurrence.every, recurrence.n)
    first = max(0, (after - start).days // step_days - 1) if recurrence.every != "once" else 0
    series = occurrences(recurrence, start=start, zone=zone, first=first)
    return next((at for at in series if at > after), None)


def due_now(
    recurrence: Recurrence,
    *,
    start: datetime,
    due: datetime,
    now: datetime,
    max_lateness: timedelta,
    zone: str = ZONE,
) -> Due:
    """Say what to do at `now` with a series whose next occurrence was `due`.

    Of several that passed only the last may run, and only if it is not later than `max_lateness`; the others
    are missed, so that a backlog never bursts.
    """
    passed: list[datetime] = []
    at: datetime | None = due
    while at is not None and at <= now and len(passed) < MISSED_MAX:
        passed.append(at)
        at = next_occurrence(recurrence, at, zone, start=start)
    if at is not None and at <= now:
        at = next_occurrence(recurrence, now, zone, start=start)
    run = passed.pop() if passed and now - passed[-1] <= max_lateness else None
    return Due(run, tuple(passed), at)


def _day(recurrence: Recurrence, begin: date, number: int) -> date:
    """Return the local day of occurrence `number`, counted from the first: the 31st comes back after Mehr."""
    if recurrence.every in _MONTHS:
        return jalali.add_months(begin, _MONTHS[recurrence.every] * number)
    days = {"once": 0, "daily": 1, "weekly": 7}.get(recurrence.every, recurrence.n)
    return begin + timedelta(days=days * number)


_MONTHS = {"monthly": 1, "yearly": 12}
_DAYS_AT_MOST = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}


def _whole(value: object, field: str, limit: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= limit:
        raise _refused(
            field, f"must be a whole number from 1 to {limit:,}", f"باید عددی بین ۱ تا {limit} باشد"
        )
    return value


def _until(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    text = str(value)
    try:
        return date.fromisoformat(text) if text[:2] in ("19", "20") else jalali.parse(text)
    except ValueError as error:
        en, fa = "must be a date such as 1404/12/29", "باید تاریخی مانند ۱۴۰۴/۱۲/۲۹ باشد"
        raise _refused("recurrence.until", en, fa) from error


def _refused(field: str, en: str, fa: str) -> ScheduleRefused:
    return ScheduleRefused(field, en, fa)
