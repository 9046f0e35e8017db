"""When a line of the timetable is due: by the clock of a zone, also where that clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules import cron

TEHRAN = "Asia/Tehran"


def tehran(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(TEHRAN))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("line", "moment", "due"),
    [
        ("17 * * * *", tehran(2026, 11, 27, 9, 16, 59), tehran(2026, 11, 27, 9, 17)),
        ("17 * * * *", tehran(2026, 11, 27, 9, 17), tehran(2026, 11, 27, 10, 17)),
        ("40 3 * * *", tehran(2026, 11, 27, 3, 40), tehran(2026, 11, 28, 3, 40)),
        ("10 2 * * 5", tehran(2026, 11, 27, 2, 10), tehran(2026, 12, 4, 2, 10)),  # a Friday
        ("0 0 1 1 *", tehran(2026, 1, 1, 0, 1), tehran(2027, 1, 1)),
        ("0 12 29 2 *", tehran(2026, 3, 1), tehran(2028, 2, 29, 12)),
        ("0 6 13 * 5", tehran(2026, 11, 1), tehran(2026, 11, 6, 6)),  # the 13th or a Friday
        ("30 8 * * 0", tehran(2026, 11, 27), tehran(2026, 11, 29, 8, 30)),
        ("30 8 * * 7", tehran(2026, 11, 27), tehran(2026, 11, 29, 8, 30)),
    ],
)
def test_a_line_is_due_by_the_clock_of_tehran(line: str, moment: datetime, due: datetime) -> None:
    assert cron.next_after(line, moment, TEHRAN) == due


def test_an_hour_that_the_clock_leaves_out_still_comes_once() -> None:
    """Berlin, 29 March 2026: from 02:00 straight to 03:00."""
    before = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    first = cron.next_after("30 2 * * *", before, "Europe/Berlin")
    second = cron.next_after("30 2 * * *", first, "Europe/Berlin")
    assert (first, second) == (
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    )


def test_an_hour_that_comes_twice_counts_once() -> None:
    """Berlin, 25 October 2026: 02:30 stands there twice."""
    first = cron.next_after("30 2 * * *", datetime(2026, 10, 24, 23, 0, tzinfo=UTC), "Europe/Berlin")
    assert cron.next_after("30 2 * * *", first, "Europe/Berlin") - first == timedelta(hours=25)


@pytest.mark.parametrize(
    "line", ["", "17 * * *", "61 * * * *", "* * * * mon", "*/5 * * * *", "0 0 31 2 *", "-1 * * * *"]
)
def test_a_line_that_says_nothing_or_never_comes_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        cron.check(line)


@given(
    st.datetimes(*(datetime(year, 1, 1) for year in (2020, 2030))), st.integers(0, 59),  # noqa: DTZ001
    st.none() | st.integers(0, 23), st.none() | st.integers(0, 7),
)  # fmt: skip
def test_times_go_forward_and_fit_their_line(
    moment: datetime, minute: int, hour: int | None, weekday: int | None
) -> None:
    words = ["*" if one is None else str(one) for one in (hour, weekday)]
    found = cron.next_after(f"{minute} {words[0]} * * {words[1]}", moment.replace(tzinfo=UTC), "UTC")
    assert found > moment.replace(tzinfo=UTC)
    assert found.minute == minute
    assert hour in (None, found.hour)
    assert weekday is None or weekday % 7 == found.isoweekday() % 7
    assert found - moment.replace(tzinfo=UTC) <= timedelta(days=7)
