"""Population snapshots: DuckDB files built whole, published by swapping a pointer, opened read-only by
everybody.

Layout of CHAPAR_HOME/population: `<name>.duckdb`, `current` (the published name),
`rejected/<name>/<table>.csv`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Broken, Refused
from data.settings import settings
from data.store.engine import MEND, damaged, whole
from data.store.private import private

if TYPE_CHECKING:
    import duckdb

SUFFIX = ".duckdb"
_OPENING = threading.Lock()
_NAME = re.compile(r"\d{8}T\d{6}-[a-z]{2}-[0-9a-f]{6}")
_BUILDING = re.compile(r"\.building-(?P<pid>\d+)-(?P<host>[^-]*)-.*")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published population: where it is, whom it counts, and where each table came from."""

    name: str
    path: Path
    region: str  # ISO 3166-1 alpha-2
    timezone: str
    as_of: date | None  # of the people; None: nobody said
    subscribers: int
    salt: bytes = field(repr=False)  # keys the order of every slice; 16 bytes, secret
    built_at: datetime
    seed: int | None  # of a synthetic build
    provenance: dict[str, dict[str, Any]]  # table → rows, source, as_of, flags
    rejected: dict[str, int]  # table → rows left out


@dataclass(slots=True)
class Population:
    """An open snapshot; `con` is read-only, its memory and threads limited, its configuration locked."""

    snapshot: Snapshot
    con: duckdb.DuckDBPyConnection

    def close(self) -> None:
        """Give the connection back."""
        self.con.close()

    def __enter__(self) -> Population:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        if "Corrupt database file" in str(error):  # a block is looked at only when a question needs it
            raise damaged(self.snapshot.path, "Corrupt") from error


def population_root() -> Path:
    """Return the folder of snapshots, made on demand and closed to other users."""
    return private(settings().root / "population")


