"""The sub-commands, one module each: `register(commands)` adds a parser whose `run` returns what to print."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.speaker import refuse_unless, who

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add", "group", "paged", "record_id", "refuse_unless", "seconds", "who", "whole"]
ACTOR = "command"
RECORD_ID_MAX = 2**31 - 1
SHOWN_CHARS = 60  # of what cannot be read
ROWS, ROWS_MAX = 50, 1_000


def paged(parser: argparse.ArgumentParser, after: Callable[[str], Any] = str) -> None:
    """Add what every list takes: how many rows, and after which one they begin."""
    parser.add_argument("--limit", type=_rows, default=ROWS, metavar="N", help=f"rows, 1 to {ROWS_MAX:,}")
    parser.add_argument("--after", type=after, metavar="X", help="go on after this row (`after` of a list)")


def _rows(text: str) -> int:
    value = whole(text)
    if not 0 < value <= ROWS_MAX:
        raise argparse.ArgumentTypeError(f"a list shows 1 to {ROWS_MAX:,} rows")
    return value


def add(
    commands: _SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], Any],
    say: str,
) -> argparse.ArgumentParser:
    """Add a sub-command that runs `run`; `say` is its one line of help."""
    parser = commands.add_parser(name, help=say, description=say)
    parser.set_defaults(run=run)
    return parser


def record_id(text: str) -> int:
    """Read the number of a record; what no record can have is refused, not looked up."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= RECORD_ID_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a record")
    return int(text)


def whole(text: str) -> int:
    """Read a whole number; what range it may have is for the command to say."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text[:SHOWN_CHARS]!r} is not a whole number: write digits alone, such as 1000"
        ) from error


def seconds(text: str) -> float:
    """Read a time to wait."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(
            f"{text[:SHOWN_CHARS]!r} is not a number of seconds: write it as 30 or 0.5"
        )
    return value


def group(
    commands: _SubParsersAction[argparse.ArgumentParser], name: str, say: str
) -> _SubParsersAction[argparse.ArgumentParser]:
    """Add a command that has sub-commands of its own."""
    parser = commands.add_parser(name, help=say, description=say)
    return parser.add_subparsers(dest=f"{name}_command", required=True, metavar="WHAT")
