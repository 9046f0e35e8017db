"""Files that are frozen under their SHA-256: compared when a process first opens one, and again whenever its
size, times or inode are not what they were.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from data.errors import Broken

SEALS_KEPT = 1_024


class ChangedError(Broken):
    """A frozen file is not what was frozen, or is gone: nothing may be done on the strength of it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A file as it was when its bytes were last compared."""

    path: Path
    sha256: str
    size: int
    modified: int
    changed: int  # of the inode: a time of modification can be put back, this cannot
    inode: int

    @property
    def holds(self) -> bool:
        """Say whether nothing touched the file since."""
        return _stamp(self.path) == (self.size, self.modified, self.changed, self.inode)


_seals: dict[tuple[Path, str], Seal] = {}  # of this process


def sealed(path: Path, sha256: str, *, name: str) -> Seal:
    """Return the seal of a file that holds the very bytes of its hash; raise ChangedError where it does not.

    `name` is what a person knows the file by.
    """
    known = _seals.get((path, sha256))
    if known is not None and known.holds:
        return known
    stamp = _stamp(path)
    if stamp is None or digest(path) != sha256:
        _seals.pop((path, sha256), None)
        raise ChangedError(
            f"{name} is not the file that was frozen; restore it from a backup",
            f"{name} همان فایلی نیست که ثبت شده بود؛ آن را از نسخه پشتیبان بازگردانید",
        )
    if len(_seals) >= SEALS_KEPT:
        _seals.clear()
    seal = _seals[path, sha256] = Seal(path, sha256, *stamp)
    return seal


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file's bytes; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _stamp(path: Path) -> tuple[int, int, int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino
