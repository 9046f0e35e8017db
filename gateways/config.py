"""Which gateways there are: rows of table `gateway`, overridden by CHAPAR_GATEWAYS (decisions 22)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import Refused
from data.invalid import first_problem
from data.records import lines, processes
from data.settings import settings
from data.store.operations import Connection
from gateways.adapter import ORDER, Adapter
from gateways.gateway import Gateway
from gateways.settings import Code, GatewaySettings
from gateways.sms import GATEWAYS

__all__ = [
    "Code", "GatewaySettings", "check_name", "from_variable", "load_gateways", "load_settings", "make",
    "parse_settings", "reachable", "stored", "webhook_secrets",
]  # fmt: skip
MENDS = {  # what a field of a fixed form wants
    "base": (
        "write the address of the gateway, such as https://sms.example/api",
        "نشانی درگاه را بنویسید، مانند https://sms.example/api",
    ),
    "test_line": (
        "write the number or name of a line, up to 40 of A-Z, a-z, 0-9, . _ + -",
        "شماره یا نام خط را بنویسید: حداکثر ۴۰ نویسه از A-Z، a-z، 0-9، . _ + -",
    ),
}
FORMER = frozenset({"window_s", "behaviour", "lookup_s"})  # fields that settings of every adapter once had
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_name(name: str) -> None:
    """Raise Refused unless a gateway may be called so: its name stands in the address of its webhooks."""
    if not NAME.fullmatch(name):
        raise Refused(
            f"gateways.{name}",
            "a gateway's name has 1 to 40 of a-z, 0-9, - and _, and starts with a letter or digit",
            "نام درگاه باید ۱ تا ۴۰ نویسه از a-z، 0-9، - و _ باشد و با حرف یا رقم آغاز شود",
        )


def parse_settings(name: str, given: object) -> GatewaySettings:
    """Check the settings of one gateway; raises Refused that names `gateways.{name}.{field}`."""
    check_name(name)
    adapter = _adapter_of(name, given)
    try:
        found = adapter.settings.model_validate(given)
    except Refused as error:
        raise Refused(f"gateways.{name}.{error.field}", error.en, error.fa) from None
    except ValidationError as error:
        raise _refused(error, "gateways", name) from None
    if not adapter.limits.can_be(found.gateway_class):
        best = adapter.limits.best_class
        raise Refused(
            f"gateways.{name}.class", f"{adapter.name} can be {best} at best; write {best}, or G0",
            f"{adapter.name} دست بالا {best} است؛ {best} یا G0 بنویسید",
        )  # fmt: skip
    if found.behaves():
        _check_behaviour(name, found)
    return found


def stored(name: str, given: dict[str, Any]) -> GatewaySettings:
    """Check settings that were stored earlier, when adapters had one model and no limits: fields that mean
    nothing to this one are left, and what it cannot be is what it can be at best.
    """
    adapter = GATEWAYS.get(str(given.get("adapter")))
    if adapter is None:
        return parse_settings(name, given)
    fields = {field.alias or own for own, field in adapter.settings.model_fields.items()}
    kept = {own: value for own, value in given.items() if own in fields or own not in FORMER}
    if kept.get("class") in ORDER and not adapter.limits.can_be(kept["class"]):
        kept["class"] = adapter.limits.best_class
    if isinstance(kept.get("bulk"), int):
        kept["bulk"] = min(kept["bulk"], adapter.limits.bulk)
    return parse_settings(name, {own: value for own, value in kept.items() if value is not None})


def _refused(error: ValidationError, *at: str) -> Refused:
    where, en, fa = first_problem(error, see="docs/gateways.md", mends=MENDS)
    return Refused(".".join((*at, *where)), en, fa)


def _check_behaviour(name: str, found: GatewaySettings) -> None:
    """What a simulator of ours would not start with is refused before it is stored."""
    from gateways.simulator.behaviour import Behaviour

    try:
        Behaviour.model_validate(found.behaves())
    except ValidationError as error:
        raise _refused(error, "gateways", name, "behaviour") from None


def _adapter_of(name: str, given: object) -> Adapter:
    """Return the adapter that settings name; what is no settings at all is refused by the common model."""
    if not isinstance(given, Mapping) or "adapter" not in given:
        try:
            GatewaySettings.model_validate(given)
        except ValidationError as error:
            raise _refused(error, "gateways", name) from None
    adapter = given["adapter"] if isinstance(given, Mapping) else None
    return known_adapter(adapter, field=f"gateways.{name}.adapter")


def known_adapter(adapter: object, *, field: str) -> Adapter:
    """Return an adapter by name; raise Refused with those there are."""
    if isinstance(adapter, str) and adapter in GATEWAYS:
        return GATEWAYS[adapter]
    names = sorted(GATEWAYS)
    raise Refused(
        field, f"no adapter {adapter!r}; use one of {', '.join(names)}",
        f"مبدل «{adapter}» شناخته نیست؛ یکی از این‌ها را بنویسید: {'، '.join(names)}",
    )  # fmt: skip


def from_variable(value: str) -> dict[str, GatewaySettings]:
    """Read CHAPAR_GATEWAYS: a JSON object, or a path to a file that holds one; empty = none."""
    text = value.strip()
    if not text:
        return {}
    if not text.startswith("{"):
        try:
            text = Path(text).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise Refused(
                "CHAPAR_GATEWAYS", f"cannot read it ({type(error).__name__}); give JSON or a path to it",
                "این پرونده خوانده نشد؛ یک شیء JSON یا نشانی پروندهٔ آن را بدهید",
            ) from None  # fmt: skip
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Refused("CHAPAR_GATEWAYS", f"not JSON: {error}", "این متن JSON درستی نیست") from None
    if not isinstance(given, dict):
        raise Refused("CHAPAR_GATEWAYS", "give an object {name: settings}", "یک شیء {نام: تنظیمات} بدهید")
    return {name: parse_settings(name, one) for name, one in given.items()}


def load_settings(c: Connection) -> dict[str, GatewaySettings]:
    """Return all gateways' settings: rows first, the variable wins. Raises Refused naming the field."""
    found = {name: stored(name, given) for name, given in lines.gateways(c).items()}
    return found | from_variable(settings().gateways)


def reachable(c: Connection, found: dict[str, GatewaySettings]) -> dict[str, GatewaySettings]:
    """Return the settings with the address of each simulator that has none and is announced by a process."""
    reached = dict(found)
    for name, given in found.items():
        address = processes.address_of(c, f"simulator:{name}") if given.adapter == "simulator" else None
        if address and not given.base:
            reached[name] = given.model_copy(update={"base": address})
    return reached


def make(name: str, given: GatewaySettings) -> Gateway:
    """Make the adapter of one gateway."""
    return GATEWAYS[given.adapter].make(name, given)


def load_gateways(c: Connection) -> dict[str, Gateway]:
    """Return every configured gateway by name."""
    return {name: make(name, given) for name, given in load_settings(c).items()}


def webhook_secrets(found: dict[str, GatewaySettings]) -> dict[str, str]:
    """Return the secret of every gateway that may call us (the receiver's table)."""
    pairs = ((name, given.secret.get_secret_value()) for name, given in found.items())
    return {name: secret for name, secret in pairs if secret}
