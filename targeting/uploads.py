"""Files that came with an audience: kept by their SHA-256 under CHAPAR_HOME/uploads/{account} (decisions 12).

A stored tree says `file{upload, column?}`; `path` exists only in the command, which turns it into an upload.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

from data.errors import Refused
from data.settings import settings
from data.store.private import private

OPERATOR = "operator"  # folder of uploads that belong to no account
_SHA = re.compile(r"[0-9a-f]{64}")


def upload_path(account_id: int | None, sha: str) -> Path:
    """Return where an upload is kept; raise Refused for what is no upload's name."""
    if not _SHA.fullmatch(sha):
        raise Refused("upload", "name the upload by its SHA-256", "فایل بارگذاری‌شده را با SHA-256 آن بنویسید")
    return settings().root / "uploads" / (OPERATOR if account_id is None else str(account_id)) / sha


def store_upload(source: Path | bytes, account_id: int | None, *, field: str = "path") -> str:
    """Keep a copy of a file (or its bytes) and return its SHA-256; the same content is kept once."""
    raw = source if isinstance(source, bytes) else _bytes(source, field)
    most = settings().uploads.max_bytes
    if len(raw) > most:
        raise Refused(
            field,
            f"the file has {len(raw):,} bytes; use at most {most:,}",
            f"فایل {len(raw):,} بایت است؛ حداکثر {most:,}",
        )
    sha = hashlib.sha256(raw).hexdigest()
    final = upload_path(account_id, sha)
    private(final.parent)
    if not final.exists():
        part = final.with_name(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(final)
    return sha


def take_uploads(obj: Any, account_id: int | None, folder: Path, at: str = "") -> Any:
    """Return an audience's JSON with every `file{path}` made an upload; paths are relative to `folder`."""
    if isinstance(obj, list):
        return [
            take_uploads(one, account_id, folder, f"{at}.{place}" if at else str(place))
            for place, one in enumerate(obj)
        ]
    if not isinstance(obj, dict):
        return obj
    if obj.get("kind") == "file" and "path" in obj:
        return _taken(obj, account_id, folder, f"{at}.path" if at else "path")
    if "kind" in obj:
        return obj
    return {
        name: take_uploads(one, account_id, folder, f"{at}.{name}" if at else str(name))
        for name, one in obj.items()
    }


def _taken(obj: dict[str, Any], account_id: int | None, folder: Path, at: str) -> dict[str, Any]:
    path = obj["path"]
    if not isinstance(path, str) or not path or "upload" in obj:
        raise Refused(at, "name one file by its path", "یک فایل را با مسیر آن بنویسید")
    sha = store_upload(folder / path, account_id, field=at)
    return {name: value for name, value in obj.items() if name != "path"} | {"upload": sha}


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
