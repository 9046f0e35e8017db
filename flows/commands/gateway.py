"""`chapar gateway set|test|list|show`: settings of gateways, and what their classes are worth."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add, group, paged, who
from flows.commands.documents import read_document

EXIT_OF = {"proven": 0, "nothing": 0, "failed": 1, "unproven": 3}


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "gateway", "gateways that carry our messages")
    put = add(
        sub, "set", _set,
        "store the settings of a gateway, new or changed, and test what it claims if it has a test_number; "
        "prints the addresses it calls back: they are secret, whoever knows them can write receipts",
    )  # fmt: skip
    put.add_argument("name")
    put.add_argument("file", help="JSON or YAML file, - for stdin; fields in docs/gateways.md")
    test = add(
        sub, "test", _test,
        "test what a gateway's class claims, with a message or two that the gateway bills; exit 0 proven, "
        "1 contradicted, 3 nothing could be proven now",
    )  # fmt: skip
    test.add_argument("name")
    test.add_argument("--to", metavar="NUMBER", help="a mobile number of your own; else its test_number")
    listing = add(sub, "list", _list, "the gateways, what they can do and what their classes are worth")
    listing.add_argument("--adapter", metavar="A", help="of one kind")
    paged(listing)
    show = add(sub, "show", _show, "one gateway, with the addresses it calls back: they are secret")
    show.add_argument("name")


def _set(given: argparse.Namespace) -> dict[str, Any]:
    from gateways import config
    from gateways.use_cases import gateways

    config.check_name(given.name)  # before anybody is asked for the file
    stored = gateways.put(who(), given.name, read_document(given.file))
    if stored.tests_itself:
        _try(given.name)
    return {"gateway": gateways.show(who(), given.name).to_json(), "webhooks": stored.webhooks()}


def _try(name: str) -> None:
    """Test a gateway that was just set; it is stored whatever comes of that."""
    from data.errors import ChaparError
    from flows import terminal
    from flows.steps import proving
    from gateways.use_cases import gateways

    terminal.say(f"testing {name} …")
    try:
        proving.prove_now(who(), name)
        terminal.say(f"{name}: {gateways.show(who(), name).standing.say()}")
    except ChaparError as error:
        terminal.say(f"{name} is stored, and was not tested: {error.en}")


def _test(given: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from flows.steps import proving
    from gateways.use_cases import gateways

    result = proving.prove_now(who(), given.name, to=given.to)
    came = (result.verdict or "unproven") if result else "nothing"
    return {"result": came, "gateway": gateways.show(who(), given.name).to_json()}, EXIT_OF[came]


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from gateways.use_cases import gateways

    page = gateways.listed(who(), adapter=given.adapter, limit=given.limit, after=given.after or "")
    return {"gateways": [one.to_json() for one in page.rows], "after": page.after}


def _show(given: argparse.Namespace) -> dict[str, Any]:
    from gateways.use_cases import gateways

    one = gateways.show(who(), given.name)
    return {"gateway": one.to_json(), "webhooks": one.webhooks()}