def new_name(region: str, now: datetime) -> str:
    """Return a name for a snapshot built now; names sort by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{region.lower()}-{secrets.token_hex(3)}"


@contextmanager
def building(name: str) -> Iterator[Path]:
    """Lend an empty folder to build `name` in; whatever is left there afterwards is removed."""
    _sweep_building()
    folder = population_root() / f".building-{os.getpid()}-{_host()}-{name}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(built: Path, name: str, *, rejected: Path | None = None) -> Snapshot:
    """Give the finished file its name and make it the current snapshot; readers of the old one keep it."""
    assert _NAME.fullmatch(name), f"not a snapshot name: {name}"
    root = population_root()
    os.chmod(built, 0o600)
    _fsync(built)
    final = root / (name + SUFFIX)
    if rejected is not None:
        keep_rejected(rejected, name)
    built.rename(final)
    try:
        snapshot = _read(final)
    except BaseException:  # a file that cannot be read is never pointed at
        final.unlink()
        shutil.rmtree(root / "rejected" / name, ignore_errors=True)
        raise
    _fsync(root)
    _point(root, name)
    return snapshot


def keep_rejected(rejected: Path, name: str) -> Path | None:
    """Move the lists of rows left out to where `rejected_folder` finds them; None where there are none."""
    if not any(rejected.iterdir()):
        return None
    kept = rejected_folder(name)
    private(kept.parent)
    rejected.rename(kept)
    return kept


def current() -> Snapshot | None:
    """Return the published snapshot, or None where nothing was published yet."""
    name = _current_name()
    return None if name is None else _snapshot(name)


def open_population(name: str | None = None) -> Population:
    """Open the current snapshot, or the named one, read-only.

    Raises Refused where there is none: `field` is "population".
    """
    snapshot = current() if name is None else _snapshot(name)
    if snapshot is None:
        raise nothing_published()
    with whole(snapshot.path):
        return Population(snapshot, _connect(snapshot.path))


def nothing_published() -> Refused:
    """Say how to make a population."""
    return Refused(
        "population",
        "no population is published yet: run `chapar population build` (with --synthetic N for a trial)",
        "هنوز جمعیتی منتشر نشده است: «chapar population build» را اجرا کنید",
    )


def rejected_folder(name: str) -> Path:
    """Return where the rows left out of snapshot `name` were written, one CSV a table."""
    return population_root() / "rejected" / name


def sweep(keep: int | None = None) -> list[str]:
    """Remove all but the newest `keep` snapshots and what dead builds left; the current one always stays.

    The lists of builds that were refused go the same way. Returns the names of the snapshots removed.
    A reader that has an old file open keeps reading it.
    """
    root, kept = population_root(), settings().population.keep if keep is None else keep
    _sweep_building()
    names = sorted((p.stem for p in root.glob(f"*{SUFFIX}") if _NAME.fullmatch(p.stem)), reverse=True)
    staying = {*names[:kept], _current_name()}
    gone = [name for name in names if name not in staying]
    for name in gone:
        (root / (name + SUFFIX)).unlink(missing_ok=True)
    lists = sorted((p.name for p in root.glob("rejected/*") if _NAME.fullmatch(p.name)), reverse=True)
    refused = [name for name in lists if name not in names]
    for name in {*gone, *refused[kept:]}:
        shutil.rmtree(rejected_folder(name), ignore_errors=True)
    return gone


def _point(root: Path, name: str) -> None:
    """Swap the pointer: a reader sees the old name or the new one, never a part of either."""
    part = root / f".current-{os.getpid()}-{secrets.token_hex(3)}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(root / "current")
    _fsync(root)


def _current_name() -> str | None:
    try:
        name = (population_root() / "current").read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not _NAME.fullmatch(name):
        pointer = population_root() / "current"
        raise Broken(
            f"the pointer {pointer} does not hold the name of a snapshot; {MEND[0]}",
            f"نشانگر {pointer} نام نگارشی را در بر ندارد؛ {MEND[1]}",
        )
    return name


def _snapshot(name: str) -> Snapshot:
    path = population_root() / (name + SUFFIX)
    if not _NAME.fullmatch(name) or not path.exists():
        raise Refused(
            "population",
            f"there is no population snapshot {name!r}: it was swept or never published; {MEND[0]}",
            f"نگارش جمعیتی با نام «{name}» نیست: یا پاک شده یا هرگز منتشر نشده است؛ {MEND[1]}",
        )
    with whole(path):
        return _read(path)


@lru_cache(maxsize=16)
def _read(path: Path) -> Snapshot:
    """Read what a snapshot says of itself; it never changes, so once is enough."""
    con = _connect(path)
    try:
        meta: dict[str, str] = dict(con.execute("SELECT key, value FROM meta").fetchall())
        rows = con.execute(
            "SELECT name, rows, source, as_of, flags, rejected FROM tables ORDER BY name"
        ).fetchall()
    finally:
        con.close()
    return Snapshot(
        name=path.stem,
        path=path,
        region=meta["region"],
        timezone=meta["timezone"],
        as_of=date.fromisoformat(meta["as_of"]) if meta["as_of"] else None,
        subscribers=int(meta["subscribers"]),
        salt=bytes.fromhex(meta["salt"]),
        built_at=datetime.fromisoformat(meta["built_at"]),
        seed=int(meta["seed"]) if meta.get("seed") else None,
        provenance={
            name: {
                "rows": n,
                "source": source,
                "as_of": as_of.isoformat() if as_of else None,
                "flags": list(flags),
            }
            for name, n, source, as_of, flags, _ in rows
        },
        rejected={name: left_out for name, *_, left_out in rows if left_out},
    )


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    limits = settings().population
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": limits.threads,
        "temp_directory": str(path.parent / ".spill"),
    }
    with _OPENING:  # connections of one process to one file share its settings, which can be locked once only
        con = duckdb.connect(str(path), read_only=True, config=config)
        asked = "SELECT value FROM duckdb_settings() WHERE name = 'lock_configuration'"
        locked = con.execute(asked).fetchone()
        if not locked or str(locked[0]).lower() != "true":
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
    return con


def _sweep_building() -> None:
    """Remove the folders of builds on this host whose process is gone."""
    for folder in population_root().glob(".building-*"):
        found = _BUILDING.fullmatch(folder.name)
        if found and found["host"] == _host() and not _alive(int(found["pid"])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _host() -> str:
    return os.uname().nodename.replace("-", "_")


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
