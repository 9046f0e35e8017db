"""Submissions: what became of a message when its batch reached an end, one append-only file a settlement."""

from __future__ import annotations

import polars as pl

from data.store import lake

SCHEMA: pl.Schema = pl.Schema(
    {
        "run": pl.Int64(), "pos": pl.UInt32(), "batch": pl.Int64(), "state": pl.String(), "gid": pl.String(),
        "code": pl.String(), "at": pl.Datetime("us", "UTC"),
    }
)  # fmt: skip
CHARGED = "submitted"  # the one state that means: the gateway accepted it, the customer pays


def write(frame: pl.DataFrame) -> lake.Written:
    """Write one file of submissions; it counts when `lake.record` says so."""
    return lake.write(frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), "submissions")
