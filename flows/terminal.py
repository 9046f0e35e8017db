"""What the command prints: a JSON document or readable lines on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any, TextIO

from data.errors import Broken, ChaparError, Refused

BAR_CHARS = 30
STANDARD_LAST = 2  # the number of stderr; those of stdin and stdout come before
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # control signs, all but tab and newline
NAMING = ("accepted", "numbers")  # lists of telephone numbers


class _Json:
    """Whether --json was asked for; set once by the command line."""

    wanted = False


JSON = _Json()


def begin() -> None:
    """Put nothing in the place of streams that are closed: a store opened there would be written over.

    Raises Broken where the result has nowhere to go: nothing was done yet.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= STANDARD_LAST:
        os.set_inheritable(handle, True)
    os.close(handle)
    if sys.stderr is None:
        sys.stderr = os.fdopen(STANDARD_LAST, "w", encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(STANDARD_LAST - 1, "w", encoding="utf-8", closefd=False)
        raise Broken(
            "standard output is closed; send it to a file, a pipe or /dev/null",
            "خروجی استاندارد بسته است؛ آن را به فایل، لوله یا /dev/null بفرستید",
        )


def answer(document: Mapping[str, Any]) -> None:
    """Print the result of a command."""
    with _stdout_takes_it():
        if JSON.wanted:
            _write_json(document)
        else:
            _write(sys.stdout, "\n".join(_lines(document, 0)) + "\n")
        sys.stdout.flush()


def show(text: str) -> None:
    """Print a result that is laid out already; with --json the caller gives a document instead."""
    with _stdout_takes_it():
        _write(sys.stdout, text + "\n")
        sys.stdout.flush()


def say(text: str) -> None:
    """Tell the person at the terminal something; never part of the result. What a file brought along must not
    steer the terminal.
    """
    _write(sys.stderr, _STEERING.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text) + "\n")
    sys.stderr.flush()


def complain(error: ChaparError) -> None:
    """Print what is wrong and how to mend it; with --json also as the one document."""
    field = error.field if isinstance(error, Refused) else None
    if JSON.wanted:
        said = {"kind": type(error).__name__, "field": field, "say": error.en, "say_fa": error.fa}
        with suppress(Broken, BrokenPipeError):  # the sentence below is told where the document cannot be
            answer({"error": said})
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


@contextmanager
def _stdout_takes_it() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever read it has read enough
        _abandon()
        raise
    except OSError as error:
        _abandon()
        raise Broken(
            f"the result cannot be written to standard output ({error.strerror}); what was done stays done; "
            "make room there, or send it elsewhere",
            "نتیجه در خروجی استاندارد نوشته نمی‌شود؛ آنچه انجام شد به جاست؛ آنجا جا باز کنید یا خروجی را به "
            "جای دیگری بفرستید",
        ) from error


def _abandon() -> None:
    """Send what is still to be written nowhere: the end of Python would try again, and complain by itself."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


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
