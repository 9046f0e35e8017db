"""A dispatcher that freezes between its claim and its call finds itself too late, and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from data import clock as the_clock
from data.records import batches, runs
from data.store import operations
from flows.steps import dispatching, recovering
from flows.steps.auditing import audit
from flows.steps.toolbox import open_toolbox

Opened = Callable[..., Any]
DEADLINE_SECONDS, FROZEN_SECONDS = 0.5, 8.0


def only_batch() -> batches.Batch:
    with operations.reading() as c:
        (run,) = runs.in_states(c, ("running", "closing", "closed"))
        (batch,) = batches.of_run(c, run.id)
    return batch


def frozen_at(point: str) -> subprocess.Popen[bytes]:
    told = os.environ | {"CHAPAR_FAILPOINTS": f"{point}=1:stop({FROZEN_SECONDS})"}
    command = [sys.executable, "-m", "flows.cli", "dispatch", "--drain", "--json"]
    return subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_who_freezes_after_his_claim_sends_nothing_and_it_is_sent_once_later(
    gateway_class: str, open_shop: Opened
) -> None:
    settings = {"deadline_s": DEADLINE_SECONDS, "quiet_s": 60.0, "window_s": 0.0}
    shop = open_shop(gateway_class, settings=settings)
    shop.campaign(5)
    frozen = frozen_at("claim.after_commit")
    until = the_clock.monotonic() + 60
    while the_clock.monotonic() < until and not _gave_up():
        time.sleep(0.05)
    assert frozen.poll() is None, "it still sleeps"
    assert only_batch().state == "unknown", "and was given up"
    out, _ = frozen.communicate(timeout=60)
    assert shop.accepted().height == 0, "its call is later than its deadline"
    batch = only_batch()
    assert (batch.state, batch.amb) == ("ready", False), "certainly never sent, so it waits like any other"
    assert json.loads(out)["open"]["unknown"] == 0
    the_clock.sleep(2.1)
    dispatching.tick(open_toolbox())
    assert set(shop.copies().values()) == {1}
    assert len(shop.copies()) == 5
    assert audit()["ok"]


def _gave_up() -> bool:
    with operations.reading() as c:
        begun = [b for run in runs.in_states(c, ("running",)) for b in batches.of_run(c, run.id)]
    if any(b.state == "sending" for b in begun):
        recovering.recover(open_toolbox())
    return any(b.state == "unknown" for b in begun)
