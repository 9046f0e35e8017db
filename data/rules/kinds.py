"""The send kinds and the rules that belong to them, not to the criteria they use (R1.31, R1.36-R1.43,
decisions 26).
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, tuple[str, str]] = {  # kind: (Persian, English)
    "quick": ("ارسال سریع", "Quick send"),
    "file": ("ارسال از فایل", "Send from file"),
    "bts": ("دکل‌های BTS ایرانسل", "Irancell cell towers"),
    "gender_age": ("ارسال بر اساس جنسیت و سن", "By gender and age"),
    "region_irancell": ("ارسال منطقه‌ای ایرانسل", "Irancell region"),
    "postcode": ("ارسال کدپستی کشوری", "Postcode"),
    "region": ("ارسال منطقه‌ای کشوری", "Region, line type or prefix"),
    "district": ("ارسال کدپستی تهران و کرج", "District of Tehran or Karaj"),
    "occupation": ("ارسال بر اساس مشاغل", "By occupation"),
    "area": ("ارسال ترکیبی روی نقشه", "Map and mixed criteria"),
}
OPERATOR_OF: dict[str, str] = {"bts": "irancell", "region_irancell": "irancell", "gender_age": "mci"}
ON_TOWERS = frozenset({"bts"})  # shapes choose towers, and towers the people last seen there


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the kinds (spec.md 5.1)."""

    quick_numbers: int
    bts_recipients: int
    bts_product: int
    bts_strict: bool


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule of a kind that a send does not keep: what it has and what it needs."""

    rule: str
    has: int
    needs: int
    en: str
    fa: str


def shortfalls(kind: str, *, recipients: int, parts: int, limits: Limits) -> list[Shortfall]:
    """Return the rules that `recipients` people getting `parts` parts in all would break."""
    found = []
    if kind == "quick" and recipients > limits.quick_numbers:
        found.append(
            Shortfall(
                "quick.max_numbers", recipients, limits.quick_numbers,
                f"a quick send takes at most {limits.quick_numbers:,} numbers; use send from file",
                f"در ارسال سریع فقط {limits.quick_numbers:,} شماره مجاز است؛ از «ارسال از فایل» استفاده کنید",
            )
        )  # fmt: skip
    if kind == "bts" and recipients < limits.bts_recipients:
        found.append(
            Shortfall(
                "bts.min_recipients", recipients, limits.bts_recipients,
                f"a tower send needs at least {limits.bts_recipients:,} recipients (a setting of the house); "
                f"it has {recipients:,}: widen the audience",
                f"حداقل ارسال دکل {limits.bts_recipients:,} گیرنده است (از تنظیمات سامانه)؛ "
                f"اکنون {recipients:,} گیرنده دارد: مخاطبان را گسترده‌تر کنید",
            )
        )  # fmt: skip
    least = limits.bts_product + int(limits.bts_strict)
    if kind == "bts" and parts < least:
        found.append(
            Shortfall(
                "bts.min_product", parts, least,
                f"recipients x parts must be at least {least:,}; it is {parts:,}",
                f"حاصل‌ضرب گیرندگان در صفحات پیامک باید دست‌کم {least:,} باشد؛ اکنون {parts:,} است",
            )
        )  # fmt: skip
    return found
