"""What an account may be: its roles, and the most that it may be given at once."""

from __future__ import annotations

from typing import Final

ROLES: Final = ("user", "reseller", "admin")
CREDIT_MAX_RIALS: Final = 10**15  # a thousand such accounts still add up in 64 bits
