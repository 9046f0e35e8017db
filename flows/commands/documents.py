"""Files that people write for a command: JSON or YAML, from a path or from standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
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
        found = _json(text) if text.lstrip()[:1] in "{[" else _yaml(text)
    except RecursionError as error:
        raise Refused(field, "the file is nested too deep", "تودرتویی فایل بیش از اندازه است") from error
    except ValueError as error:
        said = str(error).replace("\n", " ")[:300]
        raise Refused(
            field, f"this is neither JSON nor YAML: {said}", f"این نه JSON است و نه YAML: {said}"
        ) from error
    _refuse_strange(found, field)
    return found


def folder_of(name: str) -> Path:
    """Return the folder that paths inside a document are relative to:
    the document's own, or the current one.
    """
    return Path.cwd() if name == "-" else Path(name).resolve().parent


def _refuse_strange(document: Any, field: str) -> None:
    """Refuse, once for all documents, what no store and no answer can carry, naming the field."""
    for at, value in _values(document):
        where = at or field
        if not isinstance(value, str | int | float | None):
            raise Refused(
                where, f"a value of the kind {type(value).__name__} is not known here; write text or number",
                f"مقداری از نوع {type(value).__name__} اینجا شناخته نیست؛ متن یا عدد بنویسید",
            )  # fmt: skip
        broken = next((sign for sign in str(value) if sign == "\0" or "\ud800" <= sign <= "\udfff"), None)
        if broken is not None:
            code = f"U+{ord(broken):04X}"
            raise Refused(
                where, f"the text holds {code}, which is no character; delete it or write the whole one",
                f"این متن {code} دارد که نویسه نیست؛ آن را پاک کنید یا نویسه کامل را بنویسید",
            )  # fmt: skip


def _values(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a document with the dotted path of each; a name stands at its object's.

    An object that YAML refers to twice, or that holds itself, is walked once.
    """
    walked: set[int] = set()
    open_nodes: list[tuple[str, Any]] = [("", document)]
    while open_nodes:
        at, node = open_nodes.pop()
        if not isinstance(node, dict | list):
            yield at, node
        elif id(node) not in walked:
            walked.add(id(node))
            inner = node.items() if isinstance(node, dict) else enumerate(node)
            for name, value in inner:
                if isinstance(node, dict):
                    yield at, name
                open_nodes.append((f"{at}.{name}" if at else str(name), value))


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

    class Loader(yaml.SafeLoader):
        """Times stay the text they are, as in JSON: who reads a field knows in which zone it is meant."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp"]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
