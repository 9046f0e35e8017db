"""People whose number begins with given digits, in a city if wished (R1.54)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.rules import operators
from data.rules.persian import listed
from data.settings import settings
from targeting import names
from targeting.codes import Code
from targeting.criterion import Condition, Ground, Rented, both, equals, fixed

if TYPE_CHECKING:
    from targeting.places import Places

NUMBER_DIGITS_MAX = 15  # ITU-T E.164, country code included


@dataclass(frozen=True, slots=True)
class Prefix:
    """2-6 digits, with or without the leading 0: `912`, `0912`."""

    kind: ClassVar[str] = "prefix"
    own: ClassVar[bool] = False

    prefix: str
    city: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is not 2-6 digits."""
        limits = settings().prefix
        typed = names.key(self.prefix).removeprefix("0")
        if not (typed.isascii() and typed.isdigit() and limits.digits_min <= len(typed) <= limits.digits_max):
            raise Refused(
                "prefix", f"use {limits.digits_min} to {limits.digits_max} digits, for example 0912",
                f"{limits.digits_min} تا {limits.digits_max} رقم بنویسید، مانند 0912",
            )  # fmt: skip
        object.__setattr__(self, "prefix", typed)

    def understood(self, ground: Ground) -> Rented:
        """Return whose number begins so; refuse an unknown city, and a prefix that no operator has, naming
        the nearest of those that exist.
        """
        prefix, city = _known(self.prefix, ground.places), ground.places.city(self.city)
        where = both(equals("city", city), _begins(prefix, ground.region))
        return Rented(self.kind, {"prefix": prefix, "city": city}, fixed(where))


def _known(prefix: str, places: Places) -> Code:
    if _near(prefix, places.prefixes) and _mobile(places.region, prefix):
        return Code(prefix)
    known = sorted(one for one in places.prefixes if _mobile(places.region, one))
    near = names.nearest(prefix, ((one, one) for one in known))
    raise Refused(
        "prefix", f"no operator has the prefix {prefix}; nearest are {', '.join(near) or 'none'}",
        f"هیچ اپراتوری پیش‌شماره {prefix} ندارد؛ نزدیک‌ترین‌ها: {listed(near, 'و') or 'هیچ'}",
    )  # fmt: skip


def _begins(prefix: Code, region: str) -> Condition:
    """Return a range of numbers for each length a number with this prefix can have."""
    ranges = [_edges(start, more) for start, more in _starts(region, prefix)]
    edges = [edge for pair in ranges for edge in pair]
    return Condition(" OR ".join("s.msisdn BETWEEN ? AND ?" for _ in ranges), edges)


def _near(prefix: str, known: Iterable[str]) -> bool:
    """Say whether `prefix` begins a known one or lies within it."""
    return any(one.startswith(prefix) or prefix.startswith(one) for one in known)


def _mobile(region: str, prefix: str) -> bool:
    """Say whether mobile numbers begin so: an operator's block is not taken into use as a whole.

    Of a region whose plan we do not ship the snapshot's own prefixes must do.
    """
    plan = operators.prefixes(region)
    return not plan or _near(prefix, (row.prefix for row in plan if row.mobile))


def _starts(region: str, prefix: str) -> list[tuple[int, int]]:
    """Return (first digits with the country code, digits that follow) for each length a number can have."""
    lengths = {(row.country_code, row.digits) for row in operators.prefixes(region)}
    if lengths:
        return sorted(
            (int(code + prefix), total - len(prefix)) for code, total in lengths if total > len(prefix)
        )
    import phonenumbers  # a region whose plan we do not ship

    start = str(phonenumbers.country_code_for_region(region)) + prefix
    return [(int(start), more) for more in range(1, NUMBER_DIGITS_MAX - len(start) + 1)]


def _edges(start: int, more: int) -> tuple[int, int]:
    return start * 10**more, (start + 1) * 10**more - 1
