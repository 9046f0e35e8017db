"""The sub-commands, one module each: `register(commands)` adds a parser whose `run` returns what to print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Refused

if TYPE_CHECKING:
    from argparse import _SubParsersAction

ACTOR = "command"
RECORD_ID_MAX = 2**31 - 1


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


def group(
    commands: _SubParsersAction[argparse.ArgumentParser], name: str, say: str
) -> _SubParsersAction[argparse.ArgumentParser]:
    """Add a command that has sub-commands of its own."""
    parser = commands.add_parser(name, help=say, description=say)
    return parser.add_subparsers(dest=f"{name}_command", required=True, metavar="WHAT")


def read_document(name: str) -> Any:
    """Read a JSON or YAML file, or stdin for `-`; raise Refused naming the file and the place of the
    fault.
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("file", f"cannot read {name}: {error}", f"پروندهٔ {name} خوانده نشد") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as fault:
        return _yaml(name, text, fault)


def _yaml(name: str, text: str, fault: json.JSONDecodeError) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise Refused(
            "file", f"{name} is neither JSON nor YAML (JSON: {fault})", f"{name} نه JSON است نه YAML"
        ) from None
