"""The lake: immutable Parquet files, visible only when a row of operations names them (architecture.md 2).

A file is written under a temporary name, fsynced, renamed, and its folder fsynced, before the transaction
that makes it count. A crash in between leaves an orphan that nobody reads and housekeeping sweeps.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Broken
from data.settings import settings
from data.store import engine, frozen
from data.store.private import private
from data.store.tables import batch, lake_file, lake_file_run, run

if TYPE_CHECKING:
    import duckdb
    import polars as pl

KINDS = ("recipients", "submissions", "receipts", "messages", "quarantine")
ROW_GROUP_ROWS = 65_536  # of sets, which are read in windows
EVENT_GROUP_ROWS = 262_144  # of what is only ever read whole: half the time to write


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: `path` is relative to the lake."""

    path: str
    kind: str
    rows: int
    bytes: int
    sha256: str


def lake_root() -> Path:
    """Return the lake's folder, private to this user."""
    return _made(Path(settings().lake) if settings().lake else settings().root / "lake")


@cache
def _made(root: Path) -> Path:
    return private(root)


def write(frame: pl.DataFrame, kind: str, *, named_by_hash: bool = False) -> Written:
    """Write one immutable file durably and return what it is; nothing reads it until `record`."""
    assert kind in KINDS, kind
    folder = lake_root() / kind
    folder.mkdir(exist_ok=True, mode=0o700)
    building = folder / f".{uuid.uuid4().hex}.tmp"
    frame.write_parquet(
        building, compression="zstd", compression_level=1,
        row_group_size=ROW_GROUP_ROWS if kind == "recipients" else EVENT_GROUP_ROWS,
        statistics=kind != "receipts",  # they come in any order: no group of rows could be left out
    )  # fmt: skip
    building.chmod(0o600)
    digest = _sync_and_hash(building)
    final = folder / f"{digest if named_by_hash else uuid.uuid4().hex}.parquet"
    size = building.stat().st_size
    os.replace(building, final)
    sync_folder(folder)
    return Written(f"{kind}/{final.name}", kind, frame.height, size, digest)


def record(
    c: Connection, written: Written, *, run_ids: Iterable[int], now: datetime, unmatched: int = 0,
    waiting: int = 0,
) -> None:  # fmt: skip
    """Make a written file count, inside the caller's transaction.

    Two runs with the very same set share one file, since sets are named by their hash.
    """
    runs = sorted(set(run_ids))
    if not c.scalar(sa.select(lake_file.c.path).where(lake_file.c.path == written.path)):
        c.execute(
            sa.insert(lake_file).values(
                path=written.path, kind=written.kind, run_id=runs[0] if len(runs) == 1 else None,
                rows=written.rows, bytes=written.bytes, sha256=written.sha256, created_at=now,
                unmatched=unmatched, waiting=waiting,
            )
        )  # fmt: skip
    if runs:
        c.execute(sa.insert(lake_file_run), [{"path": written.path, "run_id": run} for run in runs])


def paths(c: Connection, kind: str, *, run_ids: Iterable[int] | None = None) -> list[str]:
    """Return the absolute paths of the files that count, oldest first; those of some runs if given."""
    query = sa.select(lake_file.c.path).where(lake_file.c.kind == kind, lake_file.c.retired_at.is_(None))
    if run_ids is not None:
        naming = sa.select(lake_file_run.c.path).where(lake_file_run.c.run_id.in_(list(run_ids)))
        query = query.where(lake_file.c.path.in_(naming))
    root = lake_root()
    return [str(root / path) for path in c.scalars(query.order_by(lake_file.c.created_at, lake_file.c.path))]


def paths_of_runs(c: Connection, run_ids: Sequence[int], kinds: Sequence[str]) -> dict[str, list[str]]:
    """Return kind → absolute paths of the files that count and speak of some runs, oldest first."""
    naming = sa.select(lake_file_run.c.path).where(lake_file_run.c.run_id.in_(run_ids))
    query = sa.select(lake_file.c.kind, lake_file.c.path).where(
        lake_file.c.kind.in_(kinds), lake_file.c.retired_at.is_(None), lake_file.c.path.in_(naming)
    )
    root, found = str(lake_root()), {kind: list[str]() for kind in kinds}
    for kind, path in c.execute(query.order_by(lake_file.c.created_at, lake_file.c.path)):
        found[kind].append(f"{root}/{path}")
    return found


