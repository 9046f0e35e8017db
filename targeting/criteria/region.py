"""People of a province or city, of one operator if wished (R1.47)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from targeting.criterion import Ground, Rented, both, equals, fixed


@dataclass(frozen=True, slots=True)
class Region:
    """Places by code or by Persian or English name."""

    kind: ClassVar[str] = "region"
    own: ClassVar[bool] = False

    province: str
    city: str | None = None
    operator: str | None = None

    def understood(self, ground: Ground) -> Rented:
        """Return who lives there; refuse unknown places and operators."""
        province, city = ground.places.area(self.province, self.city)
        operator = ground.places.operator(self.operator)
        where = both(equals("operator", operator), equals("province", province), equals("city", city))
        return Rented(self.kind, {"province": province, "city": city, "operator": operator}, fixed(where))
