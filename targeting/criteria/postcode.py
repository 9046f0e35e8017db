"""People of a postcode area, by the first digits of the code (R1.48-R1.50)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from data.errors import Refused
from data.settings import settings
from targeting import names
from targeting.criterion import Ground, Rented, fixed
from targeting.postcodes import begins, covered

DIGITS_REGION = "IR"  # where nationwide codes are chosen by exactly `postcode.digits` digits


@dataclass(frozen=True, slots=True)
class Postcode:
    """`prefix` holds the first digits: five in Iran, as many as the region's codes have elsewhere."""

    kind: ClassVar[str] = "postcode"
    own: ClassVar[bool] = False

    prefix: str

    def __post_init__(self) -> None:
        """Read Persian digits as digits, and a code cut by blanks or dashes as one."""
        object.__setattr__(self, "prefix", names.key(self.prefix).upper())

    def understood(self, ground: Ground) -> Rented:
        """Return whose postcode begins so; refuse a wrong length, and places that are not covered yet."""
        most = settings().postcode.digits
        if ground.places.region == DIGITS_REGION and not (
            self.prefix.isascii() and self.prefix.isdigit() and len(self.prefix) == most
        ):
            raise Refused(
                "prefix",
                f"use exactly the first {most} digits of the postcode",
                f"دقیقاً {most} رقم نخست کدپستی را بنویسید",
            )
        if not self.prefix.isalnum():
            raise Refused("prefix", "use the first digits of a postcode", "رقم‌های نخست کدپستی را بنویسید")
        prefix = covered(self.prefix, ground.places, "prefix")
        return Rented(self.kind, {"prefix": prefix}, fixed(begins("postcode", prefix)))
