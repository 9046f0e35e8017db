"""`chapar dispatch --drain`: recover, then send what is due now and stop (decisions 18)."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add, seconds

EXIT_OPEN = 3
NAP_SECONDS = 0.5


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "dispatch", _run, "send what is due now; exit 3 while some outcome is open")
    parser.add_argument(
        "--drain", action="store_true", required=True, help="work until nothing is due, then stop"
    )
    parser.add_argument(
        "--wait", type=seconds, default=0, metavar="SECONDS", help="go on until all batches are decided"
    )


def _run(given: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from data import clock
    from data.use_cases import floor
    from flows.steps import dispatching, holding, planning, starting
    from flows.steps.outcomes import Dispatched
    from flows.steps.toolbox import open_toolbox

    floor.ready()
    until, total = clock.monotonic() + given.wait, Dispatched()
    while True:
        if held := holding.told():
            return held, holding.EXIT_HELD
        box = open_toolbox()
        starting.start_due()
        planning.plan_due(box)
        total += dispatching.tick(box)
        still = dispatching.open_now()
        if not any(still.values()) or clock.monotonic() >= until:
            break
        clock.sleep(NAP_SECONDS)
    document = {
        "batches": total.batches, "messages": total.messages, "open": still,
        "next_due_at": dispatching.next_due_at() if any(still.values()) else None,
        "waiting_until": dispatching.waiting_until(), "never": dispatching.never(),
    }  # fmt: skip
    return document, EXIT_OPEN if any(still.values()) else 0
