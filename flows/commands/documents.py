"""Files that people write for a command: JSON or YAML, from a path or from standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from data.errors import Refused


def read_bytes(name: str, *, field: str, most: int) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; raise Refused where there are too many."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(most + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(most + 1)
    except OSError as error:
        raise Refused(
            field,
            f"{name} cannot be read ({error.strerror}); check the path",
            f"{name} خوانده نمی‌شود؛ مسیر را بررسی کنید",
        ) from error
    if len(raw) > most:
        raise Refused(field, f"use at most {most:,} bytes", f"حداکثر {most:,} بایت مجاز است")
    return raw


def read_document(name: str, *, field: str = "file") -> Any:
    """Return what a JSON or YAML file holds; raise Refused naming the line that cannot be read."""
    from data.settings import settings

    raw = read_bytes(name, field=field, most=settings().audience.file_max_bytes)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(field, "save the file as UTF-8", "فایل را با UTF-8 ذخیره کنید") from error
    if not text.strip():
        raise Refused(field, "the file is empty", "فایل خالی است")
    try:
        return _json(text) if text.lstrip()[:1] in "{[" else _yaml(text)
    except RecursionError as error:
        raise Refused(field, "the file is nested too deep", "تودرتویی فایل بیش از اندازه است") from error
    except ValueError as error:
        said = str(error).replace("\n", " ")[:300]
        raise Refused(
            field, f"this is neither JSON nor YAML: {said}", f"این نه JSON است و نه YAML: {said}"
        ) from error


def folder_of(name: str) -> Path:
    """Return the folder that paths inside a document are relative to:
    the document's own, or the current one.
    """
    return Path.cwd() if name == "-" else Path(name).resolve().parent


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_no_twins)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice in an object: JSON would keep the last and lose the other silently."""
    names = [name for name, _ in pairs]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise ValueError(f"{', '.join(twins)} stands twice in one object")
    return dict(pairs)


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
