"""Files that came with an audience: kept by their SHA-256 under CHAPAR_HOME/uploads/{account} (decisions 12).

A stored tree says `file{upload, column?}`; `path` exists only in the command, which turns it into an upload.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import Refused
from data.settings import settings
from data.store import frozen
from data.store.private import private

OPERATOR = "operator"  # folder of uploads that belong to no account
_SHA = re.compile(r"[0-9a-f]{64}")


def upload_path(account_id: int | None, sha: str) -> Path:
    """Return where an upload is kept; raise Refused for what is no upload's name."""
    if not _SHA.fullmatch(sha):
        raise Refused("upload", "name the upload by its SHA-256", "فایل بارگذاری‌شده را با SHA-256 آن بنویسید")
    return settings().root / "uploads" / (OPERATOR if account_id is None else str(account_id)) / sha


def read_upload(account_id: int | None, sha: str) -> bytes:
    """Return an upload's bytes; raise Refused where it is gone or is not what was uploaded."""
    path = upload_path(account_id, sha)
    if not path.exists():
        raise Refused(
            "upload",
            "this account has no such upload; upload the file again",
            "این فایل در حساب نیست؛ دوباره بارگذاری کنید",
        )
    raw = _bytes(path, "upload")
    refuse_large(raw, "upload")
    if hashlib.sha256(raw).hexdigest() != sha:
        raise Refused(
            "upload",
            "the kept file is not what was uploaded: it was changed since; upload it again",
            "فایل نگه‌داشته همان نیست که بارگذاری شد و پس از آن تغییر کرده است؛ دوباره بارگذاری کنید",
        )
    return raw


def store_upload(source: Path | bytes, account_id: int | None, *, field: str = "path") -> str:
    """Keep a copy of a file (or its bytes) and return its SHA-256; the same content is kept once."""
    return _kept(source, account_id, field)[0]


def refuse_large(raw: bytes, field: str) -> None:
    """Raise Refused for more bytes than an upload may have."""
    most = settings().uploads.max_bytes
    if len(raw) > most:
        raise Refused(
            field,
            f"the file has {len(raw):,} bytes; use at most {most:,}",
            f"فایل {len(raw):,} بایت است؛ حداکثر {most:,}",
        )


@dataclass(slots=True)
class Taken:
    """An audience's JSON with uploads instead of paths.

    `paths` says where in the document the file of a SHA-256 was named; `fresh` are the files that this
    taking wrote. A refusal about a file says about which one (`about["upload"]`), in whatever order the
    conditions were kept.
    """

    tree: Any
    paths: dict[str, str] = dataclasses.field(default_factory=dict)
    fresh: dict[Path, int] = dataclasses.field(default_factory=dict)  # → st_mtime_ns as written

    def sweep(self) -> None:
        """Remove the files that this taking wrote; one that somebody else brought again since is theirs."""
        for path, written in self.fresh.items():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime_ns == written:
                    path.unlink()


@contextmanager
def taken_uploads(obj: Any, account_id: int | None, folder: Path, *, at: str = "") -> Iterator[Taken]:
    """Make every `file{path}` of an audience's JSON an upload for what is done inside.

    Paths are relative to `folder`; `at` is where the audience stands in its document. Where that is refused,
    nothing that came with it stays behind, and a field of a file bears the name the user gave it: `path`.
    """
    taken = Taken(None)
    try:
        taken.tree = _take(obj, taken, (account_id, folder), at)
        yield taken
    except BaseException as error:
        taken.sweep()
        if isinstance(error, Refused):
            error.field = _as_written(error, taken)
        raise


def _take(obj: Any, taken: Taken, owner: tuple[int | None, Path], at: str) -> Any:
    if isinstance(obj, list):
        return [_take(one, taken, owner, _under(at, place)) for place, one in enumerate(obj)]
    if not isinstance(obj, dict):
        return obj
    if obj.get("kind") == "file" and "path" in obj:
        return _file(obj, taken, owner, at)
    if "kind" in obj:
        return obj
    return {name: _take(one, taken, owner, _under(at, name)) for name, one in obj.items()}


def _file(obj: dict[str, Any], taken: Taken, owner: tuple[int | None, Path], at: str) -> dict[str, Any]:
    path, field, (account_id, folder) = obj["path"], _under(at, "path"), owner
    if not isinstance(path, str) or not path or "upload" in obj:
        raise Refused(field, "name one file by its path", "یک فایل را با مسیر آن بنویسید")
    sha, fresh = _kept(folder / path, account_id, field)
    taken.paths.setdefault(sha, at)
    if fresh:
        written = upload_path(account_id, sha)
        taken.fresh[written] = written.stat().st_mtime_ns
    return {name: value for name, value in obj.items() if name != "path"} | {"upload": sha}


def _under(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)


def _as_written(refused: Refused, taken: Taken) -> str:
    """Return a refused field as the user's document has it, where it is a field of one of the files."""
    written = taken.paths.get(str(refused.about.get("upload")))
    if written is None:
        return refused.field
    last = refused.field.rpartition(".")[2]
    return _under(written, "path" if last == "upload" else last)


def _kept(source: Path | bytes, account_id: int | None, field: str) -> tuple[str, bool]:
    """Return the SHA-256 of a file that is kept now, and whether it was not before."""
    raw = source if isinstance(source, bytes) else _bytes(source, field)
    refuse_large(raw, field)
    sha = hashlib.sha256(raw).hexdigest()
    final = upload_path(account_id, sha)
    private(final.parent)
    if frozen.digest(final) == sha:  # what was changed under its name is written anew
        final.touch()  # housekeeping goes by the age: whoever brings it again may need it for as long again
        return sha, False
    part = final.with_name(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    part.replace(final)
    return sha, True


def _bytes(path: Path, field: str) -> bytes:
    """Read at most one byte more than is allowed: a device or a growing file cannot fill the memory."""
    try:
        with path.open("rb") as file:
            return file.read(settings().uploads.max_bytes + 1)
    except OSError as error:
        raise Refused(
            field,
            f"{path} cannot be read ({error.strerror}); check the path",
            f"{path} خوانده نمی‌شود؛ مسیر را بررسی کنید",
        ) from error
