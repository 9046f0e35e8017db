"""Recipient sets: one frozen, hashed Parquet file a run, read back in windows of positions (protocol.md
2.1a).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from data.errors import Broken
from data.rules.msisdn import FIRST, LAST
from data.store import frozen, lake

SCHEMA = pl.Schema(
    {
        "pos": pl.UInt32, "msisdn": pl.UInt64, "text": pl.String, "ucs2": pl.Boolean, "parts": pl.UInt16,
        "price_rials": pl.Int64, "operator": pl.String, "bank": pl.Boolean,
    }
)  # fmt: skip
WINDOWS_KEPT = 4


def write_set(frame: pl.DataFrame) -> lake.Written:
    """Freeze a run's recipients under the hash of the file; numbers unique, positions 1…n, checked here."""
    assert frame.schema == SCHEMA, frame.schema
    assert frame["msisdn"].is_between(FIRST, LAST).all(), "numbers with their country code"
    if frame["msisdn"].n_unique() != frame.height:
        raise Broken(
            "a recipient set holds a number twice; nothing was planned",
            "فهرست گیرندگان شماره‌ای را دو بار دارد؛ چیزی برنامه‌ریزی نشد",
        )
    assert frame["pos"].equals(pl.Series("pos", range(1, frame.height + 1), dtype=pl.UInt32)), "pos is 1…n"
    return lake.write(frame, "recipients", named_by_hash=True)


def window(path: str, sha256: str, *, pos_from: int, n: int) -> pl.DataFrame:
    """Return the rows pos_from … pos_from+n-1 of a set (relative to the lake); row groups are decoded once
    and kept for a while.

    Raises frozen.ChangedError where the file is not the one that was frozen under this hash.
    """
    seal = frozen.sealed(lake.lake_root() / path, sha256, name=path)
    first, last = ((pos - 1) // lake.ROW_GROUP_ROWS for pos in (pos_from, pos_from + n - 1))
    groups = [_row_group(seal, group) for group in range(first, last + 1)]
    rows = groups[0] if len(groups) == 1 else pl.concat(groups)
    return rows.slice(pos_from - 1 - first * lake.ROW_GROUP_ROWS, n)


def numbers(path: Path) -> pl.DataFrame:
    """Return pos, msisdn, parts and price_rials of a whole set."""
    return pl.read_parquet(path, columns=["pos", "msisdn", "parts", "price_rials"])


@lru_cache(maxsize=WINDOWS_KEPT)
def _row_group(seal: frozen.Seal, group: int) -> pl.DataFrame:
    rows = pl.scan_parquet(seal.path).slice(group * lake.ROW_GROUP_ROWS, lake.ROW_GROUP_ROWS).collect()
    if not seal.holds:  # touched while it was read
        raise frozen.ChangedError(f"{seal.path.name} was changed while it was read; nothing of it is used")
    return rows
