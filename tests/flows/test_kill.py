"""kill -9 of the dispatcher at any moment loses no message and sends none twice; the gateway's record is
the judge.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data import clock as the_clock
from data import failpoints
from data.facts import messages
from data.records import processes, runs
from data.store import operations
from flows.steps.auditing import audit

RECIPIENTS = 600
KILLS = 10  # times three classes: thirty
ROUNDS_MAX = 40
FAULTS = {
    "429": 0.03,
    "500_after": 0.04,
    "reset_after": 0.04,
    "half_body": 0.04,
    "reset_before": 0.03,
    "slow": 0.5,
}


@pytest.mark.slow
@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_kills_at_random_lose_nothing_and_double_nothing(
    gateway_class: str, open_shop: Callable[..., Any], clock: Any
) -> None:
    settings = {"bulk": 10, "in_flight": 1 if gateway_class == "G0" else 3}
    shop = open_shop(gateway_class, settings=settings, rates=FAULTS, slow_seconds=0.1, seed=7)
    chance = random.Random(f"kills/{gateway_class}")
    kills = ordered = 0
    for _ in range(ROUNDS_MAX):
        if kills == KILLS:
            break
        if not work_left():
            shop.campaign(RECIPIENTS, first=ordered * RECIPIENTS)
            ordered += 1
        kills += dispatch_and_kill(after=chance.uniform(0, 0.5))
    assert kills == KILLS
    finish(clock)
    judge(shop, gateway_class, ordered * RECIPIENTS)


# Before and after a call the class decides what may be done; elsewhere one class stands for all.
POINTS = [
    *((point, each) for point in ("call.before_write", "call.after_answer") for each in ("G0", "G1", "G2")),
    ("claim.before_commit", "G1"), ("claim.after_commit", "G2"), ("settle.inside", "G0"), ("settle.after",
    "G1"),
    ("plan.inside", "G2"), ("plan.after_file", "G0"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("point", "gateway_class"), POINTS)
def test_a_kill_at_every_failpoint_is_survived(
    point: str, gateway_class: str, open_shop: Callable[..., Any], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(gateway_class, seed=11)
    shop.campaign(100)
    killed_at(monkeypatch, point)
    finish(clock)
    judge(shop, gateway_class, 100)


# A lost owner leaves something to recover; an answer is lost without a kill only where the gateway loses it.
LATER_POINTS = [
    ("recover.inside", "G1"), ("reap.inside", "G0"), ("reap.inside", "G2"),
    ("resolve.inside", "G1"), ("resolve.inside", "G2"), ("resolve.before_lookup", "G1"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("point", "gateway_class"), LATER_POINTS)
def test_a_second_kill_while_the_first_is_mended_is_survived(
    point: str, gateway_class: str, open_shop: Callable[..., Any], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(gateway_class, seed=11)
    shop.campaign(100)
    killed_at(monkeypatch, "call.after_answer", point, point)
    finish(clock)
    judge(shop, gateway_class, 100)


@pytest.mark.slow
@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_a_kill_while_a_lost_answer_is_written_down_is_survived(
    gateway_class: str, open_shop: Callable[..., Any], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(gateway_class, seed=11, rates={"reset_after": 0.95})  # one of five answers, surely
    shop.campaign(100)
    killed_at(monkeypatch, "unknown.inside")  # an answer was lost
    finish(clock)
    judge(shop, gateway_class, 100)


def test_every_failpoint_of_sending_is_killed_at() -> None:
    killed = {point for point, _ in (*POINTS, *LATER_POINTS)} | {"unknown.inside"}
    elsewhere = ("receipt.", "inbound.", "reply.")  # these have kill tests of their own
    assert {name for name in failpoints.NAMES if not name.startswith(elsewhere)} == killed


def killed_at(monkeypatch: pytest.MonkeyPatch, *points: str) -> None:
    """Start a dispatcher for each point in turn; each is killed there."""
    for point in points:
        monkeypatch.setenv("CHAPAR_FAILPOINTS", f"{point}=1")
        assert _dispatch().returncode == -9, f"{point} killed it"
    monkeypatch.delenv("CHAPAR_FAILPOINTS")


def _command() -> list[str]:
    return [sys.executable, "-m", "flows.cli", "dispatch", "--drain", "--json"]


def _dispatch() -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(_command(), capture_output=True, timeout=120, check=False)


def work_left() -> bool:
    with operations.reading() as c:
        return bool(runs.open_batches(c)["ready"])


def dispatch_and_kill(*, after: float) -> int:
    """Kill a dispatcher some moments after it set to work; 0 if it was done before."""
    process = subprocess.Popen(_command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        with operations.reading() as c:
            at_work = any(row["pid"] == process.pid for row in processes.listing(c))
        if at_work:
            try:
                process.wait(timeout=after)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return 1
        time.sleep(0.01)
    return 0


def finish(clock: Any) -> None:
    """Let everything come to its end: quiet times pass, then the time to repeat, at last the horizon too."""
    for hours in (0, 1, 1, 8, 49):
        clock.advance(hours=hours)
        done = _dispatch()
        assert done.returncode in (0, 3), done.stderr.decode()
        if not any(json.loads(done.stdout)["open"].values()):
            return
    raise AssertionError(f"still open after the horizon: {done.stdout.decode()}")


def judge(shop: Any, gateway_class: str, recipients: int) -> None:
    copies = shop.copies()
    assert max(copies.values(), default=1) == 1, "nobody got it twice"
    with operations.reading() as c:
        found = messages.sources(c, [run.id for run in runs.in_states(c, ("closed",))])
    told = messages.every(found, now=the_clock.now())
    assert told.height == recipients, "everybody of the set is accounted for once"
    claimed_sent = set(told.filter(submission="submitted")["msisdn"])
    assert claimed_sent <= set(copies), "nobody is called sent who was not"
    if gateway_class == "G0":
        assert set(told["submission"]) <= {"submitted", "written_off"}, "nothing in between"
        written_off = set(told.filter(submission="written_off")["msisdn"])
        assert set(copies) - claimed_sent == written_off & set(copies)
    else:
        assert set(copies) == claimed_sent, "the gateway has exactly those whom we call sent"
        assert len(copies) == recipients, "nobody was lost"
    report = audit()
    assert report["ok"], report["breaches"]


def test_the_judge_itself_sees_a_duplicate(open_shop: Callable[..., Any], home: Path) -> None:
    shop = open_shop("G1")
    shop.campaign(20)
    assert _dispatch().returncode == 0
    line = (home / "simulator" / "sim" / "record.jsonl").read_text(encoding="utf-8")
    with (home / "simulator" / "sim" / "record.jsonl").open("a", encoding="utf-8") as file:
        file.write(line)
    assert max(shop.copies().values()) == 2
