"""Areas by the first digits of their postcodes: the condition of living in one, and which are covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.errors import Refused
from targeting.codes import Code
from targeting.criterion import Condition
from targeting.names import nearest

if TYPE_CHECKING:
    from targeting.places import Places

CHOICES_SHOWN = 20  # codes that a refusal lists


def begins(column: str, prefix: Code) -> Condition:
    """Return `s.column` begins with `prefix`, as a range that row groups can be skipped by."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return Condition(f"s.{column} >= ? AND s.{column} < ?", [prefix, after])


def covered(prefix: str, places: Places, field: str) -> Code:
    """Return a code that an area of the snapshot begins with or lies in; refuse others, naming the nearest
    and what is covered; and every code where the snapshot has none.
    """
    if not places.has_postcodes:
        raise Refused(
            field,
            "nobody in this population has a postcode; choose by place or on the map",
            "در این جمعیت کسی کدپستی ندارد؛ بر اساس مکان یا روی نقشه برگزینید",
        )
    areas = places.postcode_areas
    if not areas or any(area.startswith(prefix) or prefix.startswith(area) for area, *_ in areas):
        return Code(prefix)
    codes = sorted({area[: len(prefix)] for area, *_ in areas})
    near = nearest(prefix, ((code, code) for code in codes))
    listed, more = codes[:CHOICES_SHOWN], len(codes) - CHOICES_SHOWN
    en, fa = (f" and {more} more", f" و {more} مورد دیگر") if more > 0 else ("", "")
    raise Refused(
        field,
        f"postcode {prefix} is not covered yet; covered are codes that begin with {', '.join(listed)}{en}; "
        f"nearest are {', '.join(near)}",
        f"کدپستی {prefix} هنوز پوشش داده نشده است؛ پوشش کدهایی که چنین آغاز می‌شوند: {'، '.join(listed)}{fa}؛ "
        f"نزدیک‌ترین‌ها: {'، '.join(near)}",
    )
