"""What the gateway tests share: batches to send and adapters to send them with."""

from __future__ import annotations

from typing import Any

import polars as pl

from gateways.config import make, parse_settings
from gateways.gateway import Gateway, Outcome, Outgoing

FIRST = 989121000000


def batch(n: int = 5, ref: str = "a-1-xxxxx", text: str = "سلام {i}", run_id: int = 7) -> Outgoing:
    """A batch of n messages to FIRST, FIRST+1, …"""
    frame = pl.DataFrame(
        {
            "pos": pl.Series(range(1, n + 1), dtype=pl.UInt32),
            "msisdn": pl.Series(range(FIRST, FIRST + n), dtype=pl.UInt64),
            "text": [text.replace("{i}", str(i)) for i in range(n)],
            "parts": pl.Series([1] * n, dtype=pl.UInt16),
        }
    )
    return Outgoing(ref, run_id, "3000", frame)


def gateway(base: str, adapter: str = "http", **given: Any) -> Gateway:
    """An adapter toward an address."""
    return make("gw", parse_settings("gw", {"adapter": adapter, "base": base, **given}))


def sent(to: Gateway, outgoing: Outgoing, *, deadline_at: float) -> Outcome:
    """What one attempt at a batch proves."""
    return to.judge([(outgoing, to.submit(outgoing, deadline_at=deadline_at))])[0]
