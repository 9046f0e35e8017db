"""What a line may be: its kinds, what it can, the sizes of its parts, and the most that a part may cost."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("ad", "service")
PART_UNITS: Final = (66, 67)  # UCS-2 units of a part in a long message
PRICE_MAX_RIALS: Final = 1_000_000  # a part
CAN: Final = ("receive", "demographic", "flash", "udh", "vcard")
DEFAULT_CAN: Final = frozenset({"receive", "demographic"})
