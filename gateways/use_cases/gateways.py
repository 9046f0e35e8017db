"""Gateways as they are configured: stored, listed, shown with what their class is worth; secrets within."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import Refused
from data.records import lines
from data.use_cases.floor import Case, Who, question, use_case
from gateways import config, proofs
from gateways.proofs import Standing
from gateways.settings import GatewaySettings

SECRET_BYTES = 24
DOORS = ("dlr", "mo")


@dataclass(frozen=True, slots=True)
class Shown:
    """A gateway: its settings (secret), and what its class is worth."""

    name: str
    settings: GatewaySettings
    standing: Standing

    @property
    def tests_itself(self) -> bool:
        """Whether it claims something and names a number to try it on."""
        return bool(self.settings.test_number) and self.settings.gateway_class != "G0"

    def webhooks(self) -> list[str]:
        """Return the paths it calls back; whoever knows them can write receipts."""
        return [f"/gw/{self.name}/{self.settings.secret.get_secret_value()}/{door}" for door in DOORS]

    def to_json(self) -> dict[str, Any]:
        """Return what may be told of it: no secret."""
        able = proofs.as_proven(self.settings, self.standing).capabilities()
        return {
            "name": self.name, "adapter": self.settings.adapter, "base": self.settings.base,
            "class": self.settings.gateway_class, "bulk": able.bulk, "in_flight": able.in_flight,
            "deadline_seconds": able.deadline_seconds, **self.standing.to_json(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some gateways by name, and after which name the next ones begin."""

    rows: tuple[Shown, ...]
    after: str | None


def put(who: Who, name: str, given: Mapping[str, Any]) -> Shown:
    """Store the settings of a gateway, new or changed; raise Refused naming the field that cannot be."""
    config.check_name(name)
    settings = config.parse_settings(name, given)
    values = settings.model_dump_secrets()
    values["secret"] = values["secret"] or secrets.token_urlsafe(SECRET_BYTES)
    return _put(who, name, settings.adapter, values)


@question("gateway.list", right="home")
def listed(case: Case, *, adapter: str | None = None, limit: int = 1_000, after: str = "") -> Page:
    """Return one page of the gateways; raise Refused of an adapter that nothing can ever match."""
    if adapter is not None:
        config.known_adapter(adapter, field="adapter")
    found = [one for one in _all(case).values() if one.name > after]
    found = [one for one in found if adapter in (None, one.settings.adapter)]
    return Page(tuple(found[:limit]), found[limit - 1].name if len(found) > limit else None)


@question("gateway.show", right="home")
def show(case: Case, name: str) -> Shown:
    """Return a gateway by name, as it is configured now: a variable wins over what was stored."""
    found = _all(case).get(name)
    if found is None:
        raise Refused(
            "name", f"there is no gateway {name!r}", f"درگاهی با نام «{name}» نیست", mend="gateway.unknown"
        )
    return found


@use_case("gateway.set", right="home")
def _put(case: Case, name: str, adapter: str, values: dict[str, Any]) -> Shown:
    lines.set_gateway(case.c, name, adapter=adapter, values=values, actor=case.who.name, now=case.now)
    case.silent = True  # the record writes the line of the trace itself
    return _all(case)[name]


def _all(case: Case) -> dict[str, Shown]:
    found = config.load_settings(case.c)
    standing = proofs.standings(case.c, found)
    return {name: Shown(name, one, standing[name]) for name, one in sorted(found.items())}
