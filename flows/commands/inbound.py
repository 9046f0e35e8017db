"""`chapar inbound --drain`: take in what people wrote, obey their words, owe and queue the answers, stop."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from flows.commands import add


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "inbound", _run, "take in the messages that people sent, and obey their words")
    parser.add_argument(
        "--drain", action="store_true", required=True, help="drain what is there now, then stop"
    )


def _run(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.use_cases import floor
    from flows.steps import hearing, replying
    from flows.steps.toolbox import open_toolbox

    floor.ready()
    box = open_toolbox()
    heard = hearing.drain(box)
    return asdict(heard) | asdict(replying.answer(box))
