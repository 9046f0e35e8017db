"""`chapar demo`: from a population to delivered messages in one go, by the flows themselves."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from flows.commands import add, whole

if TYPE_CHECKING:
    from flows.demo import Wanted

SETTINGS = {  # people wait in front of it: refunds follow at once, and so does the end
    "CHAPAR_RECEIPTS__GRACE_SECONDS": "1",
    "CHAPAR_RECEIPTS__IDLE_SECONDS": "6",
}


def register(commands: Any) -> None:
    """Add the command."""
    parser = add(commands, "demo", _run, "all of it with a simulated gateway, in a home of its own")
    parser.add_argument("--subscribers", type=whole, default=1_000_000, metavar="N", help="people to invent")
    parser.add_argument("--recipients", type=whole, default=20_000, metavar="N", help="people to write to")
    parser.add_argument("--seed", type=whole, default=1, metavar="S", help="the same seed, the same people")
    parser.add_argument("--home", metavar="DIR", help="folder to write into (default: CHAPAR_HOME)")
    parser.add_argument("--province", default="Tehran", metavar="NAME", help="where they all live")


def _run(given: argparse.Namespace) -> dict[str, Any] | None:
    from data.settings import settings

    if given.home:
        os.environ["CHAPAR_HOME"] = os.path.abspath(given.home)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    settings.cache_clear()
    from flows import demo, terminal

    document = demo.run(_wanted(given))
    if terminal.JSON.wanted:
        return document
    terminal.show(demo.summary(document))
    return None


def _wanted(given: argparse.Namespace) -> Wanted:
    from flows.demo import Wanted

    return Wanted(given.subscribers, given.recipients, given.seed, given.province)
