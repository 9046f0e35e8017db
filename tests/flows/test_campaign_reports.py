"""What is told of campaigns: whose they are, in which state, and what they cost in four words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts
from data.store import operations
from data.store.tables import audit_log
from data.use_cases import campaigns, evidence, messages, money, reports
from data.use_cases.floor import DONE, OPERATOR, NotAllowed, Who
from data.use_cases.messages import Wanted
from data.use_cases.reports import Filter
from flows.steps import closing, explaining, planning, starting

PRICE, CREDIT = 90, 1_000_000
MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _morning(clock: Any) -> None:
    clock.at(MORNING)


@pytest.fixture
def sent(desk: Callable[..., Any], clock: Any) -> tuple[Any, int]:
    """A run of seven: two were refused by the gateway, one was blacklisted afterwards, four arrived."""
    d = desk(bulk=7, script=[{FIRST_NUMBER: "10", FIRST_NUMBER + 1: "10"}])
    run_id = d.run(7)
    d.tick()
    words = ["BLOCKED", *["DELIVERED"] * 4]
    d.hear(*[d.receipt(FIRST_NUMBER + 2 + i, word) for i, word in enumerate(words)])
    clock.advance(seconds=61)
    d.settle()
    return d, run_id


def stranger() -> Who:
    """Somebody of another account."""
    with operations.writing() as c:
        return Who(
            accounts.create_account(c, accounts.NewAccount("other"), actor="t", now=the_clock.now()), "user"
        )


def test_what_a_run_may_cost_and_what_it_did_are_two_things(sent: tuple[Any, int]) -> None:
    d, run_id = sent
    told = reports.run(OPERATOR, run_id).money
    assert (told.price, told.charged, told.refunded, told.net) == (630, 450, 90, 360)
    (row,) = reports.search(Who(d.account_id), Filter(), limit=5).rows
    assert row.money
    assert (row.money.price, row.money.net) == (630, 360), "the list says the same as the report"
    document = reports.report(OPERATOR, row.id).to_json()
    assert [document[f"{word}_rials"] for word in ("cost", "price", "charged", "refunded", "net")] == [
        630, 630, 450, 90, 360,
    ]  # fmt: skip
    assert d.money().available == CREDIT - 360
    d.clean()


def test_a_message_that_was_never_accepted_was_charged_nothing(sent: tuple[Any, int]) -> None:
    d, run_id = sent
    rows = messages.page(Who(d.account_id), run_id, Wanted(), offset=0, limit=10).rows
    told = sorted((row["state"], row["charged_rials"], row["refunded_rials"]) for row in rows)
    assert told == [("blacklisted", 0, 0)] * 2 + [("blacklisted", 90, 90)] + [("delivered", 90, 0)] * 4
    steps = explaining.explain(FIRST_NUMBER, run_id)
    assert [step["say"] for step in steps if step["step"] == "money"] == [
        "its price is 90 rials; charged 0, refunded 0"
    ]
    assert sum(row["charged_rials"] - row["refunded_rials"] for row in rows) == 360


def test_another_account_reaches_nothing_of_a_run_by_its_number(sent: tuple[Any, int]) -> None:
    d, run_id = sent
    other = stranger()
    campaign_id = d.of(run_id).campaign_id
    for verb in (
        lambda: reports.report(other, campaign_id),
        lambda: reports.run(other, run_id),
        lambda: messages.page(other, run_id, Wanted(), offset=0, limit=10),
        lambda: messages.export(other, run_id),
        lambda: evidence.of_run(other, run_id),
        lambda: campaigns.verbs(other, campaign_id),
        lambda: campaigns.outlook(other, campaign_id),
        lambda: reports.report(other, campaign_id, run_id=run_id),
        lambda: campaigns.stop(other, campaign_id),
        lambda: campaigns.pause(other, campaign_id),
        lambda: campaigns.resume(other, campaign_id),
        lambda: campaigns.start(other, campaign_id),
    ):
        with pytest.raises(Refused, match="there is no"):
            verb()
    assert reports.search(other, Filter(), limit=10).total == 0
    assert (reports.kinds(other), reports.daily(other, 3)["sent"].sum()) == ([], 0)
    with pytest.raises(Refused, match="there is no account"):
        reports.search(other, Filter(account="desk"), limit=10)


def test_the_operator_lists_the_campaigns_of_all_or_of_one_account(sent: tuple[Any, int]) -> None:
    d, _ = sent
    stranger()
    (row,) = reports.search(OPERATOR, Filter(), limit=10).rows
    assert reports.search(OPERATOR, Filter(account=row.account), limit=10).total == 1
    assert reports.search(OPERATOR, Filter(account="other"), limit=10).total == 0
    assert reports.kinds(OPERATOR) == reports.kinds(Who(d.account_id)) == [(row.kind, 1)]


def test_between_two_runs_a_campaign_is_active_and_says_when_it_goes_on(
    desk: Callable[..., Any], clock: Any
) -> None:
    d = desk()
    campaign_id = d.campaign(2, recurrence={"every": "daily"})
    starting.start_due()
    planning.plan_due(d.box)
    d.tick()
    closing.close_complete()
    found = reports.report(OPERATOR, campaign_id)
    told = found.to_json()
    assert (found.state, told["state"], told["run_state"]) == ("active", "active", "closed")
    assert told["next_at"].replace(second=0, microsecond=0) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert not found.is_final
    (run,) = told["runs"]
    assert (run["state"], run["run_id"], run["at"].date()) == ("closed", found.runs[0].id, MORNING.date())
    (row,) = reports.search(OPERATOR, Filter(), limit=5).rows
    assert (row.shown_state, row.next_at) == ("active", told["next_at"])
    for state in ("active", "closed"):  # of the order, or of its newest run
        assert reports.search(OPERATOR, Filter(state=state), limit=5).total == 1
    campaigns.stop(OPERATOR, campaign_id)
    stopped = reports.report(OPERATOR, campaign_id)
    assert (stopped.to_json()["state"], stopped.next_at, stopped.is_final) == ("stopped", None, True)


def test_each_run_of_a_repeating_campaign_can_be_read_and_the_state_stays_the_newest_ones(
    desk: Callable[..., Any], clock: Any
) -> None:
    d = desk()
    campaign_id = d.campaign(2, recurrence={"every": "daily"})
    for _ in range(2):
        starting.start_due()
        planning.plan_due(d.box)
        d.tick()
        closing.close_complete()
        clock.advance(days=1)
    starting.start_due()
    planning.plan_due(d.box)
    whole = reports.report(OPERATOR, campaign_id)
    ids = [one.id for one in whole.runs]
    assert len(ids) == 3
    for run_id in ids:
        told = reports.report(OPERATOR, campaign_id, run_id=run_id)
        assert told.run
        assert (told.run.id, told.state, told.is_moving) == (run_id, whole.state, True)
    assert reports.report(OPERATOR, campaign_id).run == whole.runs[0]
    with pytest.raises(Refused, match="no run"):
        reports.report(OPERATOR, campaign_id, run_id=ids[0] + 100)


def test_before_a_stop_it_is_said_how_many_have_not_left_and_what_comes_back(
    desk: Callable[..., Any], clock: Any
) -> None:
    d = desk()
    campaign_id = d.campaign(5)
    starting.start_due()
    planning.plan_due(d.box)
    before = d.money().available
    told = campaigns.outlook(OPERATOR, campaign_id)
    assert (told.verbs, told.messages, told.rials) == (("pause", "stop"), 5, CREDIT - before)
    campaigns.stop(OPERATOR, campaign_id)
    d.tick()
    closing.close_complete()
    assert d.money().available == before + told.rials == CREDIT
    assert campaigns.outlook(OPERATOR, campaign_id) == campaigns.Outlook((), 0, 0, None)


def test_taking_messages_away_needs_the_right_and_leaves_a_trace(sent: tuple[Any, int]) -> None:
    d, run_id = sent
    with pytest.raises(NotAllowed):
        messages.export(Who(d.account_id, "marketer"), run_id)
    messages.export(Who(d.account_id, "analyst", name="user:sara"), run_id)
    with operations.reading() as c:
        (line,) = c.execute(sa.select(audit_log).where(audit_log.c.action == "message.export"))
    assert (line.actor, line.account_id, line.subject) == ("user:sara", d.account_id, str(run_id))


def test_credit_given_by_hand_is_posted_and_traced(desk: Callable[..., Any]) -> None:
    d = desk()
    name = money.purse(OPERATOR, _name(d)).account.name
    told = money.credit(OPERATOR, name, 50_000, "a cheque")
    assert told["available_rials"] == CREDIT + 50_000
    assert money.credit(OPERATOR, name, -20_000, "a slip of the pen")["available_rials"] == CREDIT + 30_000
    with pytest.raises(Refused, match="1,030,000 rials are free"):
        money.credit(OPERATOR, name, -(CREDIT + 30_001), "too much")
    with pytest.raises(Refused, match="say why"):
        money.credit(OPERATOR, name, 1, " ")
    with pytest.raises(NotAllowed):
        money.credit(Who(d.account_id, "user"), name, 1, "for myself")
    with operations.reading() as c:
        lines = list(c.execute(sa.select(audit_log).where(audit_log.c.action == "account.credit")))
    assert [(line.subject, line.detail["rials"]) for line in lines] == [(name, 50_000), (name, -20_000)]
    d.clean()


def test_what_sends_hold_cannot_be_taken_back(desk: Callable[..., Any]) -> None:
    d = desk()
    d.run(10)
    with pytest.raises(Refused, match="999,100 rials are free"):
        money.credit(OPERATOR, _name(d), -CREDIT, "all of it")
    d.clean()


def test_the_same_credit_under_one_key_is_given_once(desk: Callable[..., Any]) -> None:
    d = desk()
    who = OPERATOR.doing_once("cheque-17", "shape")
    first, second = (money.credit(who, _name(d), 500, "a cheque") for _ in range(2))
    assert first == second
    assert d.money().available == CREDIT + 500


def test_anothers_money_is_unknown(desk: Callable[..., Any]) -> None:
    d = desk()
    other = stranger()
    with pytest.raises(Refused, match="there is no account"):
        money.purse(other, _name(d))
    assert money.balances(other).available == 0


def test_every_use_case_says_its_noun_and_verb() -> None:
    assert {"campaign.report", "campaign.search", "message.page", "account.credit"} <= DONE.keys()
    assert all(name.count(".") == 1 for name in DONE)


def _name(d: Any) -> str:
    with operations.reading() as c:
        return accounts.get(c, d.account_id).name
