"""A home that can send: an account with credit, a simulator gateway of a class, a line, a campaign of own
numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from postgres_room import postgres, server  # noqa: F401 (fixtures)

from data import clock as the_clock
from data.records import accounts, campaigns, lines
from data.store import operations
from data.use_cases.floor import new_key
from gateways import children, config
from gateways.simulator import record
from targeting.orders import checking

SECRET = "a-secret-for-webhooks"
FIRST_NUMBER = 989_120_000_000


@dataclass
class Shop:
    """A home with one account on one simulated gateway."""

    home: Path
    account_id: int
    simulator: children.Child
    receiver: children.Child | None

    def campaign(self, recipients: int, *, text: str = "سلام", first: int = 0, **more: Any) -> int:
        """Order a campaign to so many consecutive numbers; it is due at once."""
        begin = FIRST_NUMBER + first
        numbers = [f"0{number - 980_000_000_000}" for number in range(begin, begin + recipients)]
        order = {
            "line": "3000",
            "text": text,
            "audience": {"any": [{"kind": "numbers", "numbers": numbers}]},
        } | more
        with operations.writing() as c:
            who = checking.Orderer(self.account_id, "test", new_key())
            draft = checking.draft_of(c, order, who, now=the_clock.now())
            return campaigns.create(c, draft, now=the_clock.now())

    def accepted(self) -> pl.DataFrame:
        """What the gateway itself says it took: ref, line, at, to, id."""
        return record.read(self.home / "simulator" / "sim")

    def copies(self) -> dict[int, int]:
        """How many copies each number's handset gets."""
        return dict(self.accepted()["to"].value_counts().iter_rows())


@pytest.fixture
def open_shop(home: Path) -> Iterator[Callable[..., Shop]]:
    """Open a shop on a gateway of a class; keyword arguments go to the simulator's behaviour."""
    started: list[children.Child] = []

    def opened(gateway_class: str = "G2", *, receipts: bool = False, settings: dict[str, Any] | None = None,
               credit: int = 10_000_000, **behaviour: Any) -> Shop:  # fmt: skip
        receiver = children.start_receiver() if receipts else None
        webhook = f"{receiver.address}/gw/sim/{SECRET}" if receiver else ""
        promised = {"idempotent": gateway_class == "G2", "lookup": gateway_class != "G0", "bulk": 5_000}
        simulator = children.start_simulator(
            promised | {"webhook": webhook} | behaviour, home / "simulator" / "sim"
        )
        started.extend(child for child in (receiver, simulator) if child)
        values = {"adapter": "simulator", "base": simulator.address, "secret": SECRET, "class": gateway_class,
                  "bulk": 20, "deadline_s": 2.0, "quiet_s": 1.0} | (settings or {})  # fmt: skip
        return Shop(home, _furnish(values, credit), simulator, receiver)

    yield opened
    for child in started:
        child.stop()


def _furnish(values: dict[str, Any], credit: int) -> int:
    now = the_clock.now()
    config.parse_settings("sim", values)
    with operations.writing() as c:
        account_id = accounts.create_account(
            c, accounts.NewAccount("shop", credit_rials=credit), actor="test", now=now
        )
        lines.set_gateway(
            c, "sim", adapter="simulator", values=json.loads(json.dumps(values)), actor="test", now=now
        )
        lines.create_line(
            c, lines.NewLine("3000", "sim", account_id, "service", 90, 60), actor="test", now=now
        )
    return account_id


@pytest.fixture
def desk(home: Path, clock: object) -> Callable[..., Any]:
    """Open a desk (tests/flows/desk.py): real stores and steps on a gateway that follows a script."""
    from desk import open_desk

    def opened(gateway_class: str = "G2", **more: Any) -> Any:
        return open_desk(home, gateway_class, **more)

    return opened
