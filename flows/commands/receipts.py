"""`chapar receipts --drain`: bring what lies in the spool into the lake, settle refunds, stop."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "receipts", _run, "bring delivery receipts from the spool into the reports")
    parser.add_argument(
        "--drain", action="store_true", required=True, help="drain what is there now, then stop"
    )


def _run(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.use_cases import floor
    from flows.steps import asking, receiving, refunding
    from flows.steps.toolbox import open_toolbox

    floor.ready()
    box = open_toolbox()
    asking.ask_due(box)
    done = receiving.drain(box)
    settled = refunding.settle_due()
    receiving.sweep()
    return {
        "receipts": done.receipts, "unmatched": done.unmatched, "duplicates": done.duplicates,
        "quarantined": done.quarantined, "forged": done.forged, "contradicted": done.contradicted,
        "runs_settled": settled,
    }  # fmt: skip
