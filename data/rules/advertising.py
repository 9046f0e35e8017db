"""What makes a message advertising, and what that asks of it: who is left out, its hours, its last words.

It follows from who is written to and by which line, never from what the sender says of it. Sources are the
panels' own rules as public pages tell them: a service line for one's own customers only, «لغو۱۱» in exactly
these words, hours, fines for words of selling.
"""

from __future__ import annotations

import re

from data.errors import Refused
from data.rules.persian import fold

AD, SERVICE = "ad", "service"  # kinds of lines
LAST_WORDS = "لغو۱۱"
# What people write for the same; it ends a text, and is put right there. Read by the page's script as well.
NEARLY = r"\s*لغو[\s:\-–_ـ\u200c«»]*(?:۱۱|11|١١)[\s.!؟»]*$"
_NEARLY = re.compile(NEARLY)
_BETWEEN = re.compile("[^0-9a-z\u0600-\u06ff]+")
SALE_WORDS = (
    "تخفیف", "حراج", "فروش ویژه", "فروش فوق‌العاده", "پیشنهاد ویژه", "جشنواره", "قرعه‌کشی", "کد تخفیف",
    "discount", "sale", "special offer",
)  # fmt: skip


def is_advertising(line_kind: str, *, rented: bool) -> bool:
    """Say whether what this line carries to these people is advertising."""
    return rented or line_kind == AD


def refuse_line(line_kind: str, *, rented: bool, field: str = "line") -> None:
    """Refuse a service line beside rented criteria: strangers never asked for its messages."""
    if rented and line_kind == SERVICE:
        raise Refused(
            field,
            "a service line carries messages to your own customers only; rented numbers get advertising: "
            "choose an advertising line, or recipients of your own",
            "خط خدماتی تنها برای مشتریان خود شماست و پیام به شماره‌های اجاره‌ای تبلیغ است: "
            "خط تبلیغاتی یا گیرندگان خودتان را برگزینید",
        )


def refuse_contradiction(said: object, *, advertising: bool) -> None:
    """Refuse what an order says of itself where line and audience say otherwise; None says nothing."""
    if said is None:
        return
    if not isinstance(said, bool):
        raise Refused("advertising", "use true or false", "true یا false بنویسید")
    if advertising and not said:
        raise Refused(
            "advertising",
            "what goes by an advertising line or to rented numbers is advertising: leave the field out, or "
            "choose a service line and recipients of your own",
            "آنچه با خط تبلیغاتی یا به شماره‌های اجاره‌ای می‌رود تبلیغ است: این فیلد را ننویسید، یا خط خدماتی و "
            "گیرندگان خودتان را برگزینید",
        )


def ended(text: str) -> str:
    """Return an advert's text as it is sent: it ends with LAST_WORDS, which count in its parts."""
    bare = text.rstrip()
    if bare.endswith(LAST_WORDS):
        return bare
    return f"{_NEARLY.sub('', bare)}\n{LAST_WORDS}"


def sale_words(text: str) -> list[str]:
    """Return the words of selling in a text: by a service line they are fined."""
    words = f" {_BETWEEN.sub(' ', fold(text))} "
    return [one for one in SALE_WORDS if f" {fold(one)} " in words]
