"""What is scheduled holds its money: placed, replaced by the run's own, given back, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk import Desk, open_desk, together

from data import clock as the_clock
from data.errors import Refused
from data.records import campaigns, runs, suppression
from data.store import operations
from data.store.tables import campaign, ledger_entry
from data.use_cases import campaigns as verbs
from data.use_cases import money, reports
from data.use_cases.floor import OPERATOR, new_key
from flows.steps import closing, planning, starting
from targeting.orders import checking

PRICE = 90
MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TOMORROW = "2026-11-23T09:30:00+03:30"  # 24 hours after MORNING
Made = Callable[..., int]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, clock: Any) -> Path:
    clock.at(MORNING)
    folder: Path = request.getfixturevalue("home" if request.param == "sqlite" else "postgres")
    return folder


@pytest.fixture
def desk(store: Path) -> Desk:
    """An account with 1,000 rials."""
    return open_desk(store, credit=1_000)


def draft(d: Desk, recipients: int, **more: Any) -> int:
    """A campaign that was created and priced as the command does it, not started."""
    numbers = [f"09120{n:06}" for n in range(recipients)]
    file = {"line": "3000", "text": "سلام", "audience": {"any": [{"kind": "numbers", "numbers": numbers}]}}
    who = checking.Orderer(d.account_id, "test", new_key())
    with operations.writing() as c:
        made = checking.draft_of(c, file | more, who, now=the_clock.now())
        made = replace(made, quoted_rials=recipients * PRICE)
        return campaigns.create(c, made, now=the_clock.now(), scheduled=False)


def started(d: Desk, recipients: int, **more: Any) -> int:
    campaign_id = draft(d, recipients, **more)
    verbs.start(OPERATOR, campaign_id)
    return campaign_id


def held(campaign_id: int) -> int:
    return int(reports.report(OPERATOR, campaign_id).to_json()["held_rials"])


def keys(like: str) -> list[str]:
    with operations.reading() as c:
        query = sa.select(ledger_entry.c.key).where(ledger_entry.c.key.like(like))
        return sorted(c.scalars(query))


def carry(d: Desk) -> None:
    """One pass of everything."""
    starting.start_due()
    planning.plan_due(d.box)
    d.tick()
    closing.close_complete()


def test_several_schedules_cannot_promise_the_same_credit(desk: Desk) -> None:
    first = started(desk, 7, start_at=TOMORROW)
    assert (desk.money().available, desk.money().held, held(first)) == (370, 630, 630)
    second = draft(desk, 5, start_at=TOMORROW)
    with pytest.raises(Refused, match=r"80 rials are lacking.*start it again") as refused:
        verbs.start(OPERATOR, second)
    assert refused.value.field == "credit"
    assert reports.report(OPERATOR, second).state == "draft", "nothing of it was started"
    money.credit(OPERATOR, "shop", 80, "a cheque")
    verbs.start(OPERATOR, second)
    assert (desk.money().available, desk.money().held) == (0, 1_080)
    desk.clean()


def test_the_runs_own_reserve_takes_the_place_of_the_hold(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    assert keys("campaign:%") == [f"campaign:{campaign_id}:hold"]
    clock.advance(hours=24, minutes=1)
    starting.start_due()
    assert held(campaign_id) == 630, "until it is planned"
    planning.plan_due(desk.box)
    assert (held(campaign_id), desk.money().held) == (0, 630)
    assert keys("campaign:%") == [f"campaign:{campaign_id}:hold", f"campaign:{campaign_id}:release"]
    desk.clean()
    carry(desk)
    assert (desk.money().available, desk.money().held) == (370, 0)
    desk.clean()


def test_a_price_that_rose_takes_the_rest_from_what_is_free(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    with operations.writing() as c:
        c.execute(sa.text("UPDATE line SET price_rials = 100"))
    clock.advance(hours=24, minutes=1)
    carry(desk)
    assert (desk.money().available, held(campaign_id)) == (300, 0)
    desk.clean()


def test_where_even_the_rest_lacks_the_hold_comes_back_with_the_refusal(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    with operations.writing() as c:
        c.execute(sa.text("UPDATE line SET price_rials = 200"))
    clock.advance(hours=24, minutes=1)
    carry(desk)
    told = reports.report(OPERATOR, campaign_id)
    assert told.run
    assert (told.run.state, desk.money().available, held(campaign_id)) == ("refused_funds", 1_000, 0)
    desk.clean()


@pytest.mark.parametrize("pause_first", [False, True])
def test_stopping_gives_the_hold_back_at_once(desk: Desk, pause_first: bool) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    if pause_first:
        verbs.pause(OPERATOR, campaign_id)
        assert held(campaign_id) == 630, "a pause keeps it: it may go on"
        verbs.resume(OPERATOR, campaign_id)
        verbs.pause(OPERATOR, campaign_id)
    verbs.stop(OPERATOR, campaign_id)
    assert (held(campaign_id), desk.money().available) == (0, 1_000)
    desk.clean()


def test_stopping_between_start_and_plan_gives_the_hold_back_once(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    clock.advance(hours=24, minutes=1)
    starting.start_due()
    verbs.stop(OPERATOR, campaign_id)
    carry(desk)
    assert (held(campaign_id), desk.money().available, desk.money().held) == (0, 1_000, 0)
    desk.clean()


@pytest.mark.parametrize("why", ["late", "paused"])
def test_what_is_missed_gives_its_hold_back(desk: Desk, clock: Any, why: str) -> None:
    campaign_id = started(desk, 7, start_at=TOMORROW)
    if why == "paused":
        verbs.pause(OPERATOR, campaign_id)
    clock.advance(hours=24, minutes=1 if why == "paused" else 200)
    carry(desk)
    told = reports.report(OPERATOR, campaign_id)
    assert (told.run and told.run.state, held(campaign_id)) == ("missed", 0)
    assert desk.money().available == 1_000
    desk.clean()


def test_a_run_that_reaches_nobody_gives_its_hold_back(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 1, start_at=TOMORROW)
    gone = {"why": "blacklist", "source": "test", "now": the_clock.now()}
    with operations.writing() as c:
        suppression.add(c, [989_120_000_000], account_id=desk.account_id, **gone)
    clock.advance(hours=24, minutes=1)
    carry(desk)
    assert (held(campaign_id), desk.money().available) == (0, 1_000)
    desk.clean()


def test_what_repeats_holds_its_next_occurrence(desk: Desk, clock: Any) -> None:
    campaign_id = started(desk, 2, recurrence={"every": "daily", "times": 3})
    assert held(campaign_id) == 0, "what is due now is reserved by its run"
    for left in (1_000 - 2 * 180, 1_000 - 3 * 180):
        carry(desk)
        assert (held(campaign_id), desk.money().available) == (180, left)
        desk.clean()
        clock.advance(hours=24)
    carry(desk)
    assert (held(campaign_id), desk.money().available) == (0, 1_000 - 3 * 180), "after the last there is none"
    desk.clean()


def test_what_cannot_be_held_now_is_held_as_soon_as_the_credit_is_there(desk: Desk) -> None:
    campaign_id = started(desk, 6, recurrence={"every": "daily"})
    carry(desk)
    assert (held(campaign_id), desk.money().available) == (0, 460)
    starting.start_due()
    assert held(campaign_id) == 0
    money.credit(OPERATOR, "shop", 100, "a cheque")
    starting.start_due()
    assert (held(campaign_id), desk.money().available) == (540, 20)
    desk.clean()


def test_of_two_schedules_placed_at_once_only_one_gets_the_last_credit(desk: Desk) -> None:
    for _ in range(4):
        pair = [draft(desk, 6, start_at=TOMORROW) for _ in range(2)]

        def begin(i: int, pair: list[int] = pair) -> bool:
            try:
                verbs.start(OPERATOR, pair[i])
            except Refused:
                return False
            return True

        assert sorted(together(2, begin)) == [False, True]
        assert (desk.money().available, desk.money().held) == (460, 540)
        desk.clean()
        for one in pair:
            verbs.stop(OPERATOR, one)
        assert desk.money().available == 1_000


def test_two_campaigns_planned_at_once_take_their_own_holds(desk: Desk, clock: Any) -> None:
    both = [started(desk, 5, start_at=TOMORROW) for _ in range(2)]
    assert desk.money().available == 100
    clock.advance(hours=24, minutes=1)
    starting.start_due()
    with operations.reading() as c:
        planned = [runs.of_campaign(c, one)[0].id for one in both]
    box = desk.box
    assert together(2, lambda i: planning.plan(box, planned[i])) == ["running", "running"]
    assert ([held(one) for one in both], desk.money().available, desk.money().held) == ([0, 0], 100, 900)
    desk.clean()


def test_a_stop_beside_the_plan_leaves_no_rial_on_hold(desk: Desk, clock: Any) -> None:
    for day in range(4):
        begins = the_clock.now() + timedelta(hours=1)
        campaign_id = started(desk, 5, start_at=begins.isoformat())
        clock.advance(hours=1, minutes=1)
        (run_id,) = starting.start_due()
        deeds = [partial(verbs.stop, OPERATOR, campaign_id), partial(planning.plan, desk.box, run_id)]
        together(2, lambda i, deeds=deeds: deeds[i]())
        planning.plan_due(desk.box)
        desk.tick()
        closing.close_complete()
        assert (desk.money().held, desk.money().available) == (0, 1_000), day
        desk.clean()


def test_a_seeded_fault_in_a_hold_is_found_by_the_audit(desk: Desk) -> None:
    from flows.steps import auditing

    campaign_id = started(desk, 7, start_at=TOMORROW)
    with operations.writing() as c:
        c.execute(sa.update(campaign).where(campaign.c.id == campaign_id).values(held_rials=540))
    breaches = {breach["invariant"] for breach in auditing.audit()["breaches"]}
    assert breaches >= {"hold.held", "campaign.hold_is_posted"}
