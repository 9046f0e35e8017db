"""Occurrences are counted from the first one or from start_at, not from when the order was written; hours
that never come are refused, and said where a line's hours changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from data.errors import Refused
from data.store import operations
from data.store.tables import line
from data.use_cases import campaigns as verbs
from data.use_cases import reports
from data.use_cases.floor import OPERATOR
from flows.steps import closing, dispatching, planning, starting

Opened = Callable[..., Any]
MADE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SWALLOWED = {"from": "07:00", "to": "21:30"}


def next_at(campaign_id: int) -> datetime:
    at = reports.report(OPERATOR, campaign_id).next_at
    assert at
    return at.replace(second=0, microsecond=0)


def carry(d: Any) -> None:
    starting.start_due()
    planning.plan_due(d.box)
    d.tick()
    closing.close_complete()


@pytest.mark.parametrize(
    ("waited", "every", "apart"),
    [
        (23, {"every": "daily"}, 24),
        (30, {"every": "every_n_days", "n": 3}, 72),
        (5, {"every": "weekly"}, 168),
    ],
)
def test_a_draft_that_lay_comes_again_a_whole_while_after_its_first_run(
    desk: Opened, clock: Any, waited: int, every: dict[str, Any], apart: int
) -> None:
    clock.at(MADE)
    d = desk()
    campaign_id = d.campaign(2, recurrence=every, scheduled=False)
    clock.advance(hours=waited)
    verbs.start(OPERATOR, campaign_id)
    carry(d)
    assert next_at(campaign_id) == MADE + timedelta(hours=waited + apart)
    clock.advance(hours=1)
    assert starting.start_due() == [], "nothing an hour later"


def test_a_given_time_stays_the_anchor(desk: Opened, clock: Any) -> None:
    clock.at(MADE)
    d = desk()
    at = MADE + timedelta(hours=2)
    campaign_id = d.campaign(2, recurrence={"every": "daily"}, start_at=at.isoformat(), scheduled=False)
    clock.advance(hours=3)
    verbs.start(OPERATOR, campaign_id)  # an hour late
    carry(d)
    assert next_at(campaign_id) == at + timedelta(hours=24)


def test_quiet_hours_that_swallow_the_hours_of_a_line_are_refused(desk: Opened, clock: Any) -> None:
    clock.at(MADE)
    d = desk(kind="ad")
    with pytest.raises(Refused, match=r"3000 \(.* to .*\), so that nothing would ever be sent") as refused:
        d.campaign(2, quiet_hours=SWALLOWED)
    assert refused.value.field == "quiet_hours"
    d.campaign(2, quiet_hours={"from": "12:00", "to": "13:00"})


def test_hours_that_moved_into_the_quiet_hours_are_said_never_to_come(desk: Opened, clock: Any) -> None:
    clock.at(MADE)  # 09:30 in Tehran
    d = desk()
    campaign_id = d.campaign(3, quiet_hours=SWALLOWED)
    with operations.writing() as c:
        c.execute(sa.update(line).values(window_from="08:00", window_to="21:00"))
    carry(d)
    (run,) = reports.report(OPERATOR, campaign_id).runs
    assert dispatching.never() == [run.id]
    assert (dispatching.waiting_until(), dispatching.next_due_at()) == (None, None)
    told = reports.report(OPERATOR, campaign_id).to_json()
    assert (told["never"], told["opens_at"], told["run_state"]) == (True, None, "running")
    with operations.writing() as c:
        c.execute(sa.update(line).values(window_to="22:00"))
    opening = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 21:30, when the quiet hours end
    assert (dispatching.never(), dispatching.waiting_until()) == ([], opening)
    told = reports.report(OPERATOR, campaign_id).to_json()
    assert (told["never"], told["opens_at"]) == (False, opening)
