"""A campaign that cannot be paused, resumed, started or stopped says what to do instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from command_line import Chapar, chapar, furnished, order

__all__ = ["chapar", "furnished"]  # fixtures

QUIET = {"from": "12:00", "to": "14:00"}


@pytest.fixture
def waiting(furnished: Chapar, clock: Any) -> tuple[Chapar, str]:
    """A draft whose run would wait for the end of its quiet hours."""
    clock.at(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    made = furnished("campaign", "create", "@", stdin=order(quiet_hours=QUIET), code=0)[1]
    return furnished, str(made["campaign_id"])


def said(chapar: Chapar, verb: str, number: str) -> str:
    """Return the sentence of a refusal; its Persian form names the same command."""
    error = chapar("campaign", verb, number, code=2)[1]["error"]
    assert error["field"] == "campaign"
    for words in error["say"].split("`")[1::2]:
        assert words in error["say_fa"]
    return str(error["say"])


def test_each_state_says_its_own_mend(waiting: tuple[Chapar, str]) -> None:
    chapar, number = waiting
    assert f"`chapar campaign start {number}`" in said(chapar, "pause", number)
    chapar("campaign", "start", number, code=0)
    assert f"`chapar campaign stop {number}`" in said(chapar, "resume", number)
    chapar("dispatch", "--drain", code=3)
    assert f"`chapar campaign pause {number}`" in said(chapar, "resume", number)
    chapar("campaign", "pause", number, code=0)
    assert f"`chapar campaign resume {number}`" in said(chapar, "pause", number)
    assert "a new campaign" in said(chapar, "start", number)
    chapar("campaign", "stop", number, code=0)
    for verb in ("pause", "resume"):
        assert f"`chapar campaign report {number}`" in said(chapar, verb, number)
    assert f"`chapar campaign report {number}`" in said(chapar, "stop", number)
