"""What the command prints: a JSON document or readable lines on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TextIO

from data.errors import ChaparError, Refused

BAR_CHARS = 30
NAMING = ("accepted", "numbers")  # lists of telephone numbers


class _Json:
    """Whether --json was asked for; set once by the command line."""

    wanted = False


JSON = _Json()


def answer(document: Mapping[str, Any]) -> None:
    """Print the result of a command."""
    if JSON.wanted:
        _write_json(document)
    else:
        _write(sys.stdout, "\n".join(_lines(document, 0)) + "\n")
    sys.stdout.flush()


def show(text: str) -> None:
    """Print a result that is laid out already; with --json the caller gives a document instead."""
    _write(sys.stdout, text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell the person at the terminal something; never part of the result."""
    _write(sys.stderr, text + "\n")
    sys.stderr.flush()


def complain(error: ChaparError) -> None:
    """Print what is wrong and how to mend it; with --json also as the one document."""
    field = error.field if isinstance(error, Refused) else None
    if JSON.wanted:
        answer({"error": {"kind": type(error).__name__, "field": field, "say": error.en, "say_fa": error.fa}})
    say(f"chapar: {f'{field}: ' if field else ''}{error.en}")


class Progress:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, label: str) -> None:
        """`label` says what is going on."""
        self.label, self._shown = label, -1
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        tenth = min(10 * done // total if total else 10, 10)
        if not self._live and tenth == self._shown:
            return
        self._shown = tenth
        filled = BAR_CHARS * min(done, total) // total if total else BAR_CHARS
        bar = "█" * filled + "░" * (BAR_CHARS - filled)
        start, end = ("\r", "" if done < total else "\n") if self._live else ("", "\n")
        sys.stderr.write(f"{start}{self.label:<28} {bar} {done:,} of {total:,}{end}")
        sys.stderr.flush()


def quiet_logs() -> None:
    """Keep libraries from talking over the progress bars."""
    logging.getLogger().setLevel(logging.WARNING)


def _write_json(document: Any) -> None:
    """Write a document; escaped where its letters cannot be written, for it comes in any case."""
    try:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    except UnicodeEncodeError:
        sys.stdout.write(json.dumps(document, default=_plain) + "\n")


def _write(out: TextIO, text: str) -> None:
    """Write a text; what the terminal's encoding lacks, or half a character, is shown by its code."""
    try:
        out.write(text)
    except UnicodeEncodeError:
        encoding = out.encoding or "ascii"
        out.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _lines(value: Any, depth: int, key: str = "") -> list[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, (Mapping, list)) and inner:
                lines += [f"{pad}{key}:", *_lines(inner, depth + 1, key)]
            else:
                lines.append(f"{pad}{key}: {_shown(inner, key)}")
        return lines
    if isinstance(value, list):
        return [line for item in value for line in _item(item, depth, key)]
    return [f"{pad}{_shown(value, key)}"]


def _item(item: Any, depth: int, key: str) -> list[str]:
    pad = "  " * depth
    if isinstance(item, Mapping):
        return [pad + "- " + ", ".join(f"{name} {_shown(inner, name)}" for name, inner in item.items())]
    return [f"{pad}- {item if _names(key) and isinstance(item, int) else _shown(item)}"]


def _names(key: str) -> bool:
    """Whether a list holds numbers that name something, and are no amounts."""
    return key in NAMING or key.endswith("ids")


def _shown(value: Any, key: str = "") -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, int):
        return str(value) if key == "number" or key.endswith("id") else f"{value:,}"
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)
