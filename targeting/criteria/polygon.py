"""People whose night-time position is inside a drawn shape (RFC 7946, decisions 27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from targeting.criterion import Condition, both, equals
from targeting.regions import polygon_condition, read_shape, refuse_outside

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places


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

    def check(self, places: Places) -> None:
        """Refuse an unknown operator, and a shape outside the country."""
        places.operator(self.operator)
        refuse_outside(read_shape(self.geometry), places, "geometry")

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who is inside."""
        return both(
            equals("operator", self.operator), polygon_condition(read_shape(self.geometry), population)
        )
