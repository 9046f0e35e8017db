"""A growing wait after failed sign-ins from one address; nobody is locked out for good (protocol.md 5)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from data import clock

FREE_TRIES = 5
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
FORGET_SECONDS = 3600.0
ADDRESSES_MAX = 10_000


@dataclass(slots=True)
class Throttle:
    """Failures by address, in memory; the oldest addresses are forgotten first."""

    failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def wait_seconds(self, address: str) -> float:
        """Return how long this address still has to wait; 0 when it may try."""
        count, last = self.failures.get(address, (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        wait: float = min(FIRST_WAIT_SECONDS * 2.0 ** (count - FREE_TRIES), LONGEST_WAIT_SECONDS)
        return max(0.0, last + wait - clock.monotonic())

    def failed(self, address: str) -> None:
        """Count one more failure."""
        count, last = self.failures.pop(address, (0, 0.0))
        now = clock.monotonic()
        self.failures[address] = ((count if now - last < FORGET_SECONDS else 0) + 1, now)
        while len(self.failures) > ADDRESSES_MAX:
            self.failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        self.failures.pop(address, None)
