"""People whose night-time position is within a distance of a point: the edge is inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from targeting.criterion import Ground, Rented, both, equals, fixed, need
from targeting.regions import HALF_EARTH_M, box_shape, circle_box, circle_condition, refuse_outside


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

    def understood(self, ground: Ground) -> Rented:
        """Return who is inside; refuse an unknown operator, and a circle that does not touch the country."""
        operator = ground.places.operator(self.operator)
        ground.places.holds.refuse_lacking("lon", "lon")
        refuse_outside(box_shape(*circle_box(self.lon, self.lat, self.radius_m)), ground.places, "lon")
        where = both(equals("operator", operator), circle_condition(self.lon, self.lat, self.radius_m))
        form = {"lon": self.lon, "lat": self.lat, "radius_m": self.radius_m, "operator": operator}
        return Rented(self.kind, form, fixed(where))
