"""`chapar audit`: recompute every invariant; exit 1 on a breach. Reads only, safe in production."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add


def register(commands: Any) -> None:
    """Add the command."""
    add(
        commands,
        "audit",
        _run,
        "recompute balances, states and sets from tables and lake; exit 1 on a breach",
    )


def _run(given: argparse.Namespace) -> tuple[dict[str, Any], int]:  # noqa: ARG001
    from data.use_cases import floor
    from flows.steps.auditing import audit

    floor.ready()
    found = audit()
    return found, 0 if found["ok"] else 1
