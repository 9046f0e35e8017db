"""`chapar worker`: the same loops with no Prefect, from start and plan to housekeeping (protocol.md 2.10)."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "worker", _run, "start, plan, send and listen without a scheduler until SIGTERM")
    parser.add_argument("--once", action="store_true", help="one tick, then stop")


def _run(given: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from data.use_cases import floor
    from flows.steps import holding, working

    floor.ready()
    done = working.work(once=given.once)
    return done, holding.EXIT_HELD if done.get("held") else 0
