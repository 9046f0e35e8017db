"""People whose night-time position is inside a drawn shape (RFC 7946)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from targeting.criterion import Ground, Rented, both, equals
from targeting.regions import form_of, polygon_condition, read_shape, refuse_outside


@dataclass(frozen=True, slots=True)
class Polygon:
    """A GeoJSON Polygon or MultiPolygon; its boundary is inside, its holes are outside."""

    kind: ClassVar[str] = "polygon"
    own: ClassVar[bool] = False

    geometry: dict[str, Any]
    operator: str | None = None

    def __post_init__(self) -> None:
        """Refuse shapes that are empty, cross themselves or have too many corners."""
        read_shape(self.geometry)

    def understood(self, ground: Ground) -> Rented:
        """Return who is inside; refuse an unknown operator, and a shape outside the country."""
        operator = ground.places.operator(self.operator)
        shape = read_shape(self.geometry)
        ground.places.holds.refuse_lacking("lon", "geometry")
        refuse_outside(shape, ground.places, "geometry")
        return Rented(
            self.kind,
            {"geometry": form_of(shape), "operator": operator},
            lambda population, _: both(equals("operator", operator), polygon_condition(shape, population)),
        )
