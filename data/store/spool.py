"""The spool: what arrived from outside, raw, before anyone has thought about it (decisions 21).

Sealed segments are read in the order they were opened; nothing here waits for a writer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.store.spool_writer import Spool, SpoolFullError, SpoolKind, folder, locked, seal

__all__ = [
    "POISONED", "RECORD", "Segment", "Spool", "SpoolFullError", "SpoolKind",
    "drop", "folder", "read", "read_all", "sealed",
]  # fmt: skip

RECORD = pl.Schema({name: pl.String() for name in ("at", "gateway", "kind", "type", "body")})
POISONED = "application/x-poisoned"  # content type of a line that is not a record; its body is the raw line
_TAIL_BYTES = 65_536
READERS = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment."""

    path: Path
    kind: SpoolKind
    bytes: int

    @property
    def name(self) -> str:
        """The file's name: its key in table `spool_segment`."""
        return self.path.name


def sealed(kind: SpoolKind, where: Path | None = None) -> list[Segment]:
    """Return the sealed segments of a kind, oldest first; seals those whose owner is dead."""
    where = where or folder()
    for path in where.glob(f"{kind}-*.open"):
        _seal_orphan(path)
    found = [(path, path.stat().st_size) for path in sorted(where.glob(f"{kind}-*.seg"))]
    return [Segment(path, kind, size) for path, size in found]


def _seal_orphan(path: Path) -> None:
    """Seal an open segment whose lock is free, after cutting a torn last line (it was never answered 200)."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if locked(file, path):
            whole = _whole_lines(file)
            os.ftruncate(file, whole)
            os.fsync(file)
            seal(path, empty=whole == 0)
    finally:
        os.close(file)


def _whole_lines(file: int) -> int:
    """Return the length of a file up to and with its last newline."""
    end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - _TAIL_BYTES)
        at = os.pread(file, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def read(segment: Segment) -> pl.DataFrame:
    """Return the records of one segment: at, gateway, kind, type, body (all text), in order."""
    return read_all([segment]).drop("file")


def read_all(segments: Sequence[Segment]) -> pl.DataFrame:
    """Return at, gateway, kind, type, body (all text) and `file` (UInt16, the place of its segment in
    `segments`), one row per record, in order.

    A line that is not a record comes back with type POISONED, an empty gateway and the raw line as its body.
    """
    with ThreadPoolExecutor(READERS) as pool:  # one reader of lines keeps one core busy
        frames = list(pool.map(_records, segments))
    return pl.concat(frame.with_columns(file=pl.lit(place, pl.UInt16)) for place, frame in enumerate(frames))


def _records(segment: Segment) -> pl.DataFrame:
    try:
        frame = pl.read_ndjson(segment.path, schema=RECORD)
        if not any(frame.null_count().row(0)):
            return frame
    except pl.exceptions.PolarsError:
        pass
    return _line_by_line(segment)


def _line_by_line(segment: Segment) -> pl.DataFrame:
    """The slow way, for a damaged segment only."""
    frames = [_one(line, segment.kind) for line in segment.path.read_bytes().split(b"\n") if line.strip()]
    return pl.concat(frames) if frames else pl.DataFrame(schema=RECORD)


def _one(line: bytes, kind: SpoolKind) -> pl.DataFrame:
    try:
        frame = pl.read_ndjson(line, schema=RECORD)
        if frame.height == 1 and not any(frame.null_count().row(0)):
            return frame
    except pl.exceptions.PolarsError:
        pass
    raw = line.decode("utf-8", "backslashreplace")
    return pl.DataFrame({"at": "", "gateway": "", "kind": kind, "type": POISONED, "body": raw}, schema=RECORD)


def drop(*segments: Segment) -> None:
    """Delete drained segments, side by side, for each waits for the disk; one that is gone is no error."""
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(lambda segment: segment.path.unlink(missing_ok=True), segments))
