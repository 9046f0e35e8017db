"""The Jalali calendar against the official leap years, verified dates, and dates that do not exist."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Refused
from data.rules import jalali
from data.rules.jalali import (
    DateRefused,
    add_months,
    anniversary,
    from_jalali,
    is_leap,
    parse,
    show,
    to_jalali,
)

_DAYS = st.dates(date(1830, 1, 1), date(2119, 1, 1))


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_verified_date_converts_both_ways(reference_data: Path) -> None:
    rows = _rows(reference_data, "jalali_dates.csv")
    assert len(rows) == 1512
    for row in rows:
        day = date.fromisoformat(row["gregorian"])
        year, month, number = map(int, row["jalali"].split("-"))
        assert to_jalali(day) == (year, month, number)
        assert from_jalali(year, month, number) == parse(row["jalali"]) == day
        assert jalali.WEEKDAYS_EN[day.weekday()] == row["weekday"]


def test_every_year_begins_and_leaps_as_published(reference_data: Path) -> None:
    for row in _rows(reference_data, "jalali_nowruz.csv"):
        year = int(row["jalali_year"])
        assert from_jalali(year, 1, 1) == date.fromisoformat(row["gregorian_date_of_1_farvardin"])
        assert is_leap(year) == (row["is_leap"] == "1")
        assert sum(jalali.month_days(year, month) for month in range(1, 13)) == int(row["days_in_year"])


def test_every_impossible_date_is_refused(reference_data: Path) -> None:
    for row in _rows(reference_data, "jalali_invalid.csv"):
        with pytest.raises(DateRefused):
            parse(row["jalali"])


@pytest.mark.parametrize("text", ["1403/12/30", "1403-12-30", "1403.12.30", "۱۴۰۳/۱۲/۳۰", " ١٤٠٣/١٢/٣٠ "])
def test_a_date_has_many_writings(text: str) -> None:
    assert parse(text) == date(2025, 3, 20)


@pytest.mark.parametrize(
    "text", ["", "1403", "1403/12-30", "2025/03/20", "1499/01/01", "1205/01/01", "30/12/1403", "۱۴۰۳/۱۳/۰۱"]
)
def test_what_is_no_jalali_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match="1404/12/29") as told:
        parse(text)
    assert isinstance(told.value, ValueError)
    assert "۱۴۰۴/۱۲/۲۹" in told.value.say("fa")


def test_a_date_is_shown_short_and_long_in_two_languages() -> None:
    day = date(2025, 3, 20)
    assert show(day) == "۱۴۰۳/۱۲/۳۰"
    assert show(day, long=True) == "پنجشنبه ۳۰ اسفند ۱۴۰۳"
    assert show(day, language="en") == "1403/12/30"
    assert show(day, long=True, language="en") == "Thursday 30 Esfand 1403"


def test_the_31st_becomes_the_last_day_of_a_shorter_month() -> None:
    day = from_jalali(1403, 6, 31)
    assert to_jalali(add_months(day, 1)) == (1403, 7, 30)
    assert to_jalali(add_months(day, 6)) == (1403, 12, 30)
    assert to_jalali(add_months(day, 18)) == (1404, 12, 29)
    assert to_jalali(add_months(day, 7, wanted_day=31)) == (1404, 1, 31)
    assert to_jalali(add_months(day, -6)) == (1402, 12, 29)


def test_a_birthday_on_30_esfand_is_kept_on_the_29th_in_common_years() -> None:
    born = from_jalali(1375, 12, 30)
    assert to_jalali(anniversary(born, 1403)) == (1403, 12, 30)
    assert to_jalali(anniversary(born, 1404)) == (1404, 12, 29)


@given(_DAYS)
def test_any_day_comes_back_as_itself(day: date) -> None:
    assert from_jalali(*to_jalali(day)) == day
    assert parse(show(day)) == day


@given(_DAYS.filter(lambda day: day < date(2100, 1, 1)), st.integers(0, 120))
def test_months_add_up(day: date, months: int) -> None:
    year, month, number = to_jalali(day)
    later = to_jalali(add_months(day, months))
    assert later[0] * 12 + later[1] == year * 12 + month + months
    assert later[2] == min(number, jalali.month_days(later[0], later[1]))
