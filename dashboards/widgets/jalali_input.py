"""Days and times as they are said: the Jalali calendar in Persian, the Gregorian in English."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import words
from dashboards.session import Here, show_problem
from data.errors import Refused
from data.rules import jalali
from data.settings import settings

STEP_MINUTES = 5


def optional_day(here: Here, label: str, *, key: str, around: date) -> date | None:
    """Let a day be typed, such as 1405/09/02; empty means none; no such day is refused."""
    hint = words.day(around, here.language)
    typed = st.text_input(label, key=key, placeholder=hint, max_chars=10).strip()
    if not typed:
        return None
    try:
        return jalali.parse(typed) if here.language == "fa" else date.fromisoformat(typed)
    except ValueError:
        show_problem(here, Refused(key, f"write a day such as {hint}", f"روزی مانند {hint} بنویسید"))
        return None


def moment(here: Here, *, key: str, now: datetime) -> datetime:
    """Let a day and a time of the coming days be chosen; return the moment, aware, in UTC-comparable form."""
    zone = ZoneInfo(settings().timezone)
    start = now.astimezone(zone)
    columns = st.columns(2)
    days = [start.date() + timedelta(days=ahead) for ahead in range(settings().schedule.max_days + 1)]
    with columns[0]:
        day = st.selectbox(
            here.say("day"), days, key=f"{key}_day", format_func=lambda d: _said(here, d, start.date())
        )
    with columns[1]:
        at = st.time_input(
            here.say("hour"), value=time(10, 0), key=f"{key}_time", step=timedelta(minutes=STEP_MINUTES)
        )
    return datetime.combine(day, at or time(10, 0), tzinfo=zone)


def _said(here: Here, day: date, today: date) -> str:
    ahead = (day - today).days
    near = {0: "today", 1: "tomorrow"}.get(ahead)
    text = words.day(day, here.language, long=True)
    return f"{here.say(near)} – {text}" if near else text
