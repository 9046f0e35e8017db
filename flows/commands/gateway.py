"""`chapar gateway set`: store a gateway's settings from a file (docs/gateways.md)."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import ACTOR, add, group
from flows.commands.documents import read_document

SECRET_BYTES = 24


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "gateway", "gateways that carry our messages")
    put = add(sub, "set", _set, "store the settings of a gateway, new or changed")
    put.add_argument("name")
    put.add_argument("file", help="JSON or YAML file, - for stdin; fields in docs/gateways.md")
    add(sub, "list", _list, "the gateways and what they can do")


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
    paths = [f"/gw/{given.name}/{values['secret']}/{door}" for door in ("dlr", "mo")]
    return {"gateway": _shown(given.name, settings), "webhooks": paths}


def _list(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.store import operations
    from gateways import config

    operations.migrate()
    with operations.reading() as c:
        found = config.load_settings(c)
    return {"gateways": [_shown(name, one) for name, one in sorted(found.items())]}


def _shown(name: str, settings: Any) -> dict[str, Any]:
    able = settings.capabilities()
    return {
        "name": name, "adapter": settings.adapter, "base": settings.base, "class": able.gateway_class,
        "bulk": able.bulk, "in_flight": able.in_flight, "deadline_seconds": able.deadline_seconds,
    }  # fmt: skip
