"""An order is placed once under its token, holds its money, and can be changed until it begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk import Desk, open_desk, together

from data.errors import Refused
from data.records import accounts
from data.store import operations
from data.store.tables import audit_log
from data.use_cases import campaigns as verbs
from data.use_cases import reports
from data.use_cases.floor import OPERATOR, NotAllowed, Who
from data.use_cases.reports import Filter
from flows.steps import closing, planning, starting
from targeting.orders import editing, placing

MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TOMORROW = "2026-11-23T09:30:00+03:30"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, clock: Any) -> Path:
    clock.at(MORNING)
    folder: Path = request.getfixturevalue("home" if request.param == "sqlite" else "postgres")
    return folder


@pytest.fixture
def desk(store: Path) -> Desk:
    return open_desk(store, credit=1_000)


@pytest.fixture
def sara(desk: Desk) -> Who:
    return Who(desk.account_id, "user", "page", name="user:sara")


def file(recipients: int, **more: Any) -> dict[str, Any]:
    numbers = [f"09120{n:06}" for n in range(recipients)]
    return {
        "line": "3000", "text": "سلام", "audience": {"any": [{"kind": "numbers", "numbers": numbers}]},
    } | more  # fmt: skip


def placed(who: Who, given: dict[str, Any], token: str = "t1") -> int:
    return placing.order(who, given, token=token, scheduled=True)[0]


def test_a_retry_after_an_edit_is_the_same_order(desk: Desk, sara: Who, clock: Any) -> None:
    given = file(5, start_at=TOMORROW)
    campaign_id = placed(sara, given)
    editing.edit(sara, campaign_id, file(3, text="درود", start_at=TOMORROW))
    assert placed(sara, given) == campaign_id
    told = reports.report(sara, campaign_id)
    assert (told.campaign.text, told.campaign.held_rials) == ("درود", 270), "the edit stands"
    clock.advance(hours=30)
    assert placed(sara, given) == campaign_id, "also when its time is past"
    with pytest.raises(Refused, match="this token was used") as refused:
        placed(sara, file(3, text="درود", start_at=TOMORROW))
    assert refused.value.field == "token", "the edited order was not the one given with it"
    assert reports.search(sara, Filter(), limit=5).total == 1
    desk.clean()


def test_one_form_confirmed_by_several_at_once_is_one_campaign(desk: Desk, sara: Who) -> None:
    given = file(5, start_at=TOMORROW)
    assert len(set(together(4, lambda _: placed(sara, given)))) == 1
    assert (desk.money().available, desk.money().held) == (550, 450)
    desk.clean()


def test_what_the_credit_does_not_cover_is_not_placed(desk: Desk, sara: Who) -> None:
    placed(sara, file(7, start_at=TOMORROW))
    with pytest.raises(Refused, match="80 rials are lacking") as refused:
        placed(sara, file(5, start_at=TOMORROW), "t2")
    assert refused.value.field == "credit"
    assert reports.search(sara, Filter(), limit=5).total == 1, "nothing of it was stored"
    placed(sara, file(4, start_at=TOMORROW), "t2")  # and the token is free for what can be paid
    desk.clean()


def test_an_edit_holds_what_the_order_costs_now(desk: Desk, sara: Who) -> None:
    campaign_id = placed(sara, file(5, start_at=TOMORROW))
    for recipients, free in ((11, 10), (2, 820), (5, 550)):
        editing.edit(sara, campaign_id, file(recipients, start_at=TOMORROW))
        assert (desk.money().available, desk.money().held) == (free, 1_000 - free)
        desk.clean()
    with pytest.raises(Refused, match="lacking"):
        editing.edit(sara, campaign_id, file(12, start_at=TOMORROW))
    told = reports.report(sara, campaign_id).campaign
    assert (told.held_rials, desk.money().available) == (450, 550), "a refused edit changes nothing"
    with operations.reading() as c:
        lines = list(c.execute(sa.select(audit_log).where(audit_log.c.action == "campaign.edit")))
    assert [line.detail["changed"] for line in lines] == [["audience"]] * 3
    desk.clean()


def test_an_edit_moves_the_time(desk: Desk, sara: Who, clock: Any) -> None:
    campaign_id = placed(sara, file(2, start_at=TOMORROW))
    later = MORNING + timedelta(hours=48)
    editing.edit(sara, campaign_id, file(2, start_at=later.isoformat()))
    clock.advance(hours=25)
    assert starting.start_due() == []
    clock.advance(hours=23, minutes=1)
    assert len(starting.start_due()) == 1


def test_between_two_runs_an_edit_is_what_the_next_run_sends(desk: Desk, sara: Who, clock: Any) -> None:
    daily = {"recurrence": {"every": "daily"}}
    campaign_id = placed(sara, file(2, **daily))
    starting.start_due()
    with pytest.raises(Refused, match="a run of it has begun"):
        editing.edit(sara, campaign_id, file(2, text="درود", **daily))
    planning.plan_due(desk.box)
    desk.tick()
    closing.close_complete()
    editing.edit(sara, campaign_id, file(3, text="درود", **daily))
    assert desk.money().held == 270
    clock.advance(hours=24)
    starting.start_due()
    planning.plan_due(desk.box)
    told = reports.report(sara, campaign_id)
    assert told.run
    assert (told.run.n, told.run.text, len(told.runs)) == (3, "درود", 2)
    with pytest.raises(Refused, match="a run of it has begun"):
        editing.edit(sara, campaign_id, file(2))
    desk.clean()


def test_what_is_over_or_anothers_is_not_edited(desk: Desk, sara: Who) -> None:
    campaign_id = placed(sara, file(2, start_at=TOMORROW))
    with operations.writing() as c:
        other = Who(accounts.create_account(c, accounts.NewAccount("other"), actor="t", now=MORNING), "user")
    with pytest.raises(Refused, match="there is no campaign"):
        editing.edit(other, campaign_id, file(2))
    with pytest.raises(Refused, match="there is no account"):
        editing.edit(sara, campaign_id, file(2, account="other"))
    with pytest.raises(Refused, match="stays with its account"):
        editing.edit(OPERATOR, campaign_id, file(2, account="other"))
    with pytest.raises(NotAllowed):
        editing.edit(Who(desk.account_id, "analyst"), campaign_id, file(2))
    verbs.stop(sara, campaign_id)
    with pytest.raises(Refused, match="it is over"):
        editing.edit(sara, campaign_id, file(2))