def files_of(c: Connection, run_id: int) -> list[tuple[str, str | None]]:
    """Return (relative path, sha256) of the submissions and receipts that speak of a run."""
    query = (
        sa.select(lake_file.c.path, lake_file.c.sha256)
        .join(lake_file_run, lake_file_run.c.path == lake_file.c.path)
        .where(lake_file_run.c.run_id == run_id, lake_file.c.kind.in_(("submissions", "receipts")))
        .where(lake_file.c.retired_at.is_(None)).order_by(lake_file.c.path)
    )  # fmt: skip
    return [(path, sha256) for path, sha256 in c.execute(query)]


def paths_unmatched(c: Connection) -> list[str]:
    """Return the absolute paths of receipt files that hold receipts of unknown messages."""
    query = sa.select(lake_file.c.path).where(
        lake_file.c.kind == "receipts", lake_file.c.unmatched > 0, lake_file.c.retired_at.is_(None)
    )
    return [str(lake_root() / path) for path in c.scalars(query.order_by(lake_file.c.created_at))]


def to_rematch(c: Connection, *, since: datetime, lost_sets: datetime) -> list[str]:
    """Return receipt files with unknown messages (relative paths) that are older than the newest submissions,
    or wait for a lost set and were last looked at before `lost_sets`.
    """
    t = lake_file.c
    newest = sa.select(sa.func.max(t.created_at)).where(t.kind == "submissions").scalar_subquery()
    looked_at = sa.func.coalesce(t.rematched_at, t.created_at)
    may_wait = sa.and_(t.waiting > 0, looked_at < lost_sets)
    query = sa.select(t.path).where(
        t.kind == "receipts", t.unmatched > 0, t.retired_at.is_(None), t.created_at > since,
        sa.or_(looked_at < newest, may_wait),
    )  # fmt: skip
    return list(c.scalars(query.order_by(t.created_at)))


def rematched(c: Connection, path: str, *, now: datetime, retire: bool) -> bool:
    """Remember that a file was looked at again; `retire` it when a better one takes its place."""
    statement = sa.update(lake_file).where(lake_file.c.path == path, lake_file.c.retired_at.is_(None))
    values = {"rematched_at": now} | ({"retired_at": now} if retire else {})
    return c.execute(statement.values(**values)).rowcount == 1


def open_sets(c: Connection, *, gateway: str, except_batch: int) -> list[tuple[str, int, int]]:
    """Return (set's absolute path, first position, count) of the gateway's other batches without an
    outcome.
    """
    query = (
        sa.select(run.c.set_path, batch.c.pos_from, batch.c.n)
        .join(run, run.c.id == batch.c.run_id)
        .where(
            run.c.gateway == gateway, batch.c.state.in_(("sending", "unknown")), batch.c.id != except_batch
        )
    )
    return [(str(lake_root() / row.set_path), row.pos_from, row.n) for row in c.execute(query)]


def checked(path: str, sha256: str) -> Path:
    """Return the file's absolute path after comparing it with its hash; Broken when it was changed."""
    file = lake_root() / path
    if frozen.digest(file) != sha256:
        raise Broken(
            f"{path} is not the file that was committed; restore the lake from a backup",
            f"{path} همان فایلی نیست که ثبت شده بود؛ دریاچه را از نسخه پشتیبان بازگردانید",
        )
    return file


def connect() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB that can read the lake's files and nothing else outside itself."""
    return engine.connect(lake_root())


def sweep_orphans(c: Connection, *, older_than: datetime) -> int:
    """Delete files that no row names and nobody can still be about to name; return how many."""
    swept = 0
    for file in strays(c):
        if file.stat().st_mtime < older_than.timestamp():
            file.unlink()
            swept += 1
    return swept


def strays(c: Connection) -> Iterator[Path]:
    """Yield the files that no row names, those that somebody is about to name among them."""
    named = set(c.scalars(sa.select(lake_file.c.path)))
    for file in lake_root().glob("*/*"):
        if f"{file.parent.name}/{file.name}" not in named:
            yield file


def forget_retired(c: Connection, *, before: datetime) -> list[str]:
    """Delete the rows of files retired before a moment; return their relative paths: the files go next."""
    old = lake_file.c.retired_at < before
    gone = list(c.scalars(sa.select(lake_file.c.path).where(old)))
    c.execute(sa.delete(lake_file_run).where(lake_file_run.c.path.in_(gone)))
    c.execute(sa.delete(lake_file).where(lake_file.c.path.in_(gone)))
    return gone


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_and_hash(path: Path) -> str:
    with path.open("rb") as file, ThreadPoolExecutor(1) as disk:
        synced = disk.submit(os.fsync, file.fileno())  # the disk takes its time; we count meanwhile
        digest = frozen.digest(path)
        synced.result()
    assert digest is not None, path
    return digest
