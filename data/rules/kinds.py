"""The send kinds, and the rules that belong to the leaf their pickers make, whatever stands beside it
(R1.31, R1.36-R1.43).
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
TOWERS_IN = "towers_in"  # the criterion that the pickers of tower sends make
KIND_OF_LEAF: dict[str, str] = {  # criterion: the kind of send it is of, as reports have it
    "numbers": "quick", "file": "file", TOWERS_IN: "bts", "circle": "area", "polygon": "area",
    "towers": "area", "gender_age": "gender_age", "region": "region", "postcode": "postcode",
    "line": "region", "prefix": "region", "district": "district", "occupation": "occupation",
}  # fmt: skip


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


def quick_shortfalls(kind: str, recipients: int, limits: Limits) -> list[Shortfall]:
    """Return the rule of a quick send that `recipients` typed numbers would break."""
    if kind != "quick" or recipients <= limits.quick_numbers:
        return []
    return [
        Shortfall(
            "quick.max_numbers", recipients, limits.quick_numbers,
            f"a quick send takes at most {limits.quick_numbers:,} numbers; use send from file",
            f"در ارسال سریع فقط {limits.quick_numbers:,} شماره مجاز است؛ از «ارسال از فایل» استفاده کنید",
        )
    ]  # fmt: skip


def tower_shortfalls(recipients: int | None, parts_each: int, limits: Limits) -> list[Shortfall]:
    """Return the rules that a send breaks whose towers bring `recipients` people, each getting `parts_each`
    parts; None: it chooses no towers, and has no such rules.
    """
    if recipients is None:
        return []
    found = []
    if recipients < limits.bts_recipients:
        found.append(
            Shortfall(
                "bts.min_recipients", recipients, limits.bts_recipients,
                f"a tower send needs at least {limits.bts_recipients:,} recipients (a setting of the house); "
                f"its towers bring {recipients:,}: widen the shape",
                f"حداقل ارسال دکل {limits.bts_recipients:,} گیرنده است (از تنظیمات سامانه)؛ "
                f"دکل‌ها اکنون {recipients:,} گیرنده می‌آورند: شکل را بزرگ‌تر کنید",
            )
        )  # fmt: skip
    parts, least = recipients * parts_each, limits.bts_product + int(limits.bts_strict)
    if parts < least:
        found.append(
            Shortfall(
                "bts.min_product", parts, least,
                f"recipients x parts must be at least {least:,}; the towers bring {parts:,}",
                f"حاصل‌ضرب گیرندگان در صفحات پیامک باید دست‌کم {least:,} باشد؛ دکل‌ها اکنون {parts:,} می‌آورند",
            )
        )  # fmt: skip
    return found
