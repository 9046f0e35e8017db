"""Writing the spool: a record is on disk before the caller gets his 200; many appends share one fdatasync.

Segments are append-only files of JSON lines `{"at", "gateway", "kind", "type", "body"}`. A writer holds a
lock on its open segment and seals it by renaming; the segment of a dead writer is sealed by whoever drains.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal

from data import clock
from data.errors import Retryable
from data.rules.wire_text import text_of
from data.settings import settings
from data.store.private import private

SpoolKind = Literal["dlr", "mo"]
KINDS: tuple[SpoolKind, ...] = ("dlr", "mo")
WAITING_MAX = 20_000  # appends that may wait for one sync; more is refused as "cannot be written"
LOCK_TRIES = 5
_numbers = count()


class SpoolFullError(Retryable):
    """The spool cannot be written; the sender must try again (503)."""

    def __init__(self, why: str) -> None:
        """`why` is for the log."""
        super().__init__(f"the spool cannot be written: {why}", "صندوق ورودی نوشته نشد؛ دوباره بفرستید")


def folder() -> Path:
    """Return the folder of the segments, made if absent, for its owner only."""
    return private(settings().root / "spool")


def line(gateway: str, kind: SpoolKind, content_type: str, body: bytes) -> bytes:
    """Return one record as a JSON line; bytes that are no text are kept as \\xNN."""
    record = {
        "at": clock.now().isoformat(timespec="microseconds"), "gateway": gateway, "kind": kind,
        "type": content_type[:100], "body": text_of(body, content_type, errors="backslashreplace"),
    }  # fmt: skip
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


@dataclass(slots=True)
class _Open:
    """The segment of one kind that is being written."""

    path: Path
    file: int
    bytes: int
    opened_at: float


class Spool:
    """The writer of one process: one thread that writes and syncs whatever has gathered."""

    def __init__(self, where: Path | None = None) -> None:
        """`where` is the folder, by default `spool` in the home. The thread starts at the first append."""
        self._where = where
        self._waiting: list[tuple[SpoolKind, bytes, Future[None]]] = []
        self._some = threading.Condition()
        self._open: dict[SpoolKind, _Open] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def append(self, gateway: str, kind: SpoolKind, content_type: str, body: bytes) -> Future[None]:
        """Queue one record. The future ends when it is on disk, or with SpoolFullError."""
        done: Future[None] = Future()
        record = line(gateway, kind, content_type, body)
        with self._some:
            if self._closed or len(self._waiting) >= WAITING_MAX:
                why = "it is closed" if self._closed else "too many appends wait"
                done.set_exception(SpoolFullError(why))
                return done
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="spool", daemon=True)
                self._thread.start()
            self._waiting.append((kind, record, done))
            self._some.notify()
        return done

    def close(self) -> None:
        """Write what waits, seal the open segments and end the thread."""
        with self._some:
            self._closed = True
            self._some.notify()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._some:
                if not self._waiting and not self._closed:
                    self._some.wait(settings().receipts.segment_max_seconds if self._open else None)
                batch, self._waiting = self._waiting, []
                closed = self._closed
            for kind in KINDS:
                mine = [(record, done) for one, record, done in batch if one == kind]
                if mine:
                    self._write(kind, mine)
            self._seal_old(everything=closed)
            if closed and not batch:
                return

    def _write(self, kind: SpoolKind, mine: list[tuple[bytes, Future[None]]]) -> None:
        """Write and sync a group; all of its futures end alike, and a group that failed leaves nothing."""
        data = b"".join(record for record, _ in mine)
        try:
            segment = self._segment(kind)
            _write_all(segment.file, data)
            os.fdatasync(segment.file)
            segment.bytes += len(data)
        except OSError as error:
            self._undo(kind)
            for _, done in mine:
                done.set_exception(SpoolFullError(f"{type(error).__name__}: {os.strerror(error.errno or 0)}"))
            return
        for _, done in mine:
            done.set_result(None)

    def _segment(self, kind: SpoolKind) -> _Open:
        if kind not in self._open:
            self._open[kind] = _new_segment(self._where or folder(), kind)
        return self._open[kind]

    def _undo(self, kind: SpoolKind) -> None:
        """Cut what a failed write left and leave the segment: after a failed sync no file is written on."""
        segment = self._open.pop(kind, None)
        if segment is not None:
            with contextlib.suppress(OSError):  # else whoever drains cuts the torn line
                os.ftruncate(segment.file, segment.bytes)
            os.close(segment.file)

    def _seal_old(self, *, everything: bool) -> None:
        limits, now = settings().receipts, clock.monotonic()
        for kind, segment in list(self._open.items()):
            old = now - segment.opened_at >= limits.segment_max_seconds
            if everything or old or segment.bytes >= limits.segment_max_bytes:
                del self._open[kind]
                with contextlib.suppress(OSError):  # then it stays .open and is sealed as a dead owner's
                    seal(segment.path, empty=segment.bytes == 0)
                os.close(segment.file)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _new_segment(where: Path, kind: SpoolKind) -> _Open:
    """Create and lock a segment; a drain that took it for an orphan in between leaves us another try."""
    for _ in range(LOCK_TRIES):
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        path = where / f"{kind}-{stamp}-{socket.gethostname()}-{os.getpid()}-{next(_numbers)}.open"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        if locked(file, path):
            _sync_folder(where)
            return _Open(path, file, 0, clock.monotonic())
        os.close(file)
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def locked(file: int, path: Path) -> bool:
    """Take the lock of a segment if nobody has it, and if the path still names this file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.stat(path).st_ino == os.fstat(file).st_ino
    except OSError:
        return False


def seal(path: Path, *, empty: bool) -> None:
    """Rename an open segment to sealed, for good; an empty one just goes."""
    if empty:
        path.unlink()
    else:
        path.rename(path.with_suffix(".seg"))
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
