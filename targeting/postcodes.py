"""Areas by the first digits of their postcodes: the condition of living in one, and which are covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.errors import Refused
from targeting.criterion import Condition

if TYPE_CHECKING:
    from targeting.places import Places


def begins(column: str, prefix: str) -> Condition:
    """Return `s.column` begins with `prefix`, as a range that row groups can be skipped by."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return Condition(f"s.{column} >= ? AND s.{column} < ?", [prefix, after])


def refuse_uncovered(prefix: str, places: Places, field: str) -> None:
    """Refuse a code that no area of the snapshot begins with or lies in, naming what is covered."""
    areas = places.postcode_areas
    if not areas or any(area.startswith(prefix) or prefix.startswith(area) for area, *_ in areas):
        return
    known = places.cities | places.provinces
    codes = dict.fromkeys(city or province or "" for _, province, city, _ in areas)
    en, fa = places.choices(known[code] for code in sorted(codes) if code in known)
    raise Refused(
        field,
        f"postcode {prefix} is not covered yet; covered are {en}",
        f"کدپستی {prefix} هنوز پوشش داده نشده است؛ پوشش: {fa}",
    )
