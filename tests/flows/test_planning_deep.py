"""Planning: one run an occurrence, all or nothing, and the same set may be sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from data import clock as the_clock
from data.records import campaigns, runs, slices
from data.store import lake, operations
from data.store.tables import batch, lake_file, ledger_entry, run
from flows.steps import planning, starting

Opened = Callable[..., Any]


def test_the_same_people_may_be_sent_the_same_text_again(desk: Opened) -> None:
    d = desk()
    first, second = d.run(3), d.run(3)
    d.tick()
    assert d.of(first).set_path == d.of(second).set_path, "equal sets are one frozen file"
    assert [d.of(first).state, d.of(second).state] == ["closed", "closed"]
    assert d.states(first) == d.states(second) == {"submitted": 3}
    d.clean()
