"""An order to send: what a campaign file may say and a send page asks, before anything of it is looked up.

Whom the audience reaches, whose line it is and what the text becomes are understood where an order is checked
(`targeting.orders.checking`); here stands what can be seen of the fields alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictBool, StringConstraints

from data.errors import Refused
from data.invalid import Unacceptable
from data.rules import kinds, schedule
from data.rules.inputs import Input, Label, one_of
from data.rules.schedule import Recurrence

TITLE_CHARS_MAX: Final = 200
T = TypeVar("T")


def _understood(read: Callable[[Any], T], *at: str) -> Callable[[Any], T]:
    """A reader that refuses by a dotted field, as a validator of that field; `at` is a place inside it."""

    def reading(value: Any) -> T:
        try:
            return read(value)
        except Refused as refused:
            inside = at or tuple(refused.field.split(".")[1:])
            raise Unacceptable(refused.en, refused.fa, at=inside) from refused

    return reading


def _titled(value: str) -> str:
    if len(value) > TITLE_CHARS_MAX:
        raise Unacceptable(
            f"use at most {TITLE_CHARS_MAX} characters", f"عنوان حداکثر {TITLE_CHARS_MAX} نویسه باشد"
        )
    return value


def _moment(value: Any) -> datetime:
    """Read ISO time, with a zone or without one (then it is the home's civil time)."""
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Unacceptable(
            "use ISO time such as 2027-01-31T10:00+03:30", "زمان را مانند 2027-01-31T10:00+03:30 بنویسید"
        ) from error


def _quiet(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        raise Unacceptable('use {"from": "21:00", "to": "08:00"}', "به شکل {from, to} بنویسید")
    for side in ("from", "to"):
        _understood(schedule.parse_clock, side)(value[side])
    if value["from"] == value["to"]:
        raise Unacceptable(
            "must differ from quiet_hours.from; without quiet hours leave the field out",
            "باید با آغاز فرق کند؛ بدون ساعت سکوت این فیلد را ننویسید", at=("to",),
        )  # fmt: skip
    return {"from": value["from"], "to": value["to"]}


def _named(value: Any) -> Any:
    """A name of digits alone is a number where a file says nothing of quotation marks."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, BeforeValidator(_named)]
Text = Annotated[str, StringConstraints(strip_whitespace=False)]  # it is sent as it was written
Kind = Annotated[str, AfterValidator(one_of(tuple(kinds.KINDS)))]
Recurring = Annotated[Recurrence, PlainValidator(_understood(schedule.parse_recurrence))]


class Campaign(Input):
    """One order; `audience` is the tree of docs/audiences.md."""

    title: Annotated[
        Annotated[str, AfterValidator(_titled)],
        Label(
            "عنوان", "Title", help_fa="در گزارش‌ها دیده می‌شود؛ خالی: سطر نخست متن",
            help_en="shown in reports; empty: the first line of the text", chars_max=TITLE_CHARS_MAX,
        ),
    ] = ""  # fmt: skip
    account: Annotated[
        Name, Label("حساب", "Account", help_fa="که سفارش می‌دهد و می‌پردازد", help_en="that orders and pays")
    ] = ""
    line: Annotated[Name, Label("خط ارسال", "Line", "choice")] = ""
    text: Annotated[Text, Label("متن پیام", "Message", "long")]
    audience: Annotated[dict[str, Any], Label("گیرندگان", "Recipients")] = Field(default_factory=dict)
    kind: Annotated[Kind, Label("گونهٔ ارسال", "Kind of send", "choice")] = "area"
    start_at: Annotated[
        Annotated[datetime, PlainValidator(_moment)] | None,
        Label("زمان ارسال", "Send time", help_fa="خالی: هنگام آغاز", help_en="empty: when it is started"),
    ] = None
    recurrence: Annotated[Recurring | None, Label("تکرار", "Repeats")] = None
    quiet_hours: Annotated[
        Annotated[dict[str, str], PlainValidator(_quiet)] | None,
        Label(
            "ساعت‌های سکوت", "Quiet hours", help_fa="در آن هیچ بسته‌ای آغاز نمی‌شود",
            help_en="no batch starts in them",
        ),
    ] = None  # fmt: skip
    advertising: Annotated[
        StrictBool | None,
        Label(
            "تبلیغاتی", "Advertising", help_fa="از خط و گیرندگان به دست می‌آید؛ true سخت‌گیرتر است",
            help_en="follows from line and recipients; true is stricter",
        ),
    ] = None  # fmt: skip
    token: Annotated[
        Name,
        Label(
            "کلید یکتایی", "Idempotency token", help_fa="همان کلید همان کارزار را می‌دهد",
            help_en="the same token gives the same campaign",
        ),
    ] = ""  # fmt: skip
