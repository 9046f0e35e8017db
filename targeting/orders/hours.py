"""Hours in which an order could never be sent are refused before money is held for it."""

from __future__ import annotations

from datetime import datetime

from data.errors import Refused
from data.records.lines import Line
from data.rules import schedule

ANY_DAY = datetime(2026, 3, 21)  # noqa: DTZ001 (civil hours are alike every day)


def refuse_never(line: Line, quiet: dict[str, str] | None) -> None:
    """Raise Refused where the quiet hours swallow the hours of the line: nothing would ever be sent."""
    if not line.window or schedule.first_open(ANY_DAY, schedule.sending_windows(line.window, quiet)):
        return
    hours, hours_fa = " to ".join(map(str, line.window)), " تا ".join(map(str, line.window))
    raise Refused(
        "quiet_hours",
        f"they leave nothing of the hours of line {line.name} ({hours}), so that nothing would ever be sent; "
        "leave some of these hours out of the quiet hours",
        f"از ساعت‌های خط {line.name} ({hours_fa}) چیزی نمی‌ماند و هیچ پیامی نمی‌رود؛ "
        "بخشی از این ساعت‌ها را از ساعت سکوت بیرون بگذارید",
    )
