"""What the steps of one pass need at hand: the gateways as they are configured now, the home's secret, the
limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from data.records import processes
from data.records.batches import Batch
from data.records.lines import Line
from data.records.runs import Run
from data.rules import schedule
from data.settings import Settings, settings
from data.store import operations
from gateways import config
from gateways.gateway import Capabilities, Gateway

Say = Callable[[str], None]
WINDOW_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Gateways by name, the secret that references are signed with, and the settings of this process."""

    gateways: dict[str, Gateway]
    secret: bytes
    settings: Settings


def open_toolbox() -> Toolbox:
    """Read the gateways and the secret; a simulator without an address is found by its announced process."""
    with operations.reading() as c:
        found = config.load_settings(c)
        for name, given in found.items():
            address = processes.address_of(c, f"simulator:{name}") if given.adapter == "simulator" else None
            if address and not given.base:
                found[name] = given.model_copy(update={"base": address})
        secret = processes.secret(c)
    return Toolbox({name: config.make(name, given) for name, given in found.items()}, secret, settings())


def may_resend(box: Toolbox, run: Run, batch: Batch, *, now: datetime) -> bool:
    """Say whether a batch with a missing answer may still be sent again under its reference (T9, G2)."""
    gateway = box.gateways.get(run.gateway)
    if gateway is None or batch.first_sent_at is None:
        return False
    able = gateway.capabilities
    window = timedelta(seconds=able.window_seconds) - resend_margin(able)
    return able.gateway_class == "G2" and now < batch.first_sent_at + window


def resend_margin(able: Capabilities) -> timedelta:
    """Return how long before the end of a gateway's window the last resend begins: the call itself takes
    time.
    """
    return WINDOW_MARGIN + timedelta(seconds=able.deadline_seconds)


def may_start(run: Run, line: Line, *, now: datetime) -> bool:
    """Say whether a batch may start now: inside the line's hours, outside the campaign's quiet hours."""
    return opens_at(run, line, now=now) <= now


def opens_at(run: Run, line: Line, *, now: datetime) -> datetime:
    """Return the first moment, in UTC, from now on at which a batch may start."""
    local = now.astimezone(ZoneInfo(settings().timezone))
    if line.window:
        local = schedule.next_opening(local, *line.window)
    quiet = run.quiet_hours
    if quiet:  # what is not quiet is open: from the end of the quiet hours to their beginning
        local = schedule.next_opening(local, quiet["to"], quiet["from"])
        if line.window:
            local = schedule.next_opening(local, *line.window)
    return local.astimezone(UTC)
