"""A number that we send from: what is asked when one is opened, and what of it can be another later."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

from data.invalid import Unacceptable
from data.rules import schedule
from data.rules.inputs import Input, Label, one_of
from data.rules.line import CAN, DEFAULT_CAN, KINDS, PART_UNITS, PRICE_MAX_RIALS
from data.rules.pricing import REFUND_POLICIES

NAME_CHARS_MAX, HOURS = 40, 2
NONE: Final = "none"  # the one word that leaves hours or abilities out
_NAME: Final = re.compile(r"[A-Za-z0-9+][A-Za-z0-9_.+-]{0,39}")


def _named(value: str) -> str:
    """Return the name of a line or gateway, as it may stand in commands, addresses and variables."""
    if not _NAME.fullmatch(value):
        raise Unacceptable("use 1-40 letters, digits or . _ + -", "نام باید ۱ تا ۴۰ حرف لاتین یا رقم باشد")
    return value


def _amount(value: int) -> int:
    if not 0 <= value <= PRICE_MAX_RIALS:
        raise Unacceptable(
            f"use 0 to {PRICE_MAX_RIALS:,} rials", f"مبلغ باید ۰ تا {PRICE_MAX_RIALS:,} ریال باشد"
        )
    return value


def _apart(value: Any) -> Any:
    """Words as they are typed, apart by blanks or commas, or as a list; the one word `none` is none."""
    words = [word for word in re.split(r"[\s,،]+", value) if word] if isinstance(value, str) else value
    return () if words in ([NONE], (NONE,)) else words


def _abilities(value: frozenset[str]) -> frozenset[str]:
    for word in value:
        one_of(CAN)(word)
    return value


def _from_and_to(value: tuple[str, ...]) -> tuple[str, ...]:
    if value and len(value) != HOURS:
        raise Unacceptable("write two times, such as 08:00 22:00", "دو ساعت بنویسید، مانند ۰۸:۰۰ و ۲۲:۰۰")
    for one in value:
        try:
            schedule.parse_clock(one)
        except schedule.ScheduleRefused as error:
            raise Unacceptable(error.en, error.fa) from error
    return value


Name = Annotated[str, AfterValidator(_named)]
Kind = Annotated[str, AfterValidator(one_of(KINDS))]
Amount = Annotated[int, AfterValidator(_amount)]
Refund = Annotated[str, AfterValidator(one_of(REFUND_POLICIES))]
PartUnits = Annotated[int, AfterValidator(one_of(PART_UNITS))]
Can = Annotated[frozenset[str], BeforeValidator(_apart), AfterValidator(_abilities)]
Hours = Annotated[tuple[str, ...], BeforeValidator(_apart), AfterValidator(_from_and_to)]

_PRICE = Label("بهای بخش فارسی", "Price of a Persian part", help_fa="به ریال", help_en="in rials")
_LATIN = Label(
    "بهای بخش لاتین", "Price of a Latin part", help_fa="به ریال؛ خالی: از بهای فارسی به دست می‌آید",
    help_en="in rials; empty: it follows from the Persian one",
)  # fmt: skip
_COST = Label(
    "هزینهٔ بخش", "Cost of a part", help_fa="آنچه درگاه می‌گیرد، به ریال",
    help_en="what the gateway bills, in rials",
)  # fmt: skip
_REFUND = Label(
    "بازگشت پول", "Refunds", "choice", help_fa="پول کدام پیام‌ها برمی‌گردد", help_en="whose money comes back"
)
_UNITS = Label(
    "واحدهای بخش فارسی", "Units of a Persian part", "choice", help_fa="در پیام چندبخشی",
    help_en="of a message of several",
)  # fmt: skip
_CAN = Label(
    "توانایی‌ها", "What it can", help_fa=f"از {'، '.join(CAN)}؛ یا {NONE}",
    help_en=f"of {', '.join(CAN)}; or {NONE}",
)  # fmt: skip
_HOURS = Label(
    "ساعت‌های مجاز", "Hours", help_fa=f"از و تا، مانند 08:00 22:00؛ یا {NONE}",
    help_en=f"from and to, such as 08:00 22:00; or {NONE}",
)  # fmt: skip


class Line(Input):
    """A new line; prices are rials for one part."""

    name: Annotated[
        Name, Label("خط", "Line", help_fa="شماره یا نام فرستنده", help_en="the sender number or name",
                    chars_max=NAME_CHARS_MAX)
    ]  # fmt: skip
    gateway: Annotated[str, Label("درگاه", "Gateway", "choice")]
    kind: Annotated[
        Kind, Label("گونه", "Kind", "choice", help_fa="تبلیغاتی تنها در ساعت‌های مجاز می‌فرستد",
                    help_en="an advertising line sends within its hours alone")
    ]  # fmt: skip
    price: Annotated[Amount, _PRICE]
    latin_price: Annotated[Amount | None, _LATIN] = None
    cost: Annotated[Amount, _COST]
    refund: Annotated[Refund, _REFUND] = REFUND_POLICIES[0]
    ucs2_part_units: Annotated[PartUnits, _UNITS] = PART_UNITS[-1]
    can: Annotated[Can, _CAN] = DEFAULT_CAN


class LineChange(Input):
    """What of a line is to be another; what is left out stays as it is."""

    price: Annotated[Amount | None, _PRICE] = None
    latin_price: Annotated[Amount | None, _LATIN] = None
    cost: Annotated[Amount | None, _COST] = None
    refund: Annotated[Refund | None, _REFUND] = None
    ucs2_part_units: Annotated[PartUnits | None, _UNITS] = None
    hours: Annotated[Hours | None, _HOURS] = None
    can: Annotated[Can | None, _CAN] = None
