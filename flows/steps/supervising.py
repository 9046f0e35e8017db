"""Children of `chapar up`: kept alive with growing pauses, given up at last, ended without an orphan."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from data import clock
from data.errors import Broken
from data.records import processes

DEATHS_MAX, DEATHS_WITHIN_SECONDS = 6, 600.0
PAUSE_SECONDS, PAUSE_MAX_SECONDS = 1.0, 60.0
STOP_SECONDS, LAST_WORD_SECONDS, KILL_SECONDS, LOOK_EVERY_SECONDS = 8.0, 2.0, 2.0, 0.1
Process = subprocess.Popen[bytes]
Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One child: how it is started, and when it died lately (monotonic seconds)."""

    name: str
    start: Callable[[], Process]
    process: Process
    farewell: signal.Signals = signal.SIGTERM
    deaths: list[float] = field(default_factory=list)
    again_at: float = 0.0


@dataclass(slots=True)
class Household:
    """All children; `watch` is called every second or so."""

    say: Say
    children: dict[str, Child] = field(default_factory=dict)

    def add(
        self, name: str, start: Callable[[], Process], *, farewell: signal.Signals = signal.SIGTERM
    ) -> None:
        """Start a child and keep it from now on; `farewell` is the signal it ends in order on."""
        self.children[name] = Child(name, start, start(), farewell)

    def watch(self) -> None:
        """Report who died and start it again after a pause; raise Broken when it dies too often."""
        for child in self.children.values():
            code = child.process.poll()
            if code is None:
                continue
            if child.again_at == 0:
                self._mourn(child, code)
            elif clock.monotonic() >= child.again_at:
                child.process, child.again_at = child.start(), 0.0

    def remove(self, name: str) -> None:
        """End a child with all its own and forget it; nothing where there is none."""
        if child := self.children.pop(name, None):
            _end([child])

    def stop(self) -> None:
        """End everybody, and their own children too; within seconds, by force if need be."""
        _end(list(self.children.values()))

    def _mourn(self, child: Child, code: int) -> None:
        now = clock.monotonic()
        child.deaths = [at for at in child.deaths if now - at < DEATHS_WITHIN_SECONDS] + [now]
        if len(child.deaths) > DEATHS_MAX:
            raise Broken(
                f"{child.name} ended {len(child.deaths)} times within {DEATHS_WITHIN_SECONDS:g} s; see above",
                f"{child.name} در {DEATHS_WITHIN_SECONDS:g} ثانیه {len(child.deaths)} بار پایان یافت؛ "
                "پیام آن در بالا آمده است",
            )
        pause = min(PAUSE_SECONDS * 2 ** (len(child.deaths) - 1), PAUSE_MAX_SECONDS)
        child.again_at = now + pause
        self.say(f"{child.name} ended with {code}; it starts again in {pause:g} s")


def family(pid: int) -> list[int]:
    """Return the living descendants of a process, from /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        own = children.get(waiting.pop(), [])
        found += own
        waiting += own
    return found


def _end(children: list[Child]) -> None:
    """Ask them to end, then what is left of their families, then kill; start times tell pids apart."""
    alive = [child for child in children if child.process.poll() is None]
    own = _known([child.process.pid for child in alive])
    others = _known([pid for child in alive for pid in family(child.process.pid)])
    for child in alive:
        child.process.send_signal(child.farewell)
    _await(own, STOP_SECONDS)
    for signal_, seconds in ((signal.SIGTERM, LAST_WORD_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        for pid in _left(own | others):
            with suppress(ProcessLookupError):
                os.kill(pid, signal_)
        _await(own | others, seconds)
    for child in alive:
        child.process.wait()


def _known(pids: list[int]) -> dict[int, str | None]:
    return {pid: processes.started_at(pid) for pid in pids}


def _await(known: dict[int, str | None], seconds: float) -> None:
    until = clock.monotonic() + seconds
    while _left(known) and clock.monotonic() < until:
        clock.sleep(LOOK_EVERY_SECONDS)


def _left(known: dict[int, str | None]) -> list[int]:
    return [pid for pid, started in known.items() if started and processes.started_at(pid) == started]
