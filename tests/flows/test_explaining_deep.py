"""`why` tells each fate of a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desk import FIRST_NUMBER

from data import clock as the_clock
from data.records import suppression
from data.store import operations
from flows.steps.explaining import explain

Opened = Callable[..., Any]


def test_why_tells_each_fate(desk: Opened) -> None:
    d = desk(script=[{FIRST_NUMBER + 1: "blacklist"}])
    run_id = d.run(4)
    with operations.writing() as c:
        suppression.add(
            c, [FIRST_NUMBER + 2], account_id=d.account_id, why="opt_out", source="sms", now=the_clock.now()
        )
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER))

    def said(number: int) -> dict[str, str]:
        return {step["step"]: step["say"] for step in explain(number, run_id)}

    assert said(FIRST_NUMBER)["message"] == "it is delivered"
    assert "DELIVERED" in said(FIRST_NUMBER)["receipt"]
    assert said(FIRST_NUMBER + 1)["message"] == "it is blacklisted"
    left_out = said(FIRST_NUMBER + 2)
    assert (left_out["message"], left_out["suppressed"]) == ("it is suppressed", "opt_out (sms)")
    assert "left_out" in left_out
    assert "not in the set" in said(989_359_999_999)["set"]
    assert said(FIRST_NUMBER)["attempt"].startswith("attempt 1: ok")


def test_why_of_a_run_without_credit_says_so(desk: Opened) -> None:
    d = desk(credit=1)
    run_id = d.run(2)
    steps = explain(FIRST_NUMBER, run_id)
    assert "lacking" in steps[-1]["say"]
