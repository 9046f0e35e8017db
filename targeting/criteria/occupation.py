"""People of given trades, by code, by group or by name, in a province or city if wished (R1.66)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from targeting.criterion import Ground, Rented, both, equals, fixed, one_of


@dataclass(frozen=True, slots=True)
class Occupation:
    """`codes` holds codes of occupations or names of groups; a person of both counts once."""

    kind: ClassVar[str] = "occupation"
    own: ClassVar[bool] = False

    codes: tuple[str, ...]
    province: str | None = None
    city: str | None = None

    def understood(self, ground: Ground) -> Rented:
        """Return who works so; refuse unknown trades and places."""
        places = ground.places
        places.holds.refuse_lacking("occupation", "codes")
        codes = sorted({code for name in self.codes for code in places.occupations_named(name)})
        province, city = places.area(self.province, self.city)
        where = both(equals("province", province), equals("city", city), one_of("occupation", codes))
        return Rented(self.kind, {"codes": codes, "province": province, "city": city}, fixed(where))
