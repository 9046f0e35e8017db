"""How each child of `chapar up` is started, and how to tell that it answers."""

from __future__ import annotations

import http.client
import subprocess
import sys
from urllib.parse import urlsplit

from data import clock
from data.errors import Retryable
from data.records import processes
from data.settings import settings
from data.store import operations
from flows.steps.company import RECEIVER, behaviour_of, simulator_name
from flows.steps.supervising import Household, Process
from gateways import children, config

ANSWER_SECONDS, ASK_EVERY_SECONDS, ASK_SECONDS = 60.0, 0.2, 2.0


def python(module: str, *arguments: str) -> Process:
    """Start a module of ours. Ctrl-C does not reach it by itself, so that we end the children in order."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.child", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # stdout is for the one document of the command
        start_new_session=True,
    )


def dashboards(house: Household, *, host: str, port: int, insecure_http: bool) -> str:
    """Start the pages with the receiver in them; return where they answer. Raises Retryable."""
    more = ["--insecure-http"] if insecure_http else []
    ports = [port]  # a free one that was taken once is kept: gateways know the address by then

    def start() -> Process:
        return python("dashboards", "--host", host, "--port", str(ports[0]), *more)

    house.add("dashboards", start)
    until = clock.monotonic() + ANSWER_SECONDS
    while clock.monotonic() < until:
        if (address := announced("dashboards")) and _answers(address):
            ports[0] = urlsplit(address).port or port
            return address
        if (code := house.children["dashboards"].process.poll()) is not None:
            raise Retryable(
                f"the dashboards ended with {code} before they answered; their message stands above",
                "داشبورد آغاز به کار نکرد؛ پیام آن در بالا آمده است",
            )
        clock.sleep(ASK_EVERY_SECONDS)
    raise Retryable(
        f"the dashboards did not answer within {ANSWER_SECONDS:g} s; try again",
        f"داشبورد در {ANSWER_SECONDS:g} ثانیه پاسخ نداد؛ دوباره تلاش کنید",
    )


def simulators(house: Household) -> None:
    """Start a simulator for each gateway without an address of its own, also for those set meanwhile."""
    with operations.reading() as c:
        found = config.load_settings(c)
        receiver = settings().public_url or processes.address_of(c, RECEIVER)
        alive = {name for name in found if processes.address_of(c, simulator_name(name))}
    for name, given in found.items():
        wanted = given.adapter == "simulator" and not given.base and name not in alive
        if wanted and simulator_name(name) not in house.children:
            webhook = f"{receiver}/gw/{name}/{given.secret.get_secret_value()}"
            house.add(simulator_name(name), _Simulator(name, behaviour_of(given, webhook)))


class _Simulator:
    """Starts a gateway's simulator and announces where it answers."""

    def __init__(self, gateway: str, behaviour: dict[str, object]) -> None:
        self.gateway, self.behaviour = gateway, behaviour

    def __call__(self) -> Process:
        folder = settings().root / "simulator" / self.gateway
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        child = children.start_simulator(self.behaviour, folder)
        announce(simulator_name(self.gateway), child.address)
        return child.process


def announce(name: str, address: str) -> None:
    """Say that a part of this tree lives, and where it answers."""
    with operations.writing() as c:
        processes.announce(c, name, now=clock.now(), address=address)


def announced(name: str) -> str | None:
    """Return where a living part answers."""
    with operations.reading() as c:
        return processes.address_of(c, name)


def _answers(address: str) -> bool:
    where = urlsplit(address)
    everywhere = where.hostname in ("0.0.0.0", "::")  # noqa: S104 - asked by us on this machine
    host = "127.0.0.1" if everywhere else where.hostname or ""
    connection = http.client.HTTPConnection(host, where.port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
