"""Files of the lake that are lost or damaged: the audit names them, and they hold up nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl

T = TypeVar("T")
_log = logging.getLogger("chapar.receipts")


def of_whole_files(paths: Sequence[Path], ask: Callable[[Sequence[Path]], T]) -> tuple[T, frozenset[Path]]:
    """Ask the files; return what those say that can be read, and which cannot."""
    try:
        return ask(paths), frozenset()
    except (OSError, pl.exceptions.PolarsError):
        lost = frozenset(path for path in paths if whole(path) is None)
        return ask([path for path in paths if path not in lost]), lost


def whole(path: Path) -> pl.DataFrame | None:
    """Return all of a file, None with a word in the log where it cannot be read."""
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        _log.error("%s cannot be read: %s", path.name, error)
        return None
