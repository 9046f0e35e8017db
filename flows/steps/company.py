"""The servers that a command needs beside itself: a receiver, and a simulator for each gateway without an
address.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from data import clock
from data.records import processes
from data.settings import settings
from data.store import operations
from data.store.private import private
from gateways import children, config
from gateways.settings import GatewaySettings

RECEIVER = "receiver"


class Company:
    """Starts what is not running yet, announces where it answers, and ends it with the command."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Company:
        with operations.reading() as c:
            found = config.load_settings(c)
            receiver = settings().public_url or processes.address_of(c, RECEIVER)
            missing = {
                name: given
                for name, given in found.items()
                if given.adapter == "simulator" and not given.base
                and not processes.address_of(c, simulator_name(name))
            }  # fmt: skip
        self.receiver = receiver or self._start_receiver()
        for name, given in missing.items():
            self._start_simulator(name, given)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start_receiver(self) -> str:
        child = children.start_receiver()
        self._keep(RECEIVER, child)
        return child.address

    def _start_simulator(self, name: str, given: GatewaySettings) -> None:
        folder = private(settings().root / "simulator" / name)
        webhook = f"{self.receiver}/gw/{name}/{given.secret.get_secret_value()}"
        self._keep(simulator_name(name), children.start_simulator(behaviour_of(given, webhook), folder))

    def _keep(self, name: str, child: children.Child) -> None:
        self._stack.callback(child.stop)
        self._stack.callback(_withdraw, name)
        with operations.writing() as c:
            processes.announce(c, name, now=clock.now(), address=child.address)


def simulator_name(gateway: str) -> str:
    """Return the name under which a gateway's simulator is announced."""
    return f"simulator:{gateway}"


def behaviour_of(given: GatewaySettings, webhook: str) -> dict[str, object]:
    """Return how a simulator behaves that stands in for a gateway of this class."""
    promised = {"idempotent": given.gateway_class == "G2", "lookup": given.gateway_class != "G0"}
    token = given.token.get_secret_value()
    return {"bulk": given.bulk, "token": token, "webhook": webhook, **promised, **given.behaves()}


def _withdraw(name: str) -> None:
    with operations.writing() as c:
        processes.withdraw(c, name)
