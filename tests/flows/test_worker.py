"""`chapar worker`: the loops without Prefect; a signal ends it after its tick."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commanded import COMMAND, chapar, started, variables

from data import clock as the_clock
from data.errors import Broken
from data.records import processes
from data.store import operations
from flows import timetable
from flows.steps import following, shifts, working
from flows.steps.following import finals
from flows.steps.supervising import family
from flows.steps.toolbox import open_toolbox

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


def test_a_worker_does_all_that_the_timetable_does_and_nothing_else(
    home: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    operations.migrate()
    worked = []
    marked = [
        replace(job, step=lambda *box, name=job.name, **_: worked.append(name) or 0) for job in timetable.JOBS
    ]
    monkeypatch.setattr(timetable, "JOBS", tuple(marked))
    shift_names = timetable.shift_names()
    working.work(once=True)
    assert worked == shift_names, "a home that hears of a chore waits for its time"
    clock.advance(days=7)
    told = working.work(once=True)
    assert sorted(worked[len(shift_names) :]) == sorted(job.name for job in timetable.JOBS)
    assert told["chores"] == len(timetable.chore_jobs())
    worked.clear()
    assert working.work(once=True)["chores"] == 0, "each time once"


def test_what_a_flow_has_begun_no_worker_does_again(home: Path, clock: Any) -> None:
    operations.migrate()
    audit = timetable.job("audit")
    assert not timetable.claim(audit)
    clock.advance(hours=1)
    timetable.begun("audit")
    assert not timetable.claim(audit)
    clock.advance(hours=1)
    assert timetable.claim(audit)
    assert not timetable.claim(audit)


def test_a_chore_that_fails_is_told_and_holds_nothing_up(
    home: Path, monkeypatch: pytest.MonkeyPatch, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    operations.migrate()

    def broken() -> None:
        raise Broken("the audit found 2 breaches; run: chapar audit")

    audit, *_ = timetable.chore_jobs()
    monkeypatch.setattr(timetable, "JOBS", (*timetable.shift_jobs(), replace(audit, step=broken)))
    working.work(once=True)
    clock.advance(hours=2)
    told = working.work(once=True)
    assert (told["ticks"], told["chores"]) == (1, 1)
    assert capsys.readouterr().err == "audit: the audit found 2 breaches; run: chapar audit\n"


def test_a_job_with_a_longer_pause_is_not_at_every_tick(
    home: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    rounds = working.Rounds()
    slow = replace(timetable.job("receipts"), every=60.0)
    monkeypatch.setattr(timetable, "JOBS", (timetable.job("dispatch"), slow))
    seen = []
    for _ in range(4):
        seen.append([job.name for job in rounds.due()])
        clock.advance(seconds=30)
    assert seen == [["dispatch", "receipts"], ["dispatch"], ["dispatch", "receipts"], ["dispatch"]]


def test_ctrl_c_ends_a_worker_and_its_servers_without_a_trace(open_shop: Callable[..., Any]) -> None:
    open_shop(settings={"base": ""})  # it starts a receiver and a simulator for itself
    worker = subprocess.Popen(
        [*COMMAND, "worker", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env=variables(None, CHAPAR_FLOWS__TICK_SECONDS="0.2"),
    )  # fmt: skip
    _until(lambda: len(family(worker.pid)) == 2)
    own = {pid: processes.started_at(pid) for pid in family(worker.pid)}
    os.killpg(worker.pid, signal.SIGINT)  # what a terminal does
    told, said = worker.communicate(timeout=PATIENCE_SECONDS)
    assert (worker.returncode, said) == (0, "")
    assert json.loads(told)["runs"] == 0
    assert not any(processes.started_at(pid) == began for pid, began in own.items() if began)


def test_a_run_that_cannot_be_handed_over_says_why_once(
    open_shop: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = open_shop()
    shop.campaign(SEEN)
    box = open_toolbox()
    (run_id,) = shifts.plan(box)
    shop.simulator.stop()
    looks = iter([False] * 10 + [True])
    monkeypatch.setattr(following, "is_over", lambda _: next(looks))
    assert following.send_all(run_id, progress=lambda _done, _total: None) == 0
    assert capsys.readouterr().err == "gateway sim: no connection: NewConnectionError; trying again\n"
