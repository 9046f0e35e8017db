"""People whose night-time position is within a distance of a point (decisions 27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from targeting.criterion import Condition, both, equals, need
from targeting.regions import HALF_EARTH_M, box_shape, circle_box, circle_condition, refuse_outside

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places


@dataclass(frozen=True, slots=True)
class Circle:
    """Centre in degrees, radius in metres, the edge included."""

    kind: ClassVar[str] = "circle"
    own: ClassVar[bool] = False

    lon: float
    lat: float
    radius_m: float
    operator: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no circle on the earth."""
        need(abs(self.lon) <= 180, "lon", lambda: ("use -180 to 180 degrees", "از ‎-۱۸۰ تا ۱۸۰ درجه بنویسید"))
        need(abs(self.lat) <= 90, "lat", lambda: ("use -90 to 90 degrees", "از ‎-۹۰ تا ۹۰ درجه بنویسید"))
        need(
            0 < self.radius_m <= HALF_EARTH_M,
            "radius_m",
            lambda: (
                f"use a radius in metres that is more than 0 and at most {HALF_EARTH_M:,.0f}",
                f"شعاعی به متر، بیشتر از صفر و حداکثر {HALF_EARTH_M:,.0f} بنویسید",
            ),
        )

    def check(self, places: Places) -> None:
        """Refuse an unknown operator, and a circle that does not touch the country."""
        places.operator(self.operator)
        refuse_outside(box_shape(*circle_box(self.lon, self.lat, self.radius_m)), places, "lon")

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who is inside."""
        return both(equals("operator", self.operator), circle_condition(self.lon, self.lat, self.radius_m))
