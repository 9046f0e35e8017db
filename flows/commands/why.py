"""`chapar why NUMBER --run ID`: why this number did or did not get this message."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add, record_id, who


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "why", _run, "why a number did or did not get a run's message")
    parser.add_argument("number")
    parser.add_argument("--run", type=record_id, required=True, metavar="ID", dest="run_id")


def _run(given: argparse.Namespace) -> dict[str, Any]:
    from data.errors import Refused
    from data.rules.msisdn import NumberRefused, parse
    from data.settings import settings
    from data.use_cases import floor
    from flows.steps.explaining import explain

    try:
        number = parse(given.number, settings().region)
    except NumberRefused as error:
        raise Refused(
            "number", f"{given.number!r} is not a mobile number ({error.reason})", "این شمارهٔ موبایل نیست"
        ) from error
    floor.ready()
    steps = explain(number, given.run_id, account_id=who().account_id)
    return {"number": number, "run_id": given.run_id, "steps": steps}
