"""Receipts: what gateways said became of messages, appended as they come; the fold decides (protocol.md
3.8).
"""

from __future__ import annotations

import polars as pl

from data.store import lake

SCHEMA: pl.Schema = pl.Schema(
    {
        "run": pl.Int64(), "pos": pl.UInt32(), "gateway": pl.String(),
        "to": pl.UInt64(),
        "gid": pl.String(), "status": pl.String(), "state": pl.String(), "part": pl.UInt16(),
        "at": pl.Datetime("us", "UTC"), "received_at": pl.Datetime("us", "UTC"),
    }
)  # fmt: skip
IDENTITY = ["gateway", "run", "pos", "to", "gid", "status", "part"]


def write(frame: pl.DataFrame) -> lake.Written:
    """Write one file of receipts; `run` and `pos` are null where the message is not known yet."""
    return lake.write(frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), "receipts")
