"""kill -9 of the dispatcher with operations in PostgreSQL: nobody twice, nobody lost, exact also for G0."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_kill import FAULTS, dispatch_and_kill, finish, judge, killed_at, work_left

RECIPIENTS, KILLS, ROUNDS_MAX = 80, 2, 20


@pytest.mark.slow
@pytest.mark.parametrize("gateway_class", ["G0", "G2"])
def test_kills_at_random_lose_nothing_and_double_nothing(
    gateway_class: str, postgres: Path, open_shop: Callable[..., Any], clock: Any
) -> None:
    settings = {"bulk": 10, "in_flight": 1 if gateway_class == "G0" else 3}
    shop = open_shop(gateway_class, settings=settings, rates=FAULTS, slow_seconds=0.1, seed=5)
    chance = random.Random(f"kills on a server/{gateway_class}")
    kills = ordered = 0
    for _ in range(ROUNDS_MAX):
        if kills == KILLS:
            break
        if not work_left():
            shop.campaign(RECIPIENTS, first=ordered * RECIPIENTS)
            ordered += 1
        kills += dispatch_and_kill(after=chance.uniform(0, 0.4))
    assert kills == KILLS
    finish(clock)
    judge(shop, gateway_class, ordered * RECIPIENTS)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["claim.after_commit", "call.after_answer"])
def test_a_kill_at_the_points_round_a_call_is_exact_for_a_blind_gateway(
    point: str, postgres: Path, open_shop: Callable[..., Any], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop("G0", seed=11)
    shop.campaign(60)
    killed_at(monkeypatch, point)
    finish(clock)
    judge(shop, "G0", 60)
    lost = 0 if point == "claim.after_commit" else 20
    assert len(shop.copies()) == 40 + lost, "one batch of twenty was in flight, and is never sent again"
