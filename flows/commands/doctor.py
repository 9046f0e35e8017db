"""`chapar doctor`: check stores, versions, clocks, disk, gateways, and say how to mend what is wrong."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add


def register(commands: Any) -> None:
    """Add the command."""
    add(
        commands,
        "doctor",
        _run,
        "check stores, versions, clocks, disk and gateways; exit 1 if something is wrong",
    )


def _run(given: argparse.Namespace) -> tuple[dict[str, Any], int]:  # noqa: ARG001
    from data.settings import unknown_variables
    from flows.steps.examining import Check, examine

    checks = [*examine(), *(Check("settings", True, en) for _, en, _ in unknown_variables())]
    return {"checks": [check.to_json() for check in checks]}, 0 if all(check.ok for check in checks) else 1
