"""The spool: what arrived from outside, raw, before anyone has thought about it (decisions 21).

Sealed segments are read in the order they were opened; nothing here waits for a writer.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.store import spool_reader
from data.store.spool_reader import POISONED, RECORD, SegmentUnreadableError
from data.store.spool_writer import Spool, SpoolFullError, SpoolKind, folder, locked, seal

__all__ = [
    "POISONED", "RECORD", "Segment", "SegmentUnreadableError", "Spool", "SpoolFullError", "SpoolKind",
    "drop", "folder", "read", "read_opened", "sealed", "set_aside", "unreadable",
]  # fmt: skip

_log = logging.getLogger("chapar.spool")
_TAIL_BYTES = 65_536
_AT_ONCE = 4
UNREADABLE = ".unreadable"


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
        if path.is_file():
            _seal_orphan(path)
    found = [path for path in sorted(where.glob(f"{kind}-*.seg")) if path.is_file()]
    return [Segment(path, kind, _bytes(path)) for path in found]


def set_aside(path: Path) -> None:
    """Keep a segment that cannot be read out of the way of the others; `chapar doctor` names it."""
    path.rename(path.with_suffix(UNREADABLE))


def unreadable() -> list[Path]:
    """Return the segments that were set aside."""
    return sorted(folder().glob(f"*{UNREADABLE}"))


def _bytes(path: Path) -> int:
    """The size of a segment; one that another process has just deleted is known as drained by its name."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _seal_orphan(path: Path) -> None:
    """Seal an open segment whose lock is free, after cutting a torn last line (it was never answered 200).

    What cannot be opened is left where it is, with a word in the log: it must not hold up the others.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError as error:
        _log.error("%s cannot be opened: %s", path.name, error.strerror)
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


def read(segments: Sequence[Segment]) -> pl.DataFrame:
    """Return the records of some segments of one kind, as `spool_reader.read` says."""
    return spool_reader.read([one.path for one in segments], segments[0].kind if segments else "dlr")


def read_opened(segments: Sequence[Segment], fields: Mapping[str, Sequence[str]]) -> pl.DataFrame | None:
    """Return the records of some segments with their bodies opened, as `spool_reader.read_opened` says."""
    return spool_reader.read_opened([one.path for one in segments], fields)


def drop(*segments: Segment) -> None:
    """Delete drained segments, some at once, for each waits for the disk; one that is gone is no error."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda segment: segment.path.unlink(missing_ok=True), segments))
