"""People of a postcode area, by the first digits of the code (R1.48-R1.50)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.rules.persian import digits
from data.settings import settings
from targeting.postcodes import begins, refuse_uncovered

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.criterion import Condition
    from targeting.places import Places

DIGITS_REGION = "IR"  # where nationwide codes are chosen by exactly `postcode.digits` digits


@dataclass(frozen=True, slots=True)
class Postcode:
    """`prefix` holds the first digits: five in Iran, as many as the region's codes have elsewhere."""

    kind: ClassVar[str] = "postcode"
    own: ClassVar[bool] = False

    prefix: str

    def __post_init__(self) -> None:
        """Read Persian digits as digits."""
        object.__setattr__(self, "prefix", digits(self.prefix).replace(" ", "").upper())

    def check(self, places: Places) -> None:
        """Refuse a wrong length, and codes of places that are not covered yet."""
        most = settings().postcode.digits
        if places.region == DIGITS_REGION and not (
            self.prefix.isascii() and self.prefix.isdigit() and len(self.prefix) == most
        ):
            raise Refused(
                "prefix",
                f"use exactly the first {most} digits of the postcode",
                f"دقیقاً {most} رقم نخست کدپستی را بنویسید",
            )
        if not self.prefix.isalnum():
            raise Refused("prefix", "use the first digits of a postcode", "رقم‌های نخست کدپستی را بنویسید")
        refuse_uncovered(self.prefix, places, "prefix")

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return whose postcode begins so."""
        return begins("postcode", self.prefix)
