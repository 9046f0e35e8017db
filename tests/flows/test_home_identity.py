"""A copy of a home that is put back, moved or run elsewhere sends nothing until a person releases it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from copied_home import chapar, copy_of, planned, put_back, reason, states, tick

from data.records import runs
from data.settings import settings
from data.store import operations, outside
from data.use_cases.floor import OPERATOR
from flows.steps import planning, starting
from flows.steps.auditing import audit
from flows.steps.toolbox import open_toolbox
from gateways.use_cases import home as use_case

Opened = Callable[..., Any]


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_a_copy_put_back_after_a_batch_sends_nothing_twice(
    gateway_class: str, in_place: bool, open_shop: Opened, home: Path, clock: Any, monkeypatch: Any
) -> None:
    window = {"in_flight": 1, "bulk": 5, "quiet_s": 600.0, "window_s": 21_600.0}
    shop = open_shop(gateway_class, settings=window)
    run_id = planned(shop, 15)
    kept = copy_of(home)
    monkeypatch.setenv("CHAPAR_FAILPOINTS", "settle.after=1")
    command = [sys.executable, "-m", "flows.cli", "dispatch", "--drain"]
    killed = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -9, "after one batch"
    monkeypatch.delenv("CHAPAR_FAILPOINTS")
    sent = len(shop.copies())
    assert sent == 5
    put_back(home, kept, in_place=in_place)
    assert states(run_id) == ["ready"] * 3, "it knows of nothing"

    code, told = chapar("dispatch", "--drain")
    assert (code, told["held"]) == (3, True)
    assert "older copy" in told["why"]
    assert "chapar home release" in told["why"]
    assert len(shop.copies()) == sent

    code, told = chapar("home", "release", "--why", "the disk was restored")
    assert (code, told["held"], told["asked_about"]) == (0, False, 3)
    for hours in (0, 1, 1, 49):
        clock.advance(hours=hours)
        for _ in range(3):
            tick()
            clock.advance(seconds=40)
    assert set(shop.copies().values()) == {1}, "nobody got it twice"
    assert len(shop.copies()) == (sent if gateway_class == "G0" else 15)
    assert set(states(run_id)) == ({"written_off"} if gateway_class == "G0" else {"done"})
    assert audit()["ok"]


def test_a_copy_that_runs_beside_the_first_is_held_and_so_is_the_first_once_the_copy_is_released(
    open_shop: Opened, home: Path, clock: Any, monkeypatch: Any
) -> None:
    shop = open_shop("G2")
    planned(shop, 3)
    tick()
    other = home.with_name("other")
    operations.forget_engines()
    shutil.copytree(home, other)

    def live_in(folder: Path) -> None:
        operations.forget_engines()
        monkeypatch.setenv("CHAPAR_HOME", str(folder))
        settings.cache_clear()

    live_in(other)
    assert reason() == "moved"
    done = use_case.release(OPERATOR, "the home was moved")
    assert (done.was, done.set_aside, reason()) == ("moved", 0, None)
    live_in(home)
    assert reason() == "older", "what was released has an epoch that this one cannot have"
    shop.campaign(1, first=50)
    tick()
    assert len(shop.copies()) == 3
    live_in(other)
    planned(shop, 1, first=60)
    tick()
    assert len(shop.copies()) == 4


def test_a_second_copy_put_in_the_very_place_of_a_released_one_is_held(
    open_shop: Opened, home: Path, clock: Any
) -> None:
    shop = open_shop("G2", settings={"bulk": 1})
    planned(shop, 1)
    tick()
    kept = copy_of(home)
    planned(shop, 1, first=10)
    tick()
    put_back(home, kept)
    assert reason() == "behind"
    use_case.release(OPERATOR, "one")
    put_back(home, kept)
    assert reason() == "older"


@pytest.mark.parametrize(("days", "held"), [(0, "elsewhere"), (29, "elsewhere"), (31, None)])
def test_a_home_that_sent_from_another_machine_lately_is_held(
    days: int, held: str | None, open_shop: Opened, clock: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    shop = open_shop("G2")
    planned(shop, 1)
    tick()
    clock.advance(hours=24 * days)
    monkeypatch.setenv("CHAPAR_STATE_DIR", str(tmp_path / "another machine"))
    settings.cache_clear()
    assert reason() == held
    if held:
        use_case.release(OPERATOR, "a new server")
        assert reason() is None


def test_a_home_that_never_sent_is_free_anywhere(home: Path, monkeypatch: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        monkeypatch.setenv("CHAPAR_STATE_DIR", str(tmp_path / name))
        settings.cache_clear()
        assert reason() is None


def test_what_was_due_when_a_copy_was_released_in_doubt_is_missed_and_said(
    open_shop: Opened, home: Path, clock: Any
) -> None:
    """The first one may have started it after the copy was taken."""
    shop = open_shop("G0", settings={"bulk": 5})
    planned(shop, 2, first=100)
    tick()
    shop.campaign(5)
    kept = copy_of(home)
    starting.start_due()
    planning.plan_due(open_toolbox())
    tick()
    assert len(shop.copies()) == 7
    put_back(home, kept)
    assert reason() == "behind"
    use_case.release(OPERATOR, "restored")
    assert starting.start_due() == []
    clock.advance(seconds=5)
    tick()
    with operations.reading() as c:
        missed = runs.in_states(c, ("missed",))
    assert ["put back from a copy" in str(run.why) for run in missed] == [True]
    assert missed[0].id > 100_000, "its number is not that of the run that went out, nor are its references"
    assert planned(shop, 1, first=200) == missed[0].id + 1
    assert set(shop.copies().values()) == {1}


def test_who_claims_while_another_copy_is_released_sends_nothing(desk: Opened, monkeypatch: Any) -> None:
    """The look was in time, the word outside was not: the batches are as if never claimed."""
    from dataclasses import replace

    d = desk("G0")
    run_id = d.run(2)
    d.tick()
    second = d.run(2, first=10)
    real = outside.Slot.read

    def of_another(slot: Any) -> Any:
        return replace(real(slot), where="elsewhere", epoch="another")

    monkeypatch.setattr(outside.Slot, "read", of_another)
    d.tick()
    assert d.batch(run_id).state == "done"
    assert (d.batch(second).state, d.attempts(second)) == ("ready", ["notsent"])
    assert len(d.gateway.calls) == 1
    d.clean()
