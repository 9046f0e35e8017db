"""The simulator's own record of what it accepted: the judge of every duplicate and every loss.

One JSON line per accepted call, handed to the kernel before the answer leaves, so neither the death of the
caller nor our own loses it: {"ref", "line", "at", "to": […], "ids": […]}; refused messages are not in it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl

from data import clock

NAME = "record.jsonl"
_LINE = pl.Schema(
    {
        "ref": pl.String(),
        "line": pl.String(),
        "at": pl.String(),
        "to": pl.List(pl.UInt64),
        "ids": pl.List(pl.UInt64),
    }
)


class Record:
    """The append-only file in the simulator's folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, ref: str, line: str, to: list[int], ids: list[int]) -> None:
        """Write one accepted call; returns when the kernel has it."""
        text = json.dumps(
            {"ref": ref, "line": line, "at": clock.now().isoformat(), "to": to, "ids": ids},
            ensure_ascii=False, separators=(",", ":"),
        )  # fmt: skip
        data = text.encode() + b"\n"
        while data:
            data = data[os.write(self._file, data) :]

    def close(self) -> None:
        """Make it last and close it."""
        os.fsync(self._file)
        os.close(self._file)


def read(path: Path) -> pl.DataFrame:
    """Return ref, line, at, to UInt64, id UInt64: one row per accepted message, in order of acceptance.

    `path` is the record or its folder; an absent or empty record has no rows.
    """
    path = path / NAME if path.is_dir() else path
    if not path.exists() or path.stat().st_size == 0:
        return pl.DataFrame(
            schema={"ref": pl.String, "line": pl.String, "at": pl.String, "to": pl.UInt64, "id": pl.UInt64}
        )
    lines = pl.read_ndjson(path, schema=_LINE)
    return lines.explode("to", "ids").rename({"ids": "id"})


def copies(path: Path) -> pl.DataFrame:
    """Return to, copies, refs: how often each number was accepted, over the whole record."""
    return (
        read(path)
        .group_by("to")
        .agg(pl.len().alias("copies"), pl.col("ref").n_unique().alias("refs"))
        .sort("to")
    )
