"""`chapar worker`: the loops without Prefect; a signal ends it after its tick."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

from commanded import chapar, started

from data import clock as the_clock
from flows.steps.following import finals

SEEN = 60
PATIENCE_SECONDS = 60.0


def _until(done: Callable[[], bool]) -> None:
    until = the_clock.monotonic() + PATIENCE_SECONDS
    while not done():
        assert the_clock.monotonic() < until
        the_clock.sleep(0.1)


def test_a_worker_sends_and_hears_and_ends_on_a_signal(open_shop: Callable[..., Any]) -> None:
    shop = open_shop(receipts=True, delay_ms=[1, 50])
    shop.campaign(SEEN)
    worker = started("worker", CHAPAR_FLOWS__TICK_SECONDS="0.2")
    _until(lambda: shop.accepted().height == SEEN and finals(1) == (SEEN, SEEN))
    worker.send_signal(signal.SIGTERM)
    told, _ = worker.communicate(timeout=PATIENCE_SECONDS)
    assert worker.returncode == 0
    document = json.loads(told)
    assert (document["runs"], document["messages"]) == (1, SEEN)
    assert document["receipts"] == SEEN
    assert set(shop.copies().values()) == {1}


def test_one_tick_is_enough_where_everything_is_due(open_shop: Callable[..., Any]) -> None:
    shop = open_shop()
    shop.campaign(SEEN)
    code, told, _ = chapar("worker", "--once")
    assert (code, told["ticks"], told["messages"]) == (0, 1, SEEN)
    assert set(shop.copies().values()) == {1}
