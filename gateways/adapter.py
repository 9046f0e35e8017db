"""What an adapter is, whole: its settings, its limits, how it is made, what it is asked for, its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateways.gateway import Gateway, GatewayClass
from gateways.settings import GatewaySettings

Words = tuple[str, str]  # Persian, English
ORDER: tuple[GatewayClass, ...] = ("G0", "G1", "G2")  # weakest first


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider can do at best, whatever the settings say."""

    best_class: GatewayClass
    bulk: int  # most messages in one call
    one_text: bool  # a call carries one text to many, or one message
    lookup_seconds: float | None  # how long it remembers by our reference; None = as long as we ask
    receipts_asked: bool  # receipts can be asked for, not only pushed to us
    inbound_asked: bool  # and so can what people write

    def can_be(self, wanted: GatewayClass) -> bool:
        """Say whether a class is within what the provider can do."""
        return ORDER.index(wanted) <= ORDER.index(self.best_class)


@dataclass(frozen=True, slots=True)
class Adapter:
    """One file of gateways/sms, one line of `GATEWAYS`."""

    name: str
    settings: type[GatewaySettings]
    limits: Limits
    make: Callable[[str, Any], Gateway]  # the settings are of its own model
    words_of: Callable[[str], Words | None]  # its code → the provider's words; None: not in its table
