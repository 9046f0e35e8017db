"""The worker: every tick one after the other in a plain loop, until a signal; it ends after its tick."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from data import clock
from data.errors import Retryable
from data.settings import settings
from data.store import operations
from flows import terminal
from flows.steps import housekeeping, shifts
from flows.steps.company import Company
from flows.steps.toolbox import open_toolbox
from gateways import config

TIDY_EVERY_SECONDS = 3_600.0
FAILURES_IN_A_ROW_MAX = 30


def work(*, once: bool) -> dict[str, Any]:
    """Tick until told to stop; return what was done: runs planned, messages handed over, receipts, ticks."""
    done = {"ticks": 0, "runs": 0, "messages": 0, "receipts": 0}
    with ExitStack() as stack:
        asked = stack.enter_context(_asked_to_stop())
        if _needs_company():
            stack.enter_context(Company())
        tidied_at, failures = clock.monotonic(), 0
        while True:
            failures = failures + 1 if not _tick(done, asked) else 0
            if failures > FAILURES_IN_A_ROW_MAX:
                raise Retryable(f"the store was busy {failures} times in a row", "پایگاه داده مشغول است")
            if clock.monotonic() - tidied_at > TIDY_EVERY_SECONDS:
                housekeeping.tidy()
                tidied_at = clock.monotonic()
            if once or asked.wait(settings().flows.tick_seconds):
                return done


def _tick(done: dict[str, Any], asked: threading.Event) -> bool:
    """One pass over everything, cut short when asked to stop; False when the store was busy."""
    try:
        box = open_toolbox()
        done["runs"] += len(shifts.plan(box))
        done["messages"] += shifts.send(box, stopping=asked.is_set)
        done["receipts"] += shifts.receive(box)
    except Retryable as error:
        terminal.say(f"worker: {error.en}")
        return False
    done["ticks"] += 1
    return True


def _needs_company() -> bool:
    """A gateway that is only simulated, and not simulated yet, needs its server and a receiver beside us."""
    with operations.reading() as c:
        found = config.load_settings(c)
    return any(given.adapter == "simulator" and not given.base for given in found.values())


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    asked = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {name: signal.signal(name, stop) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
