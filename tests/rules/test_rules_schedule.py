"""Advertising hours, occurrences in civil and Jalali time, and a backlog that never bursts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules import jalali
from data.rules.schedule import (
    KINDS,
    Recurrence,
    ScheduleRefused,
    due_now,
    first_open,
    next_occurrence,
    occurrence_key,
    occurrences,
    parse_clock,
    parse_recurrence,
    sending_windows,
    window_open,
)

TEHRAN = ZoneInfo("Asia/Tehran")
START = datetime(2026, 11, 22, 10, 0, tzinfo=TEHRAN)
LATE = timedelta(hours=2)


def _at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


def _jalali_days(recurrence: Recurrence, start: datetime, count: int) -> list[str]:
    series = islice(occurrences(recurrence, start=start), count)
    return [jalali.show(at.astimezone(TEHRAN).date(), language="en") for at in series]


@pytest.mark.parametrize(
    ("hour", "minute", "opened"),
    [(7, 59, False), (8, 0, True), (20, 59, True), (21, 0, False), (0, 0, False)],
)
def test_advertising_is_sent_from_eight_to_nine_in_the_evening(hour: int, minute: int, opened: bool) -> None:
    assert window_open(_at(hour, minute)) is opened


def test_a_closed_window_says_when_it_opens() -> None:
    day = [("08:00", "21:00")]
    assert first_open(_at(20, 50), day) == _at(20, 50)
    assert first_open(_at(21, 0), day) == _at(8, 0, day=23)
    assert first_open(_at(3, 0), day) == _at(8, 0)


def test_a_window_may_span_midnight() -> None:
    assert window_open(_at(23), "22:00", "02:00")
    assert window_open(_at(1), "22:00", "02:00")
    assert not window_open(_at(2), "22:00", "02:00")
    assert first_open(_at(12), [("22:00", "02:00")]) == _at(22)


def test_a_line_without_a_window_is_always_open() -> None:
    for opens, closes in ((None, None), ("08:00", None), ("08:00", "08:00")):
        assert window_open(_at(3), opens, closes)
        assert first_open(_at(3), [(opens, closes)]) == _at(3)


def test_hours_that_lie_in_the_quiet_hours_never_come() -> None:
    swallowed = sending_windows(("08:00", "21:00"), {"from": "07:00", "to": "22:00"})
    assert first_open(_at(12), swallowed) is None
    touching = sending_windows(("08:00", "21:00"), {"from": "08:00", "to": "21:00"})
    assert first_open(_at(12), touching) is None, "what closes at 21:00 is shut when the quiet hours end"
    a_minute = sending_windows(("08:00", "21:00"), {"from": "08:01", "to": "21:00"})
    assert first_open(_at(12), a_minute) == _at(8, 0, day=23)
    assert sending_windows(None, None) == ()
    assert first_open(_at(3), ()) == _at(3)


HOURS = st.times().map(lambda at: at.strftime("%H:%M"))


@given(st.lists(st.tuples(HOURS, HOURS), max_size=3), st.integers(0, 24 * 60 - 1))
def test_the_first_moment_in_all_windows_is_the_one_that_counting_minutes_finds(
    windows: list[tuple[str, str]], minute: int
) -> None:
    def inside(at: int, opens: str, closes: str) -> bool:
        first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (opens, closes))
        return first == last or (at - first) % 1440 < (last - first) % 1440

    later = (n for n in range(1440) if all(inside((minute + n) % 1440, *window) for window in windows))
    wait = next(later, None)
    local = _at(0) + timedelta(minutes=minute)
    assert first_open(local, windows) == (None if wait is None else local + timedelta(minutes=wait))


@pytest.mark.parametrize("text", ["25:00", "8", "", "٨:٠٠x", None])
def test_a_wrong_time_of_day_names_its_field(text: str) -> None:
    with pytest.raises(ScheduleRefused) as told:
        parse_clock(text, "quiet_hours.from")
    assert told.value.field == "quiet_hours.from"


def test_an_occurrence_is_known_by_its_nominal_local_time() -> None:
    assert occurrence_key(START.astimezone(UTC)) == "2026-11-22T10:00"
    assert occurrence_key(START, "UTC") == "2026-11-22T06:30"


def test_once_is_once() -> None:
    assert list(occurrences(Recurrence(), start=START)) == [START]
    assert next_occurrence(Recurrence(), START - timedelta(days=3), start=START) == START
    assert next_occurrence(Recurrence(), START, start=START) is None


def test_days_and_weeks_keep_the_local_hour() -> None:
    start = datetime(2026, 3, 25, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # summer time begins on the 29th
    days = list(islice(occurrences(Recurrence("daily"), start=start, zone="Europe/Berlin"), 6))
    assert {occurrence_key(at, "Europe/Berlin")[11:] for at in days} == {"09:30"}
    assert days[5] - days[0] == timedelta(days=5) - timedelta(hours=1)
    assert next_occurrence(Recurrence("weekly"), START, start=START) == START + timedelta(days=7)
    assert next_occurrence(Recurrence("every_n_days", 10), START, start=START) == START + timedelta(days=10)


def test_monthly_on_the_31st_is_the_last_day_of_shorter_months() -> None:
    start = datetime.combine(jalali.from_jalali(1404, 6, 31), START.time(), TEHRAN)
    assert _jalali_days(Recurrence("monthly"), start, 8) == [
        "1404/06/31", "1404/07/30", "1404/08/30", "1404/09/30", "1404/10/30", "1404/11/30",
        "1404/12/29", "1405/01/31"
    ]  # fmt: skip


def test_yearly_on_30_esfand_is_the_29th_in_common_years() -> None:
    start = datetime.combine(jalali.from_jalali(1403, 12, 30), START.time(), TEHRAN)
    days = _jalali_days(Recurrence("yearly"), start, 6)
    assert days == ["1403/12/30", "1404/12/29", "1405/12/29", "1406/12/29", "1407/12/29", "1408/12/30"]


def test_a_series_ends_by_date_or_by_count() -> None:
    assert len(list(occurrences(Recurrence("daily", times=3), start=START))) == 3
    last = list(occurrences(Recurrence("daily", until=date(2026, 11, 25)), start=START))[-1]
    assert last == START + timedelta(days=3)
    assert next_occurrence(Recurrence("daily", times=3), START + timedelta(days=2), start=START) is None


def test_a_series_ends_where_the_calendar_does() -> None:
    days = list(occurrences(Recurrence("yearly"), start=START))
    assert len(days) == 1498 - 1405 + 1


@given(st.sampled_from(KINDS), st.integers(1, 40), st.integers(0, 3_000), st.integers(0, 86_399))
def test_the_next_occurrence_is_the_first_one_later(kind: str, n: int, days: int, seconds: int) -> None:
    recurrence = Recurrence(kind, n)
    after = START + timedelta(days=days, seconds=seconds)
    told = next((at for at in occurrences(recurrence, start=START) if at > after), None)
    assert next_occurrence(recurrence, after, start=START) == told


def test_a_late_occurrence_runs_once_and_older_ones_are_missed() -> None:
    due = due_now(
        Recurrence("daily"), start=START, due=START, now=START + timedelta(days=3, hours=1), max_lateness=LATE
    )
    assert due.run == START + timedelta(days=3)
    assert due.missed == tuple(START + timedelta(days=day) for day in range(3))
    assert due.next_at == START + timedelta(days=4)


def test_what_is_too_late_is_missed_and_never_sent() -> None:
    due = due_now(Recurrence(), start=START, due=START, now=START + timedelta(hours=30), max_lateness=LATE)
    assert (due.run, due.missed, due.next_at) == (None, (START,), None)
    edge = due_now(Recurrence(), start=START, due=START, now=START + LATE, max_lateness=LATE)
    assert edge.run == START


def test_nothing_is_due_before_its_time() -> None:
    due = due_now(
        Recurrence("daily"), start=START, due=START, now=START - timedelta(seconds=1), max_lateness=LATE
    )
    assert (due.run, due.missed, due.next_at) == (None, (), START)


def test_a_recurrence_is_read_from_a_campaign_file() -> None:
    assert parse_recurrence(None) == Recurrence()
    assert parse_recurrence({"every": "monthly", "until": "1406/01/01"}).until == date(2027, 3, 21)
    assert parse_recurrence({"every": "daily", "until": "2027-03-21", "times": 5}).times == 5
    read = parse_recurrence({"every": "every_n_days", "n": 3})
    assert parse_recurrence(json.loads(json.dumps(read.to_json()))) == read


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        ({"every": "hourly"}, "recurrence.every"),
        ({"every": "daily", "times": 0}, "recurrence.times"),
        ({"every": "every_n_days", "n": "3"}, "recurrence.n"),
        ({"every": "daily", "until": "1404/12/30"}, "recurrence.until"),
        ({"evry": "daily"}, "recurrence.evry"),
    ],
)
def test_a_recurrence_that_cannot_be_kept_names_its_field(obj: dict[str, object], field: str) -> None:
    with pytest.raises(ScheduleRefused) as told:
        parse_recurrence(obj)
    assert told.value.field == field
