"""How the simulator behaves: every choice follows from the seed, never from the order or time of calls."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from data.invalid import Unacceptable
from data.rules.persian import listed

FAULTS: dict[str, bool] = {  # name → the messages were accepted before it happened
    "429": False,
    "402": False,
    "503": False,
    "redirect": False,
    "reset_before": False,
    "silence_before": False,
    "500_after": True,
    "reset_after": True,
    "silence_after": True,
    "close_after": True,
    "half_headers": True,
    "half_body": True,
    "html": True,
    "empty": True,
    "drip": True,
    "short": True,
    "twice": True,
    "stranger": True,
    "shuffle": True,
    "slow": True,
}
FATES = {"DELIVERED": 0.92, "UNDELIVERABLE": 0.04, "BLOCKED": 0.015, "EXPIRED": 0.015, "REJECTED": 0.01}
_FATE_SALT, _REFUSAL_SALT, _DELAY_SALT, _LOSS_SALT, _COPY_SALT, _REPLY_SALT = range(1, 7)


class Behaviour(BaseModel):
    """Settings of one simulator. Rates are shares of 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(1, ge=0, description="the same seed, the same behaviour")
    token: str = Field("", description="bearer token to insist on; empty = any")
    bulk: int = Field(200, ge=1, description="most messages in a call; more is 422")
    idempotent: bool = Field(
        False, description="the same ref gives the same result and no second message (G2)"
    )
    lookup: bool = Field(True, description="answers look-ups by ref (G1); else 404")
    forgets: bool = Field(False, description="look-ups find nothing, whatever was accepted")
    balance_rials: int = Field(1_000_000_000, ge=0, description="what /balance says")
    rates: dict[str, float] = Field(
        default_factory=dict, description="share of calls with each fault (FAULTS)"
    )
    refusals: dict[str, float] = Field(default_factory=dict, description="share of messages refused, by code")
    fates: dict[str, float] = Field(default_factory=lambda: dict(FATES), description="share of final words")
    webhook: str = Field("", description="address of our receiver up to the secret; empty = no receipts")
    delay_ms: tuple[int, int] = Field(
        (50, 500), description="a final receipt comes between these after acceptance"
    )
    stages: bool = Field(False, description="also ENROUTE before the final word")
    disorder: bool = Field(True, description="receipts leave in a mixed order")
    losses: float = Field(0.0, ge=0, le=1, description="share of receipts that never leave")
    duplicates: float = Field(0.0, ge=0, le=1, description="share of receipts that leave twice")
    receipts_per_post: int = Field(1_000, ge=1, le=1_000, description="receipts in one webhook body")
    replies: float = Field(0.0, ge=0, le=1, description="share of delivered people who write back")
    reply_texts: list[str] = Field(
        default_factory=lambda: ["سلام", "۱", "لغو ۱۱"], description="what they write"
    )
    hang_seconds: float = Field(60.0, gt=0, description="length of a silence, and of a drip")
    slow_seconds: float = Field(0.5, ge=0, description="delay of a slow answer")
    retry_after: str = Field("1", description="Retry-After of a 429")

    @field_validator("rates")
    @classmethod
    def _known(cls, rates: dict[str, float]) -> dict[str, float]:
        unknown = set(rates) - set(FAULTS)
        if unknown:
            strange = sorted(unknown)
            raise Unacceptable(
                f"there is no fault {', '.join(strange)}; use some of {', '.join(FAULTS)}",
                f"خطایی به نام {listed(strange)} نیست؛ از این‌ها بنویسید: {listed(FAULTS, 'و')}",
            )
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
            raise Unacceptable(
                "each share must be 0 or more, and all together at most 1",
                "هر سهم باید صفر یا بیشتر و جمع همه حداکثر ۱ باشد",
            )
        return rates

    def fault(self, ref: str, call: int) -> str | None:
        """Return what goes wrong with the `call`-th call (from 1) of a reference."""
        if not self.rates:
            return None
        digest = hashlib.blake2b(f"{self.seed}/{ref}/{call}".encode(), digest_size=8).digest()
        chance = int.from_bytes(digest, "little") / 2**64
        for name, share in self.rates.items():
            chance -= share
            if chance < 0:
                return name
        return None

    def chances(self, numbers: NDArray[np.uint64], salt: int) -> NDArray[np.float64]:
        """Return one number in [0, 1) for each msisdn, from seed and number alone (splitmix64)."""
        with np.errstate(over="ignore"):
            x = numbers + np.uint64((self.seed * 1_000_003 + salt * 7_919) & (2**63 - 1))
            x = (x + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            x = x ^ (x >> np.uint64(31))
        return (x >> np.uint64(11)).astype(np.float64) / 2.0**53

    def refused(self, numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return for each number the place of its refusal code in `refusals`, or -1 for accepted."""
        return _drawn(self.chances(numbers, _REFUSAL_SALT), list(self.refusals.values()))

    def words(self, numbers: NDArray[np.uint64]) -> NDArray[np.str_]:
        """Return the final word of each number."""
        names = [*self.fates, "DELIVERED"]  # what the shares leave over is delivered
        return np.array(names)[_drawn(self.chances(numbers, _FATE_SALT), list(self.fates.values()))]

    def delays(self, numbers: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return seconds from acceptance to the final receipt."""
        low, high = self.delay_ms
        return (low + self.chances(numbers, _DELAY_SALT) * (high - low)) / 1000

    def lost(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return whose receipt never leaves."""
        return self.chances(numbers, _LOSS_SALT) < self.losses

    def copied(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return whose receipt leaves twice."""
        return self.chances(numbers, _COPY_SALT) < self.duplicates

    def replying(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return who writes back."""
        return self.chances(numbers, _REPLY_SALT) < self.replies


def _drawn(chances: NDArray[np.float64], shares: list[float]) -> NDArray[np.int64]:
    """Return the place each chance falls to when the shares are laid end to end; -1 beyond them."""
    edges = np.cumsum(np.array(shares, dtype=np.float64))
    place = np.searchsorted(edges, chances, side="right").astype(np.int64)
    place[place == len(shares)] = -1
    return place
