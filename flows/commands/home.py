"""`chapar home show|release`: the identity of a home, and letting a moved or restored one send."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from flows.commands import add, group

if TYPE_CHECKING:
    from gateways.use_cases.home import Shown


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "home", "who this home is, and whether it may send from this machine")
    add(sub, "show", _show, "the home's id, this machine's, and why nothing is sent, if so")
    release = add(
        sub, "release", _release,
        "let a held home send from this machine; what a copy may have sent is asked about first, and never "
        "sent again where no gateway can be asked",
    )  # fmt: skip
    release.add_argument("--why", required=True, metavar="TEXT", help="why it may; kept in the trace")


def _show(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.use_cases.floor import OPERATOR
    from gateways.use_cases import home

    return _document(home.show(OPERATOR))


def _release(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases.floor import OPERATOR
    from gateways.use_cases import home

    done = home.release(OPERATOR, given.why)
    return _document(done.shown) | {"was_held": done.was is not None, "asked_about": done.set_aside}


def _document(shown: Shown) -> dict[str, Any]:
    return {
        "home_id": shown.home_id, "held": shown.held, "why": shown.why[1] if shown.why else None,
        "machine": shown.machine, "where": shown.where,
    }  # fmt: skip
