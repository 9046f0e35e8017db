"""People of a province or city, of one operator if wished (R1.47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from targeting.criterion import Condition, both, equals
from targeting.places import places_of

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places


@dataclass(frozen=True, slots=True)
class Region:
    """Places by code or by Persian or English name."""

    kind: ClassVar[str] = "region"
    own: ClassVar[bool] = False

    province: str
    city: str | None = None
    operator: str | None = None

    def check(self, places: Places) -> None:
        """Refuse unknown places and operators."""
        places.area(self.province, self.city)
        places.operator(self.operator)

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who lives there."""
        province, city = places_of(population).area(self.province, self.city)
        return both(equals("operator", self.operator), equals("province", province), equals("city", city))
