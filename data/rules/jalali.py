"""The Jalali calendar, Iran's official one, by jdatetime; for 1206-1498, whose leap years are published."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import jdatetime

from data.errors import Refused
from data.rules.persian import digits, persian_digits

YEAR_FIRST, YEAR_LAST = 1206, 1498
MONTHS_FA = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
             "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")  # fmt: skip
MONTHS_EN = ("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
             "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand")  # fmt: skip
# As date.weekday() counts them: Monday is 0.
WEEKDAYS_FA = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE = re.compile(r"\s*(\d{4})([/.-])(\d{1,2})\2(\d{1,2})\s*", re.ASCII)


class DateRefused(Refused, ValueError):
    """There is no such day in the Jalali calendar."""


@lru_cache(maxsize=4_096)
def to_jalali(day: date) -> tuple[int, int, int]:
    """Return (year, month, day) of a Gregorian date."""
    found = jdatetime.date.fromgregorian(date=day)
    return found.year, found.month, found.day


def from_jalali(year: int, month: int, day: int) -> date:
    """Return the Gregorian date; raise DateRefused where there is no such day."""
    if not (YEAR_FIRST <= year <= YEAR_LAST and 1 <= month <= 12 and 1 <= day <= month_days(year, month)):
        raise _refused(f"{year:04}/{month:02}/{day:02}")
    found: date = jdatetime.date(year, month, day).togregorian()
    return found


def parse(text: str) -> date:
    """Return the Gregorian date of 1403/12/30, 1403-12-30 or 1403.12.30 in any digits; raise DateRefused."""
    found = _DATE.fullmatch(digits(text))
    if not found:
        raise _refused(text[:20])
    return from_jalali(int(found[1]), int(found[3]), int(found[4]))


def show(day: date, *, long: bool = False, language: str = "fa") -> str:
    """Return a Gregorian date as Jalali: ۱۴۰۳/۱۲/۳۰, or with `long` پنجشنبه ۳۰ اسفند ۱۴۰۳."""
    year, month, number = to_jalali(day)
    persian = language == "fa"
    if long:
        weekday = (WEEKDAYS_FA if persian else WEEKDAYS_EN)[day.weekday()]
        text = f"{weekday} {number} {(MONTHS_FA if persian else MONTHS_EN)[month - 1]} {year}"
    else:
        text = f"{year:04}/{month:02}/{number:02}"
    return persian_digits(text) if persian else text


def is_leap(year: int) -> bool:
    """Say whether Esfand of this Jalali year has 30 days."""
    return bool(jdatetime.date(year, 1, 1).isleap())


def month_days(year: int, month: int) -> int:
    """Return how many days a Jalali month has."""
    return 31 if month <= 6 else 30 if month <= 11 or is_leap(year) else 29


def add_months(day: date, months: int, *, wanted_day: int | None = None) -> date:
    """Return the date so many Jalali months later, on `wanted_day` or else the same day of the month.

    A day that the month does not have becomes its last: the 31st of Mehr is the 30th, 30 Esfand 29 Esfand.
    """
    year, month, number = to_jalali(day)
    whole, rest = divmod(year * 12 + month - 1 + months, 12)
    last = month_days(whole, rest + 1)
    return from_jalali(whole, rest + 1, min(wanted_day or number, last))


def anniversary(day: date, year: int) -> date:
    """Return when the Jalali day and month of `day` return in a Jalali year."""
    return add_months(day, 12 * (year - to_jalali(day)[0]))


def _refused(text: str) -> DateRefused:
    return DateRefused(
        "date",
        f"there is no Jalali date {text}: write year/month/day, such as 1404/12/29",
        f"تاریخ شمسی {persian_digits(text)} وجود ندارد: سال/ماه/روز بنویسید، مانند ۱۴۰۴/۱۲/۲۹",
    )
