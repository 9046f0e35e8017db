"""From a composed form to an order: everything that still keeps it from being sent, each with its mend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data import clock
from data.errors import Refused
from data.rules import advertising, kinds
from data.rules.unseen import is_blank
from data.settings import settings
from targeting.audience import parse_audience
from targeting.orders.counting import Counted
from targeting.orders.promise import Promise, kind_limits, tower_shortfalls
from targeting.privacy import left_too_few


@dataclass(frozen=True, slots=True)
class Composed:
    """Everything that was put together on a send page, ready to be ordered."""

    kind: str
    line: str
    advertising: bool  # the line is one for advertising
    text: str
    title: str
    audience: dict[str, Any]
    start_at: datetime | None

    def to_order(self) -> dict[str, Any]:
        """Return it as a campaign file has it (`placing.order`)."""
        return {
            "title": self.title, "line": self.line, "text": self.text, "audience": self.audience,
            "kind": self.kind, "start_at": self.start_at,
        }  # fmt: skip


def lacking(form: Composed, found: Counted, quote: Promise | None, *, available_rials: int) -> list[Refused]:
    """Return everything that keeps a form from being sent, each with its mend (R1.19)."""
    problems = [*_line(form), *_audience(found), *_time(form.start_at)]
    if is_blank(form.text):
        problems.append(Refused("text", "write the message", "متن پیام را بنویسید"))
    if quote is None:
        return problems
    short = quote.quote.cost_rials - available_rials
    if short > 0:
        problems.append(
            Refused(
                "credit",
                f"{short:,} rials of credit are lacking; choose fewer recipients or ask for credit",
                f"{short:,} ریال اعتبار کم است؛ گیرندگان کمتری برگزینید یا درخواست اعتبار کنید",
            )
        )
    typed = kinds.quick_shortfalls(form.kind, quote.quote.recipients, kind_limits())
    rules = [*typed, *tower_shortfalls(quote)]
    return problems + [Refused(rule.rule, rule.en, rule.fa) for rule in rules]


def _audience(found: Counted) -> list[Refused]:
    k = settings().privacy.min_cell
    if found.hidden:
        return [
            Refused(
                "audience",
                f"fewer than {k} people match; widen the conditions",
                f"کمتر از {k} نفر برگزیده شدند؛ شرط‌ها را بازتر کنید",
            )
        ]
    if short := left_too_few(found.count):
        return [Refused("audience", *short)]
    if not found.count.selected:
        return [
            Refused(
                "audience",
                "nobody is left to write to; widen the conditions",
                "کسی برای ارسال نماند؛ شرط‌ها را بازتر کنید",
            )
        ]
    return []


def _line(form: Composed) -> list[Refused]:
    try:
        kind = advertising.AD if form.advertising else advertising.SERVICE
        advertising.refuse_line(kind, rented=parse_audience(form.audience).uses_bank)
    except Refused as refused:
        return [refused]
    return []


def _time(start_at: datetime | None) -> list[Refused]:
    if start_at is None or start_at > clock.now():
        return []
    return [
        Refused(
            "start_at", "this time is past; choose a later one", "این زمان گذشته است؛ زمانی دیرتر برگزینید"
        )
    ]
