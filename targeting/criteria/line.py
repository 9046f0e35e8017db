"""People by the operator and type of their own line, in a city if wished (R1.53)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from data.errors import Refused
from targeting.codes import Code
from targeting.criterion import Ground, Rented, both, equals, fixed, need
from targeting.names import Vocabulary

PREPAID, POSTPAID = Code("prepaid"), Code("postpaid")
LINE_TYPES = Vocabulary({
    PREPAID: ("prepaid", "pre-paid", "credit", "اعتباری"),
    POSTPAID: ("postpaid", "post-paid", "permanent", "دائمی", "دائم", "ثابت"),
})  # fmt: skip


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

    def understood(self, ground: Ground) -> Rented:
        """Return whose line is so; refuse unknown operators and cities."""
        operator, city = ground.places.operator(self.operator), ground.places.city(self.city)
        line_type = LINE_TYPES.code(self.line_type)
        if line_type is not None:
            ground.places.holds.refuse_lacking("line_type", "line_type")
        where = both(equals("operator", operator), equals("line_type", line_type), equals("city", city))
        return Rented(self.kind, {"operator": operator, "line_type": line_type, "city": city}, fixed(where))
