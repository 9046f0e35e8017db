"""What a machine remembers of its homes, kept outside all of them: an id of its own, a record a home.

A record is rewritten under a lock of its file in one write of the page cache; nothing is fsynced, because a
machine that lost its power has lost its processes too, and a counter that is behind hinders nobody.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from data.rules.home import Outside
from data.settings import settings
from data.store.private import private

SYSTEM = Path("/var/lib/chapar")
RECORD_BYTES = 512  # records are padded to a multiple of it, so that a shorter one leaves nothing behind


class UnreadableError(Exception):
    """A record is there and says nothing that can be understood."""


def place() -> Path:
    """Return the folder outside all homes; raises OSError where there is none.

    It is CHAPAR_STATE_DIR, else /var/lib/chapar where it may be written, else the person's own state folder.
    """
    if given := settings().state_dir:
        return Path(given).expanduser()
    if SYSTEM.is_dir() and os.access(SYSTEM, os.W_OK):
        return SYSTEM
    if state := os.environ.get("XDG_STATE_HOME"):
        return Path(state) / "chapar"
    try:
        return Path.home() / ".local" / "state" / "chapar"
    except RuntimeError as error:
        raise OSError("this user has no home folder") from error


def machine() -> str:
    """Return the random id of this machine, made when it is first asked for. Raises OSError."""
    file = private(place()) / "machine"
    with suppress(FileNotFoundError):
        if known := file.read_text(encoding="ascii").strip():
            return known
    fresh = file.with_name(f".machine-{secrets.token_hex(8)}")
    fresh.write_text(secrets.token_hex(16), encoding="ascii")
    with suppress(FileExistsError):  # of two that make one the first wins
        os.link(fresh, file)
    fresh.unlink()
    return file.read_text(encoding="ascii").strip()


def read(home_id: str) -> Outside | None:
    """Return the record of a home, or None; raises UnreadableError or OSError."""
    try:
        return _understood(_file(home_id).read_bytes())
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Slot:
    """A record that nobody else can change until it is left."""

    handle: int

    def read(self) -> Outside | None:
        """Return what it says, or None where it is new; raises UnreadableError."""
        return _understood(os.pread(self.handle, os.fstat(self.handle).st_size, 0))

    def write(self, record: Outside) -> None:
        """Put another in its place."""
        body = json.dumps(asdict(record) | {"at": record.at.isoformat()}, ensure_ascii=False).encode()
        size = -(-(len(body) + 1) // RECORD_BYTES) * RECORD_BYTES
        os.pwrite(self.handle, body.ljust(size - 1) + b"\n", 0)
        os.ftruncate(self.handle, size)


@contextmanager
def locked(home_id: str) -> Iterator[Slot]:
    """Hold the record of a home; every process of it on this machine writes through here."""
    file = _file(home_id)
    private(file.parent)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield Slot(handle)
    finally:
        os.close(handle)


def _file(home_id: str) -> Path:
    return place() / "homes" / f"{home_id}.json"


def _understood(body: bytes) -> Outside | None:
    if not body.strip():
        return None
    try:
        told = json.loads(body)
        return Outside(
            int(told["counter"]), str(told["where"]), told["epoch"], datetime.fromisoformat(told["at"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError from error
