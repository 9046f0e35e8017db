"""DuckDB over files: one engine in memory a process and set of folders, a connection of its own a question.

An engine costs 30 ms to start, as much as many a question; what a connection makes (views, relations given to
it) only that connection sees.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Broken

if TYPE_CHECKING:
    import duckdb

MEND = (  # of a snapshot of the population: the one file of DuckDB's own format
    "build the population anew with `chapar population build`, or restore the file from a backup",
    "جمعیت را با «chapar population build» از نو بسازید یا فایل را از نسخه پشتیبان بازگردانید",
)
_STARTING = threading.Lock()


def connect(*folders: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that can read the files of these folders and nothing else outside itself."""
    with _STARTING:
        return _engine(tuple(sorted({f"{folder}/" for folder in folders}))).cursor()


@lru_cache(maxsize=8)
def _engine(folders: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect()
    allowed = ", ".join(map(quoted, folders))
    con.execute(f"SET allowed_directories = [{allowed}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET enable_external_file_cache = false")  # no file is kept in memory after its question
    con.execute("SET arrow_output_version = '1.4'")  # texts as views, which Polars takes as they are
    con.execute("SET produce_arrow_string_view = true")
    con.execute("SET lock_configuration = true")
    return con


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Raise `damaged` where the bytes of a snapshot are not what was once written."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.ConnectionException):  # nothing is wrong with the file
        raise
    except (duckdb.Error, KeyError, ValueError) as error:
        raise damaged(path, type(error).__name__) from error


def damaged(path: Path, how: str) -> Broken:
    """Name the file and the mend."""
    return Broken(f"{path} is damaged ({how}); {MEND[0]}", f"{path} آسیب دیده است؛ {MEND[1]}")


def quoted(text: str) -> str:
    """Return a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
