"""Children that die come back, those that die too often end the command, and nobody is left behind."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from data import clock as the_clock
from data.errors import Broken
from data.records import processes
from flows.steps import supervising
from flows.steps.supervising import Household, Process, family

LONG = "import time; time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {LONG!r}]); {LONG}"


def _python(program: str) -> Process:
    return subprocess.Popen([sys.executable, "-c", program], start_new_session=True)


def test_a_child_that_dies_comes_back_after_a_pause(clock: Any) -> None:
    said: list[str] = []
    house = Household(said.append)
    house.add("pages", lambda: _python("raise SystemExit(7)"))
    first = house.children["pages"].process
    first.wait()
    house.watch()
    assert said == ["pages ended with 7; it starts again in 1 s"]
    house.watch()
    assert house.children["pages"].process is first  # the pause is not over
    clock.advance(seconds=1.5)
    house.watch()
    assert house.children["pages"].process is not first
    house.stop()


def test_a_child_that_dies_too_often_is_given_up(clock: Any) -> None:
    house = Household(lambda _: None)
    house.add("pages", lambda: _python("raise SystemExit(7)"))
    for _ in range(2 * supervising.DEATHS_MAX):
        house.children["pages"].process.wait()
        house.watch()
        clock.advance(seconds=40)
    house.children["pages"].process.wait()
    with pytest.raises(Broken, match="pages ended 7 times"):
        house.watch()


def test_nobody_is_left_behind() -> None:
    house = Household(lambda _: None)
    house.add("runner", lambda: _python(PARENT))
    process = house.children["runner"].process
    while not (grandchildren := family(process.pid)):
        the_clock.sleep(0.01)
    house.stop()
    assert [processes.started_at(pid) for pid in (process.pid, *grandchildren)] == [None, None]
