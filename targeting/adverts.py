"""Whether an order is advertising, as its line and its audience say; and what to tell of its words."""

from __future__ import annotations

from collections.abc import Sequence

from data.errors import Refused
from data.records import lines
from data.records.campaigns import Campaign, Draft
from data.records.lines import Line
from data.rules.advertising import (
    AD,
    SERVICE,
    is_advertising,
    refuse_contradiction,
    refuse_line,
    sale_words,
)
from data.store.operations import Connection
from targeting.criterion import Notice
from targeting.tree import Audience, parse_audience

DEMOGRAPHIC = "demographic"


def follows(line: Line, audience: Audience, said: object) -> bool:
    """What an order is follows from line and audience; what it says of itself can only be stricter."""
    rented = audience.uses_bank
    refuse_line(line.kind, rented=rented)
    advertising = is_advertising(line.kind, rented=rented)
    refuse_contradiction(said, advertising=advertising)
    return advertising or said is True


def refuse_unable(line: Line, audience: Audience, others: Sequence[Line]) -> None:
    """Raise Refused where people are chosen by who they are and the line's operator cannot tell them apart;
    `others` are the lines that may be named instead.
    """
    asked = {leaf.criterion.kind for leaf, _ in audience.tree.leaves()}
    if "gender_age" not in asked or DEMOGRAPHIC in line.can:
        return
    able = [one.name for one in others if DEMOGRAPHIC in one.can]
    names = ", ".join(able) or "none of this account's"
    names_fa = "، ".join(able) or "هیچ‌یک از خط‌های این حساب"
    raise Refused(
        "line", f"{line.name} sends to nobody by gender and age; lines that do: {names}",
        f"خط {line.name} ارسال بر اساس جنسیت و سن ندارد؛ خط‌هایی که دارند: {names_fa}",
    )  # fmt: skip


def still_follows(c: Connection, order: Campaign | Draft) -> tuple[bool, bool]:
    """Return of an order that was stored earlier, perhaps by other rules, whether it is advertising, and
    whether its line ends it with the way out; 0 is a line that is not chosen yet.
    """
    rented = parse_audience(order.audience).uses_bank
    kind = lines.get(c, order.line_id).kind if order.line_id else None
    refuse_line(kind or AD, rented=rented)
    return order.advertising or rented or kind == AD, kind == AD


def sale_notices(line: Line, text: str) -> list[Notice]:
    """Return what to say of words of selling in a text that goes by a service line."""
    found = sale_words(text) if line.kind == SERVICE else []
    if not found:
        return []
    shown = "، ".join(found)
    en = f"{shown}: words of selling are fined on a service line; send offers by an advertising line"
    fa = f"«{shown}»: واژه‌های فروش روی خط خدماتی جریمه دارد؛ پیشنهادها را با خط تبلیغاتی بفرستید"
    return [Notice("sale_words", en, fa)]
