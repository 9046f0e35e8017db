"""A shift ends when its time is over, when it is asked to, and when a newer one has taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data import clock as the_clock
from data.errors import Retryable
from data.records import processes
from data.store import operations
from flows import timetable
from flows.steps import shifts
from flows.steps.shifts import Shift


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, clock: Any) -> list[str]:
    """What a shift says; its pauses turn the clock instead of waiting."""
    monkeypatch.setattr(the_clock, "sleep", lambda seconds: clock.advance(seconds=seconds))
    return []


def test_a_shift_ends_when_its_time_is_over(home: Path, said: list[str]) -> None:
    ticks = Shift("dispatch", said.append).work(lambda _box, _turn: 1)
    assert ticks > 100
    assert said == ["dispatch: the shift is over"]


def test_a_shift_that_is_asked_to_stop_ends_after_its_tick(home: Path, said: list[str]) -> None:
    def tick(_box: Any, _turn: Any) -> int:
        shifts.ask_to_stop()
        return 1

    assert Shift("dispatch", said.append).work(tick) == 1
    assert said == ["dispatch: asked to stop"]


def test_a_long_tick_learns_that_it_must_stop(home: Path, said: list[str]) -> None:
    def tick(_box: Any, turn: Shift) -> int:
        assert not turn.over()
        shifts.ask_to_stop()
        the_clock.sleep(shifts.LOOK_EVERY_SECONDS)
        assert turn.over()
        return 1

    assert Shift("dispatch", said.append).work(tick) == 1
    assert said == ["dispatch: asked to stop"]


def test_an_earlier_request_to_stop_does_not_bind_a_new_shift(home: Path, said: list[str]) -> None:
    shifts.ask_to_stop()
    assert Shift("dispatch", said.append).work(lambda _box, _turn: 1) > 1


def test_of_two_shifts_the_newer_goes_on(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = processes.Owner("another-host", 1, "1")

    def tick(_box: Any, _turn: Any) -> int:
        with monkeypatch.context() as patch, operations.writing() as c:
            patch.setattr(processes, "this_process", lambda: somebody)
            processes.announce(c, shifts._row("dispatch"), now=the_clock.now())
        return 1

    assert Shift("dispatch", said.append).work(tick) == 1
    assert said == ["dispatch: a newer shift has taken over"]


def test_a_busy_store_is_waited_for_but_not_for_ever(home: Path, said: list[str]) -> None:
    def busy(_box: Any, _turn: Any) -> int:
        raise Retryable("the store is busy")

    with pytest.raises(Retryable):
        Shift("dispatch", said.append).work(busy)
    assert len(said) == shifts.FAILURES_IN_A_ROW_MAX


def test_silence_is_told_by_kind(home: Path, said: list[str], clock: Any) -> None:
    kinds = timetable.shift_names()
    assert shifts.absent(kinds) == kinds
    for name in kinds:
        with operations.writing() as c:
            processes.announce(c, shifts._row(name), now=the_clock.now())
    assert shifts.absent(kinds) == []
    assert shifts.silent(kinds, 60) == []
    clock.advance(minutes=2)
    assert shifts.silent(kinds, 60) == kinds
