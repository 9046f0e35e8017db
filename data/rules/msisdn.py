"""Numbers: what people type → 98…, or the reason why not (spec R16.1, ITU-T E.164; attack F01).

Iran is read by rule and by our own prefix table; another region by `phonenumbers`, imported when needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NewType

from data.errors import Refused
from data.rules.operators import is_mobile

Msisdn = NewType("Msisdn", int)  # a number with its country code, as every store of ours has it
FIRST: Final = 1_000_000  # the least number of E.164 that takes messages has seven digits
LAST: Final = 999_999_999_999_999
TEXT_MAX_CHARS = 64  # no writing of a number is longer
COUNTRY_CODE = "98"
NATIONAL_DIGITS = 10
FOREIGN_DIGITS = (7, 15)
MASK_STARTS, MASK_ENDS = 4, 2  # signs that a mask leaves at both ends

REASONS: dict[str, tuple[str, str]] = {  # reason: (English, Persian)
    "empty": ("there is no number", "شماره‌ای نوشته نشده است"),
    "not_a_number": ("this is not a telephone number", "این نوشته شماره تلفن نیست"),
    "landline": ("this is a landline, which takes no SMS", "این شماره تلفن ثابت است و پیامک نمی‌گیرد"),
    "foreign": ("this number belongs to another country", "این شماره از کشور دیگری است"),
    "too_short": ("the number has too few digits", "تعداد رقم‌های شماره کم است"),
    "too_long": ("the number has too many digits", "تعداد رقم‌های شماره زیاد است"),
    "scientific": (
        "damaged by the spreadsheet (9.12E+09): format the column as text and export again",
        "شماره در صفحه گسترده خراب شده است (9.12E+09): قالب ستون را متن (Text) کنید و دوباره خروجی بگیرید",
    ),
    "unknown_prefix": (
        "no operator has mobile numbers that begin so",
        "هیچ اپراتوری شماره همراه با این پیش‌شماره ندارد",
    ),
}

# Arabic-Indic and Persian digits and their punctuation, and full-width forms, to ASCII.
DIGITS_FROM = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩０１２３４５６７８９＋٫"
DIGITS_TO = "012345678901234567890123456789+."
# What people put between digits, and what copying brings along: white space, dashes, dots, brackets, slashes,
# quotation marks, zero-width and direction marks.
SEPARATORS = (
    r"[\s\x1c-\x1f\-‐‑‒–—―−_./()\[\]'\"`’‘“”«»"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
FLOAT_TAIL = r"^[\s\x1c-\x1f]*([0-9]+)\.0+[\s\x1c-\x1f]*$"  # 9121234567.0: a spreadsheet's amount
SCIENTIFIC = r"^\+?[0-9]+[eE]\+?[0-9]+$"
DIGITS_ONLY = r"^\+?[0-9]+$"

_TRANSLATION = str.maketrans(DIGITS_FROM, DIGITS_TO)
_SEPARATORS = re.compile(SEPARATORS)


class NumberRefused(Refused):
    """A text is no mobile number of the region; `reason` is a key of REASONS."""

    def __init__(self, reason: str) -> None:
        """Say the reason's sentences."""
        en, fa = REASONS[reason]
        super().__init__("number", en, fa)
        self.reason = reason


def parse(text: str, region: str = "IR") -> Msisdn:
    """Return the mobile number as an integer with its country code; raise NumberRefused."""
    cleaned = _clean(text)
    value = _iranian(cleaned) if region == "IR" else read_foreign(cleaned, region)
    if isinstance(value, str):
        raise NumberRefused(value)
    return Msisdn(value)


def asserted(numbers: Iterable[int]) -> list[Msisdn]:
    """Return numbers as what they must be where they enter a store: each once, sorted, of seven to fifteen
    digits. Whoever brings anything else has not read them first.
    """
    found = sorted(set(numbers))
    assert not found or (found[0] >= FIRST and found[-1] <= LAST), "read by msisdn.parse or its column twin"
    return [Msisdn(number) for number in found]


def show(msisdn: int) -> str:
    """Return the number as people write it: 0912… for Iran, +… for others."""
    text = str(msisdn)
    if text.startswith(COUNTRY_CODE) and len(text) == len(COUNTRY_CODE) + NATIONAL_DIGITS:
        return "0" + text[len(COUNTRY_CODE) :]
    return "+" + text


def mask(msisdn: int) -> str:
    """Return the number with all but the operator's prefix and the last two digits hidden: 0912•••67."""
    text = show(msisdn)
    return f"{text[:MASK_STARTS]}•••{text[-MASK_ENDS:]}"


def _clean(text: str) -> str:
    """Return digits with at most a leading +; raise NumberRefused for what holds anything else."""
    if len(text) > TEXT_MAX_CHARS:
        raise NumberRefused("not_a_number")
    plain = re.sub(FLOAT_TAIL, r"\1", text.translate(_TRANSLATION))
    cleaned = _SEPARATORS.sub("", plain)
    if not cleaned:
        raise NumberRefused("empty")
    if re.match(DIGITS_ONLY, cleaned):
        return cleaned
    raise NumberRefused("scientific" if re.match(SCIENTIFIC, cleaned) else "not_a_number")


def _iranian(text: str) -> int | str:
    """Return the number, or the reason, of digits that were dialled in Iran."""
    national, abroad = _national(text)
    if abroad is not None:
        low, high = FOREIGN_DIGITS
        if len(abroad) < low or len(abroad) > high:
            return "too_short" if len(abroad) < low else "too_long"
        return "unknown_prefix" if abroad[0] == "0" else "foreign"  # no country code begins with 0
    if len(national) != NATIONAL_DIGITS:
        return "too_short" if len(national) < NATIONAL_DIGITS else "too_long"
    msisdn = int(COUNTRY_CODE + national)
    if is_mobile(msisdn):
        return msisdn
    return "landline" if "1" <= national[0] <= "8" else "unknown_prefix"


def _national(text: str) -> tuple[str, str | None]:
    """Return the national number; or, of another country's number, its international digits as the second."""
    international = text[1:] if text[0] == "+" else text[2:] if text.startswith("00") else None
    if international is not None:
        if not international.startswith(COUNTRY_CODE):
            return "", international
        return international[len(COUNTRY_CODE) :].removeprefix("0"), None
    if text[0] == "0":
        return text[1:], None
    if text.startswith(COUNTRY_CODE) and len(text) >= len(COUNTRY_CODE) + NATIONAL_DIGITS:
        return text[len(COUNTRY_CODE) :].removeprefix("0"), None
    return text, None


def read_foreign(cleaned: str, region: str) -> int | str:
    """Return the mobile number, or the reason, of digits that were dialled in a region other than Iran."""
    import phonenumbers as lib  # 23 MB: only who serves another country pays for it

    try:
        number = lib.parse(cleaned, region)
    except lib.NumberParseException as error:
        return _PARSE_REASONS.get(error.error_type, "not_a_number")
    code = lib.country_code_for_region(region)
    if not lib.is_valid_number_for_region(number, region):
        if number.country_code != code or lib.is_valid_number(number):
            return "foreign"
        return _POSSIBLE_REASONS.get(lib.is_possible_number_with_reason(number), "unknown_prefix")
    if lib.number_type(number) in (lib.PhoneNumberType.MOBILE, lib.PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return int(lib.format_number(number, lib.PhoneNumberFormat.E164)[1:])
    return "landline"


_PARSE_REASONS = {0: "foreign", 1: "not_a_number", 2: "too_short", 3: "too_short", 4: "too_long"}
_POSSIBLE_REASONS = {2: "too_short", 3: "too_long", 5: "too_long"}
