"""`chapar sms parts`: encoding, units and parts of texts (spec 5.2). Starts at once:
nothing heavy is imported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TextIO

from data.errors import Refused
from data.rules.sms import STANDARD, PartSizes, count_parts
from flows.commands import add, group, who


def register(commands: Any) -> None:
    """Add the command and its options."""
    verbs = group(commands, "sms", "texts and their parts")
    parts = add(verbs, "parts", parts_command, "count the parts of a text on standard input")
    parts.add_argument("--line", metavar="NAME", help="count as this line does (66 or 67 units a part)")
    parts.add_argument(
        "--jsonl", action="store_true", help='one {"text": …} a line in, one answer a line out'
    )


def parts_command(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return what the text on standard input costs in the air;
    with --jsonl print an answer a line and return None.
    """
    sizes = _sizes(arguments.line) if arguments.line else STANDARD
    if not arguments.jsonl:
        return _answer(_text(), sizes)
    for line in _answers(sys.stdin.buffer, sizes):
        _write(sys.stdout, line)
    return None


def _text() -> str:
    """Return standard input without the line end that `echo` adds."""
    text = _decoded(sys.stdin.buffer.read())
    return text.removesuffix("\n").removesuffix("\r")


def _answers(lines: Any, sizes: PartSizes) -> Iterator[dict[str, Any]]:
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            yield _answer(_line(raw, number), sizes)


def _line(raw: bytes, number: int) -> str:
    try:
        given = json.loads(_decoded(raw))
    except (ValueError, RecursionError):
        given = None
    text = given.get("text") if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise Refused(
            f"line {number}",
            'write one {"text": "…"} on each line',
            'در هر سطر یک {"text": "…"} بنویسید',
        )
    return text


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("text", "give the text as UTF-8", "متن را با UTF-8 بدهید") from error


def _answer(text: str, sizes: PartSizes) -> dict[str, Any]:
    return asdict(count_parts(text, sizes))


def _write(out: TextIO, answer: dict[str, Any]) -> None:
    """Write one answer; half a surrogate pair can only be written escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(answer)
    out.write(line + "\n")


def _sizes(name: str) -> PartSizes:
    from data.use_cases import floor, lines

    if floor.is_furnished():
        return lines.sizes(who(), name)
    raise Refused(
        "line",
        f"there is no line {name!r}, nor any other: open one with `chapar line create`",
        f"خطی با نام «{name}» نیست و خط دیگری هم نیست: با `chapar line create` یکی بسازید",
    )
