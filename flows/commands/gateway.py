"""`chapar gateway set|test|list`: gateways' settings, and what their classes are worth (docs/gateways.md)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from flows.commands import ACTOR, add, group
from flows.commands.documents import read_document

if TYPE_CHECKING:
    from gateways.proofs import Standing

SECRET_BYTES = 24
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
    add(sub, "list", _list, "the gateways, what they can do and what their classes are worth")


def _set(given: argparse.Namespace) -> dict[str, Any]:
    import secrets

    from data import clock
    from data.records import lines
    from data.store import operations
    from gateways import config

    config.check_name(given.name)
    settings = config.parse_settings(given.name, read_document(given.file))
    values = settings.model_dump_secrets()
    values["secret"] = values["secret"] or secrets.token_urlsafe(SECRET_BYTES)
    operations.migrate()
    with operations.writing() as c:
        lines.set_gateway(
            c, given.name, adapter=settings.adapter, values=values, actor=ACTOR, now=clock.now()
        )
    if settings.test_number and settings.gateway_class != "G0":
        _try(given.name)
    paths = [f"/gw/{given.name}/{values['secret']}/{door}" for door in ("dlr", "mo")]
    return {"gateway": _of_name(given.name), "webhooks": paths}


def _try(name: str) -> None:
    """Test a gateway that was just set; it is stored whatever comes of that."""
    from data.errors import ChaparError
    from flows import terminal
    from flows.steps import proving

    terminal.say(f"testing {name} …")
    try:
        standing, _ = proving.prove_now(name, actor=ACTOR)
        terminal.say(f"{name}: {standing.say()}")
    except ChaparError as error:
        terminal.say(f"{name} is stored, and was not tested: {error.en}")


def _test(given: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from data.store import operations
    from flows.steps import proving

    operations.migrate()
    standing, result = proving.prove_now(given.name, to=given.to, actor=ACTOR)
    came = (result.verdict or "unproven") if result else "nothing"
    return {"result": came, "gateway": _of_name(standing.gateway)}, EXIT_OF[came]


def _list(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.store import operations
    from gateways import config, proofs

    operations.migrate()
    with operations.reading() as c:
        found = config.load_settings(c)
        standing = proofs.standings(c, found)
    return {"gateways": [_shown(name, one, standing[name]) for name, one in sorted(found.items())]}


def _of_name(name: str) -> dict[str, Any]:
    """Return a gateway as it is configured now: the variable wins over what was just stored."""
    from data.store import operations
    from gateways import config, proofs

    with operations.reading() as c:
        found = config.load_settings(c)
        return _shown(name, found[name], proofs.standings(c, found)[name])


def _shown(name: str, settings: Any, standing: Standing) -> dict[str, Any]:
    from gateways import proofs

    able = proofs.as_proven(settings, standing).capabilities()
    return {
        "name": name, "adapter": settings.adapter, "base": settings.base, "class": settings.gateway_class,
        "bulk": able.bulk, "in_flight": able.in_flight, "deadline_seconds": able.deadline_seconds,
        **standing.to_json(),
    }  # fmt: skip
