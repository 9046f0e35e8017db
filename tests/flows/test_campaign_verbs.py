"""Stop, pause and resume mean the whole order: every open run of it, and every occurrence to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from data.errors import Refused
from data.records import runs
from data.records.runs import Run
from data.store import operations
from data.use_cases import campaigns
from data.use_cases.floor import OPERATOR
from flows.steps import closing, planning, recovering, starting

Opened = Callable[..., Any]
MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DAILY = {"every": "daily"}


def its_runs(campaign_id: int) -> list[Run]:
    with operations.reading() as c:
        return runs.of_campaign(c, campaign_id)


@pytest.fixture
def two_days(desk: Opened, clock: Any) -> tuple[Any, int]:
    """A daily campaign whose run of yesterday still has batches that did not leave, and today's has too."""
    clock.at(MORNING)
    d = desk(bulk=2)
    campaign_id = d.campaign(6, recurrence=DAILY)
    for _ in range(2):
        starting.start_due()
        planning.plan_due(d.box)
        clock.advance(hours=24)
    clock.advance(hours=-24)
    assert [run.state for run in its_runs(campaign_id)] == ["running", "running"]
    return d, campaign_id


def test_stopping_a_campaign_ends_yesterdays_run_too(two_days: tuple[Any, int]) -> None:
    d, campaign_id = two_days
    done = campaigns.stop(OPERATOR, campaign_id)
    assert done.state == "stopped"
    assert sorted(done.run_ids) == sorted(run.id for run in its_runs(campaign_id))
    d.tick()
    assert d.gateway.calls == []
    recovering.release_cancelled()
    closing.close_complete()
    assert {run.state for run in its_runs(campaign_id)} == {"cancelled"}
    assert d.money().held == 0
    d.clean()


def test_pausing_holds_every_open_run_and_resuming_lets_every_one_go_on(two_days: tuple[Any, int]) -> None:
    d, campaign_id = two_days
    assert len(campaigns.pause(OPERATOR, campaign_id).run_ids) == 2
    d.tick()
    assert d.gateway.calls == []
    assert len(campaigns.resume(OPERATOR, campaign_id).run_ids) == 2
    d.tick()
    assert len(d.gateway.calls) == 6
    d.clean()


@pytest.fixture
def between(desk: Opened, clock: Any) -> tuple[Any, int]:
    """A daily campaign whose first run is over and whose second is to come."""
    clock.at(MORNING)
    d = desk()
    campaign_id = d.campaign(2, recurrence=DAILY)
    starting.start_due()
    planning.plan_due(d.box)
    d.tick()
    closing.close_complete()
    assert [run.state for run in its_runs(campaign_id)] == ["closed"]
    assert campaigns.verbs(OPERATOR, campaign_id) == ("pause", "stop")
    return d, campaign_id


def test_a_repeating_campaign_can_be_stopped_between_two_runs(between: tuple[Any, int], clock: Any) -> None:
    _, campaign_id = between
    campaigns.stop(OPERATOR, campaign_id)
    clock.advance(hours=25)
    assert starting.start_due() == []
    assert campaigns.verbs(OPERATOR, campaign_id) == ()


def test_what_falls_due_while_paused_is_missed_and_says_why(between: tuple[Any, int], clock: Any) -> None:
    _, campaign_id = between
    assert campaigns.pause(OPERATOR, campaign_id).state == "paused"
    clock.advance(hours=24)
    assert starting.start_due() == []
    assert [(run.state, run.why) for run in its_runs(campaign_id)][:1] == [
        ("missed", "the campaign was paused")
    ]
    assert campaigns.verbs(OPERATOR, campaign_id) == ("resume", "stop")
    done = campaigns.resume(OPERATOR, campaign_id)
    assert done.state == "active"
    assert done.next_due_at
    assert done.next_due_at.replace(microsecond=0) == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    clock.advance(hours=24)
    assert len(starting.start_due()) == 1


def test_a_send_that_waits_for_its_day_goes_back_to_waiting(desk: Opened, clock: Any) -> None:
    clock.at(MORNING)
    d = desk()
    campaign_id = d.campaign(2, start_at="2026-11-23T09:00:00+03:30")
    assert campaigns.pause(OPERATOR, campaign_id).state == "paused"
    with pytest.raises(Refused, match="paused already"):
        campaigns.pause(OPERATOR, campaign_id)
    assert campaigns.resume(OPERATOR, campaign_id).state == "scheduled"


def test_a_refused_verb_names_the_campaign_and_changes_nothing(desk: Opened) -> None:
    d = desk()
    campaign_id = d.campaign(2)
    campaigns.stop(OPERATOR, campaign_id)
    for verb in (campaigns.stop, campaigns.pause, campaigns.resume):
        with pytest.raises(Refused) as refused:
            verb(OPERATOR, campaign_id)
        assert (refused.value.field, refused.value.mend) == ("campaign", "campaign.over")
