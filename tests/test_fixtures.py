"""What every test stands on: a home of its own, a clock that turns, and nothing outside this machine."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from turned_clock import Clock

from data import clock as product
from data.settings import settings


def test_tests_speak_to_the_loopback_only() -> None:
    with pytest.raises(AssertionError, match="loopback only"):
        socket.create_connection(("example.org", 443), timeout=1)
    with socket.socket() as outside, pytest.raises(AssertionError, match="loopback only"):
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as inside:
        socket.create_connection(inside.getsockname(), timeout=5).close()


def test_every_home_is_fresh_and_ready(home: Path) -> None:
    from data.store import operations

    assert settings().root == home
    with operations.reading() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM campaign").scalar() == 0


def test_the_products_clock_turns_and_goes_on(clock: Clock) -> None:
    before = product.now()
    clock.advance(hours=3)
    assert product.now() - before >= timedelta(hours=3)
    nowruz = datetime(2027, 3, 21, tzinfo=UTC)
    clock.at(nowruz)
    assert timedelta(0) <= product.now() - nowruz < timedelta(minutes=1)
