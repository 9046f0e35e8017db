"""What a message costs: integer rials by part and language, by the tariff a run froze (spec R1.10, P14)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from data.rules.sms import PartSizes

REFUND_POLICIES = ("send_base", "delivery_base")


@dataclass(frozen=True, slots=True)
class Tariff:
    """A line's prices, all in rials for one part; frozen into each run: a later change touches no old one."""

    price_rials: int  # a Persian (UCS-2) part
    latin_price_rials: int  # a Latin (GSM-7) part
    cost_rials: int = 0  # what the gateway bills us
    ucs2_part_units: int = 67  # 66 on some Iranian lines
    refund_policy: str = "send_base"

    def __post_init__(self) -> None:
        """Refuse what could never be charged; the words are the caller's to choose."""
        amounts = (self.price_rials, self.latin_price_rials, self.cost_rials)
        if not all(isinstance(amount, int) and amount >= 0 for amount in amounts):
            raise ValueError(f"prices are whole rials, 0 or more: {amounts}")
        if self.refund_policy not in REFUND_POLICIES:
            raise ValueError(f"refund policy is one of {REFUND_POLICIES}, not {self.refund_policy!r}")
        if not 60 <= self.ucs2_part_units <= 70:
            raise ValueError(f"a UCS-2 part holds 60 to 70 units, not {self.ucs2_part_units}")

    @property
    def sizes(self) -> PartSizes:
        """The part sizes of the line."""
        return PartSizes(ucs2_part=self.ucs2_part_units)

    def to_json(self) -> dict[str, Any]:
        """Return the tariff as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, obj: dict[str, Any]) -> Tariff:
        """Return the tariff that `to_json` gave; raise TypeError or ValueError for anything else."""
        return cls(**obj)


def price(parts: int, ucs2: bool, tariff: Tariff) -> int:
    """Return what the customer pays for a message, rials."""
    return parts * (tariff.price_rials if ucs2 else tariff.latin_price_rials)


def cost(parts: int, tariff: Tariff) -> int:
    """Return what the gateway bills us for a message, rials."""
    return parts * tariff.cost_rials


def latin_price(price_rials: int, factor: float) -> int:
    """Return the price of a Latin part where a line names none: price × factor, halves up."""
    return int(price_rials * factor + 0.5)
