"""Why something stands still or ended: in English as rows keep it, and in Persian beside it.

A reason with a sentence in each language is kept as two lines, English above. Fixed reasons and what calls to
gateways come to have their Persian here; what a gateway itself says stays as it said it.
"""

from __future__ import annotations

import re
from typing import Final

from data.rules.persian import persian_sentence

SIDE_CHARS_MAX = 240  # of each language, so that both fit into a column of 500
BY_A_PERSON: Final = "paused by a person"
_PERSIAN: Final[dict[str, str]] = {
    BY_A_PERSON: "به دست یک نفر متوقف شد",
    "stopped by a person": "به دست یک نفر پایان یافت",
    "the campaign was paused": "کارزار در آن هنگام متوقف بود",
    "too late to be sent": "برای ارسال دیر شده بود",
    "audience: nobody is left to write to; widen it": "مخاطبان: کسی برای ارسال نماند؛ آن را گسترده‌تر کنید",
    "this home was put back from a copy: what was sent after it was taken is not known":
        "این خانه از یک نسخهٔ پیشین برگردانده شده است: آنچه پس از آن فرستاده شده دانسته نیست",
    "attempted at another address or account of this gateway: neither asked nor sent again":
        "در نشانی یا حساب دیگری از این درگاه فرستاده شده بود: نه پرسیده می‌شود و نه دوباره فرستاده می‌شود",
    "the sending process is gone": "پردازهٔ فرستنده از میان رفت",
    "stopped while an answer is missing": "پایان یافت در حالی که پاسخی نرسیده بود",
    "the time in which it could be sent again is over": "مهلتی که می‌شد دوباره فرستاد گذشته است",
    "sent again under the same reference": "دوباره با همان شناسه فرستاده شد",
    "the gateway does not know it": "درگاه آن را نمی‌شناسد",
    "this gateway cannot be asked": "از این درگاه نمی‌توان پرسید",
    "decided at the horizon": "در پایان مهلت تصمیم گرفته شد",
    "the deadline passed before the first byte": "مهلت پیش از نخستین بایت گذشت",
    "the answer is longer than 5 MB": "پاسخ درگاه بیش از ۵ مگابایت است",
    "the answer did not end before the total deadline": "پاسخ درگاه تا پایان مهلت تمام نشد",
    "no whole answer before the total deadline": "تا پایان مهلت پاسخ کاملی نرسید",
    "HTTP 429: too many requests": "HTTP 429: درخواست‌ها بیش از اندازه بود",
    "every message was refused": "همهٔ پیام‌ها پذیرفته نشد",
    "the answer does not name each message exactly once": "پاسخ درگاه هر پیام را درست یک بار نام نمی‌برد",
    "the look-up does not name each message exactly once": "پاسخ پیگیری هر پیام را درست یک بار نام نمی‌برد",
    "none of these ids is known there": "هیچ‌یک از این شناسه‌ها آنجا شناخته نیست",
    "the answer to the look-up is not of the contract": "پاسخ پیگیری به شکل قرارداد نیست",
    "the gateway does not know this reference": "درگاه این شناسه را نمی‌شناسد",
    "HTTP 200 whose body is not of the contract": "HTTP 200 با متنی که به شکل قرارداد نیست",
    "no list of entries": "پاسخ درگاه فهرستی ندارد",
}  # fmt: skip
_SHAPES: Final[dict[str, str]] = {  # what begins or ends with something of its own
    r"HTTP (\S+): key or credit of the line": r"HTTP \1: کلید یا اعتبار خط",
    r"HTTP (\S+): the gateway refuses this call": r"HTTP \1: درگاه این درخواست را نمی‌پذیرد",
    r"HTTP (\S+) proves nothing": r"HTTP \1 چیزی را ثابت نمی‌کند",
    r"no connection: (.*)": r"ارتباط برقرار نشد: \1",
    r"not an address: (.*)": r"نشانی درستی نیست: \1",
    r"the call could not be made: (.*)": r"درخواست انجام نشد: \1",
    r"answer lost: (.*)": r"پاسخ گم شد: \1",
    r"an error code that is not in the table: (.*)": r"کد خطایی که در جدول نیست: \1",
    r"a code that is not in the table: (.*)": r"کدی که در جدول نیست: \1",
    r"return status (\S+) is not in the table": r"کد پاسخ \1 در جدول نیست",
    r"the gateway says (.*)": r"درگاه می‌گوید: \1",
    r"look-up failed: (.*)": r"پیگیری نشد: \1",
    r"the gateway (\S+) is not configured": r"درگاه \1 تنظیم نشده است",
    r"(\d+) accepted": r"\1 پذیرفته شد",
}
_COUNTED: Final = {r"(\d+) accepted"}  # of these the number is ours: a gateway's codes stay as it wrote them


def both(en: str, fa: str) -> str:
    """Return a reason of two sentences as a row keeps it."""
    return f"{_line(en)}\n{_line(fa)}" if fa != en else _line(en)


def bounded(why: str, chars: int) -> str:
    """Return a reason for a column of `chars`; each of two sentences gets half of it."""
    en, below, fa = why.partition("\n")
    side = (chars - 1) // 2
    return f"{en[:side]}\n{fa[:side]}" if below else en[:chars]


def plain(why: str | None) -> str:
    """Return a kept reason in English, as programs are told it; empty where there is none."""
    return (why or "").partition("\n")[0]


def say(why: str, language: str) -> str:
    """Return a kept reason in `language` ("fa" or "en")."""
    en, _, fa = why.partition("\n")
    if language != "fa":
        return en
    if fa or en in _PERSIAN:
        return fa or _PERSIAN[en]
    for shape, persian in _SHAPES.items():
        if found := re.fullmatch(shape, en):
            told = found.expand(persian)
            return persian_sentence(told) if shape in _COUNTED else told
    return en


def _line(text: str) -> str:
    return " ".join(text.split())[:SIDE_CHARS_MAX]
