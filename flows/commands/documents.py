"""Files that people write for a command: JSON or YAML, from a path or from standard input."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from data.errors import Refused

_WHOLE = r"-?(?:0|[1-9][0-9]*)"
_SCALARS = {  # of YAML, what is more than text: its form, and the signs it may begin with
    "null": (r"^(?:~|null|)$", ["~", "n", ""]),
    "bool": (r"^(?:true|false)$", ["t", "f"]),
    "int": (rf"^{_WHOLE}$", list("-0123456789")),
    "float": (
        rf"^(?:{_WHOLE}|-?)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|(?<=[0-9])[eE][-+]?[0-9]+)$",
        list("-.0123456789"),
    ),
}


def read_bytes(name: str, *, field: str, most: int) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; raise Refused where there are too many."""
    if name == "-" and sys.stdin is None:
        raise Refused(
            "file", "standard input is closed; give a file, or pipe the document in",
            "ورودی استاندارد بسته است؛ فایلی بدهید یا متن را از لوله بفرستید",
        )  # fmt: skip
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
        raise Refused(field, "the file is empty: write JSON or YAML", "فایل خالی است: JSON یا YAML بنویسید")
    try:
        found = _json(text) if text.lstrip()[:1] in "{[" else _yaml(text)
    except RecursionError as error:
        raise Refused(
            field,
            "the file is nested too deep: write fewer levels",
            "تودرتویی فایل بیش از اندازه است: سطح‌ها را کمتر کنید",
        ) from error
    except ValueError as error:
        too_long = "digits" in str(error) and "limit" in str(error)  # Python's own words speak to programmers
        own = str(error).replace("\n", " ")[:300]
        long = ("a number has too many digits", "عددی رقم‌های بیش از اندازه دارد")
        en, fa = long if too_long else (own, own)
        raise Refused(
            field,
            f"this cannot be read as JSON or YAML: {en}",
            f"این را نمی‌توان JSON یا YAML خواند: {fa}",
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
    """
    open_nodes: list[tuple[str, Any]] = [("", document)]
    while open_nodes:
        at, node = open_nodes.pop()
        if not isinstance(node, dict | list):
            yield at, node
        else:
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

    loader = _plain_loader()
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


@cache
def _plain_loader() -> Any:
    """Return a loader that understands no more than JSON can say: a time, 21:00 and a number with a leading
    zero stay the text they are, no name stands twice, and nothing is referred to (a few lines could unfold
    to billions).
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.constructor.ConstructorError(
                    None, None, "write it out instead of *referring to it", mark
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            pairs = [(self.construct_object(key, deep=True), None) for key, _ in node.value]
            _no_twins([(str(name), value) for name, value in pairs])
            return dict(super().construct_mapping(node, deep))

    Loader.yaml_implicit_resolvers = {}
    for tag, (form, first) in _SCALARS.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(form), first)
    return Loader
