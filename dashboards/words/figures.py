"""Numbers, money, percentages and moments as people read them: Persian digits and the Jalali calendar in
Persian, Latin digits and the Gregorian calendar in English; civil time of the installation's zone in both.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.rules import jalali
from data.rules.persian import POINT as POINT_FA
from data.rules.persian import SEPARATOR as SEPARATOR_FA
from data.rules.persian import persian_digits
from data.settings import settings


def plain(text: object, language: str) -> str:
    """Return a text with the digits of the language."""
    return persian_digits(str(text)) if language == "fa" else str(text)


def count(number: int | None, language: str) -> str:
    """Return a whole number with thousands separated; an absent one is a dash."""
    if number is None:
        return "–"
    text = f"{number:,}"
    return persian_digits(text).replace(",", SEPARATOR_FA) if language == "fa" else text


def rials(amount: int | None, language: str) -> str:
    """Return an amount of money with its unit."""
    unit = "ریال" if language == "fa" else "rial"
    return "–" if amount is None else f"{count(amount, language)} {unit}"


def decimal(text: str, language: str) -> str:
    """Return a written decimal number in the digits and with the point of the language."""
    return persian_digits(text).replace(".", POINT_FA) if language == "fa" else text


def percent(part: int, whole: int, language: str) -> str:
    """Return a share with one decimal; of nothing it is a dash."""
    if not whole:
        return "–"
    text = f"{100 * part / whole:.1f}"
    return f"{persian_digits(text).replace('.', POINT_FA)}٪" if language == "fa" else f"{text}%"


def local(at: datetime) -> datetime:
    """Return a moment in the civil time of the installation."""
    return at.astimezone(ZoneInfo(settings().timezone))


def day(when: date, language: str, *, long: bool = False) -> str:
    """Return a day: Jalali in Persian, ISO or `Thursday 12 March 2026` in English."""
    if language == "fa":
        return persian_digits(jalali.show(when, long=long))
    return f"{when:%A} {when.day} {when:%B %Y}" if long else when.isoformat()


def day_short(when: date, language: str) -> str:
    """Return day and month as a chart's axis writes them: ۱ آذر or 22 Nov."""
    if language == "fa":
        _, month, number = jalali.to_jalali(when)
        return f"{persian_digits(number)} {jalali.MONTHS_FA[month - 1]}"
    return f"{when.day} {when:%b}"


def clock(at: datetime, language: str) -> str:
    """Return hours and minutes of a moment in civil time."""
    return plain(f"{local(at):%H:%M}", language)


def moment(at: datetime | None, language: str) -> str:
    """Return day and time of a moment in civil time; an absent one is a dash."""
    if at is None:
        return "–"
    return f"{day(local(at).date(), language)} {clock(at, language)}"
