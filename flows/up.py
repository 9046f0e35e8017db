"""Everything that `chapar up` keeps running, and the watchdog beside it that does not rely on Prefect (P33).

Until the timetable's first shifts live, and whenever they fall silent, a worker without Prefect stands in.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from data import clock
from data.errors import Broken, Refused
from data.records import processes
from data.settings import settings
from data.store import operations
from data.use_cases import accounts, users
from data.use_cases.floor import Who
from flows import prefect_server, terminal, timetable, up_children
from flows.prefect_server import Server
from flows.steps import holding, shifts
from flows.steps.supervising import Household, family

ADMIN, ACTOR = "admin", "up"
UP = Who(None, name=ACTOR)  # the operator of the installation, who starts it
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SERVERS_MAX = 5
WATCH_SECONDS, ANNOUNCE_SECONDS, LAST_TICK_SECONDS = 0.5, 15.0, 5.0
SILENT_SECONDS = 120.0  # with the restart that follows, somebody sends again within three minutes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to listen, and who keeps the time."""

    host: str
    port: int
    insecure_http: bool
    without_prefect: bool


class _StopAsked(BaseException):
    """SIGTERM or Ctrl-C."""


def run(wanted: Wanted) -> None:
    """Serve until Ctrl-C or SIGTERM; then end every child within seconds."""
    _refuse_taken_port(wanted)
    operations.migrate()
    tree = _Tree(wanted)
    try:
        with _stopped_by_signals():
            tree.grow()
            while True:
                tree.watch()
                clock.sleep(WATCH_SECONDS)
    except _StopAsked:
        terminal.say("stopping …")
    finally:
        tree.fell()


@dataclass(slots=True)
class _Tree:
    """The children and what the watchdog remembers; times are monotonic seconds."""

    wanted: Wanted
    house: Household = field(default_factory=lambda: Household(terminal.say))
    server: Server | None = None
    address: str = ""
    served: str = ""  # address of the Prefect server that the flows speak to
    announced_at: float = 0.0
    flows_at: float = 0.0
    servers: int = 1
    silent: list[str] = field(default_factory=list)  # kinds of shift that were told of

    def grow(self) -> None:
        """Start Prefect first, it takes longest; then pages, simulators, worker; tell where they answer."""
        if not self.wanted.without_prefect:
            self.server = prefect_server.start()
        password = first_admin()
        wanted = self.wanted
        self.address = up_children.dashboards(
            self.house, host=wanted.host, port=wanted.port, insecure_http=wanted.insecure_http
        )
        self._announce()
        self._stand_in()
        terminal.answer(self._told(password))

    def watch(self) -> None:
        """One look: who died, whether Prefect is ready, whether the shifts live."""
        self.house.watch()
        if clock.monotonic() - self.announced_at > ANNOUNCE_SECONDS:
            self._announce()
        if self.server is None:
            return
        if not self.server.lives():
            self.server = self._next_server()
        if self.server.is_ready() and self.server.address != self.served:
            self._serve_timetable(self.server.address)
        self._look_at_shifts()

    def _look_at_shifts(self) -> None:
        """Somebody always works: a worker where a shift is missing. A long tick is told of, not killed."""
        kinds = timetable.shift_names()
        absent, silent = shifts.absent(kinds), shifts.silent(kinds, SILENT_SECONDS)
        if absent or silent:
            self._stand_in()
        else:
            self.house.remove("worker")
        if not self.served or clock.monotonic() - self.flows_at < SILENT_SECONDS or silent == self.silent:
            return
        self.silent = silent
        if silent:
            names = ", ".join(silent)
            terminal.say(f"no sign of life from {names} for {SILENT_SECONDS:g} s; a worker stands in")
        if set(silent) & set(absent):
            self._serve_timetable(self.served)

    def fell(self) -> None:
        """Shifts end after their tick, then their runner; then everybody else, Prefect with them."""
        if "flows" in self.house.children:
            shifts.ask_to_stop()
            until = clock.monotonic() + LAST_TICK_SECONDS
            while family(self.house.children["flows"].process.pid) and clock.monotonic() < until:
                clock.sleep(WATCH_SECONDS)
            self.house.remove("flows")
        self.house.stop()
        if self.server:
            self.server.stop()
        with operations.writing() as c:
            for row in processes.listing(c):
                if row["pid"] == os.getpid() and row["host"] == socket.gethostname():
                    processes.withdraw(c, row["name"])

    def _next_server(self) -> Server:
        """Find or start the Prefect server anew; the flows follow it to its address, a worker stands in."""
        self.servers += 1
        if self.servers > SERVERS_MAX:
            raise Broken(
                f"the Prefect server ended {SERVERS_MAX} times; look into its log",
                f"کارساز Prefect {SERVERS_MAX} بار پایان یافت؛ گزارش آن را ببینید",
            )
        terminal.say("the Prefect server ended; it starts again, and a worker stands in")
        self._stand_in()
        return prefect_server.start()

    def _serve_timetable(self, address: str) -> None:
        self.house.remove("flows")
        self.house.add(
            "flows", lambda: up_children.python("flows.deploy"), farewell=signal.SIGINT
        )  # on SIGINT Prefect's runner pauses the timetable; on SIGTERM it forgets to
        self.served, self.flows_at, self.silent = address, clock.monotonic(), []
        terminal.say("flows: the timetable is served; the first shifts begin")

    def _stand_in(self) -> None:
        if holding.is_held():  # it would end at once; pages and receipts go on
            self.house.remove("worker")
        elif "worker" not in self.house.children:
            self.house.add("worker", lambda: up_children.python("flows.cli", "worker"))

    def _announce(self) -> None:
        self.announced_at = clock.monotonic()
        up_children.announce(ACTOR, self.address)
        up_children.simulators(self.house)

    def _told(self, password: str | None) -> dict[str, object]:
        told: dict[str, object] = {"dashboards": self.address, "home": str(settings().root)}
        if self.server:
            told["prefect"] = self.server.address
            told["prefect_password"] = f"in {prefect_server.folder() / 'auth'}"
        if password:
            return told | {"user": ADMIN, "password": password, "note": "the password is shown this once"}
        return told | {"user": f"{ADMIN}; the password was shown when it was made"}


def first_admin() -> str | None:
    """Make the first admin where there is none; return the password, shown this once.

    The account stays where its person could not be made: the next start finds it and goes on from there.
    """
    if users.listed(UP, users.Filter(role=ADMIN), limit=1).total:
        return None
    known = {one.name: one for one, _ in accounts.listed(UP, text=ADMIN).rows}
    its = known.get(ADMIN) or accounts.create(UP, {"name": ADMIN, "title": "مدیر", "role": ADMIN}).account
    return users.create(UP, {"username": ADMIN, "role": its.role}, account=ADMIN).password


def _refuse_taken_port(wanted: Wanted) -> None:
    if not wanted.port:
        return
    try:
        socket.create_server((wanted.host, wanted.port)).close()
    except OSError as error:
        raise Refused(
            "port",
            f"{wanted.host}:{wanted.port} cannot be used ({error.strerror}); choose another with --port",
            f"درگاه {wanted.port} در دسترس نیست؛ درگاه دیگری با --port بدهید",
        ) from error


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_IGN)  # once is enough; the end takes seconds
        raise _StopAsked

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    yield
