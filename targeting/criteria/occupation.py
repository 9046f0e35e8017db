"""People of given trades, by code, by group or by name, in a province or city if wished (R1.66)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from targeting.criterion import Condition, both, equals, one_of
from targeting.places import places_of

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places


@dataclass(frozen=True, slots=True)
class Occupation:
    """`codes` holds codes of occupations or names of groups; a person of both counts once."""

    kind: ClassVar[str] = "occupation"
    own: ClassVar[bool] = False

    codes: tuple[str, ...]
    province: str | None = None
    city: str | None = None

    def check(self, places: Places) -> None:
        """Refuse unknown trades and places."""
        self._codes(places)
        places.area(self.province, self.city)

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who works so."""
        places = places_of(population)
        province, city = places.area(self.province, self.city)
        return both(
            equals("province", province), equals("city", city), one_of("occupation", self._codes(places))
        )

    def _codes(self, places: Places) -> list[str]:
        return sorted({code for name in self.codes for code in places.occupations_named(name)})
