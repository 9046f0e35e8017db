"""People by the operator and type of their own line, in a city if wished (R1.53)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from targeting.criterion import Condition, both, equals, need
from targeting.places import places_of

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places

LINE_TYPES = {
    "prepaid": "prepaid", "postpaid": "postpaid", "permanent": "postpaid",
    "اعتباری": "prepaid", "دائمی": "postpaid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """At least one of operator, line type (prepaid, postpaid) and city."""

    kind: ClassVar[str] = "line"
    own: ClassVar[bool] = False

    operator: str | None = None
    line_type: str | None = None
    city: str | None = None

    def __post_init__(self) -> None:
        """Refuse unknown types, and a condition that would take everybody."""
        need(self.line_type is None or self.line_type in LINE_TYPES, "line_type", lambda: (
            "use prepaid or postpaid", "prepaid (اعتباری) یا postpaid (دائمی) بنویسید",
        ))  # fmt: skip
        if self.operator is None and self.line_type is None and self.city is None:
            raise Refused(
                "operator", "give an operator, a line_type or a city", "اپراتور، نوع خط یا شهر را بنویسید"
            )

    def check(self, places: Places) -> None:
        """Refuse unknown operators and cities."""
        places.operator(self.operator)
        places.city(self.city)

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return whose line is so."""
        line_type = LINE_TYPES[self.line_type] if self.line_type else None
        city = places_of(population).city(self.city)
        return both(equals("operator", self.operator), equals("line_type", line_type), equals("city", city))
