"""A real simulator process for the tests that want one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateways import children


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., children.Child]]:
    """Start simulators; they end with the test."""
    started: list[children.Child] = []

    def start(folder: Path = tmp_path, **behaviour: Any) -> children.Child:
        started.append(children.start_simulator(behaviour, folder))
        return started[-1]

    yield start
    for child in started:
        child.stop()
