"""Planning and starting: one run an occurrence, all or nothing, and the same set may be sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER

from data import clock as the_clock
from data.errors import Refused
from data.records import campaigns, runs, suppression
from data.store import operations
from data.store.tables import batch, lake_file, ledger_entry, run, slice_taken
from data.use_cases import campaigns as verbs
from data.use_cases.floor import OPERATOR
from flows.steps import planning, starting

Opened = Callable[..., Any]
PRICE = 90


def rows(table: sa.Table) -> int:
    with operations.reading() as c:
        return int(c.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_the_same_people_may_be_sent_the_same_text_again(desk: Opened) -> None:
    d = desk()
    first, second = d.run(3), d.run(3)
    d.tick()
    assert d.of(first).set_path == d.of(second).set_path, "equal sets are one frozen file"
    assert [d.of(first).state, d.of(second).state] == ["closed", "closed"]
    assert d.states(first) == d.states(second) == {"submitted": 3}
    d.clean()


def test_a02_one_token_is_one_campaign_and_one_run(desk: Opened) -> None:
    d = desk()
    ids = {d.campaign(3, token="form-1") for _ in range(5)}
    assert len(ids) == 1
    for _ in range(3):
        starting.start_due()
        planning.plan_due(d.box)
    with operations.reading() as c:
        assert len(runs.of_campaign(c, ids.pop())) == 1
    assert d.money().held == 3 * PRICE


def test_a01_credit_for_exactly_one_of_two_sends(desk: Opened) -> None:
    d = desk(credit=4 * PRICE)
    first, second = d.run(4), d.run(4, first=100)
    assert {d.of(first).state, d.of(second).state} == {"running", "refused_funds"}
    refused = d.of(first if d.of(first).state == "refused_funds" else second)
    assert (d.money().available, d.money().held) == (0, 4 * PRICE)
    assert refused.why
    assert "360 rials are lacking" in refused.why
    assert refused.set_path is None
    with operations.reading() as c:
        for table in (batch, ledger_entry, slice_taken):
            found = c.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.run_id == refused.id)
            )
            assert found == 0, "nothing but the refusal is written"
        assert c.scalar(sa.select(sa.func.count()).select_from(lake_file)) == 1
    d.tick()
    d.clean()


def test_two_planners_of_one_run_reserve_once(desk: Opened) -> None:
    d = desk()
    d.campaign(50)
    (run_id,) = starting.start_due()
    gate, box = threading.Barrier(4), d.box

    def plan() -> None:
        gate.wait()
        planning.plan(box, run_id)

    _together([plan] * 4)
    assert d.of(run_id).state == "running"
    assert d.money().held == 50 * PRICE
    assert rows(batch) == 1
    d.tick()
    d.clean()


def test_two_starters_make_one_run_of_an_occurrence(desk: Opened) -> None:
    d = desk()
    d.campaign(2)
    gate = threading.Barrier(6)

    def start() -> None:
        gate.wait()
        starting.start_due()

    _together([start] * 6)
    assert rows(run) == 1


def test_a_stop_that_came_before_the_start_wins(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk()
    campaign_id = d.campaign(2)
    real = campaigns.due

    def overtaken(c: Any, *, now: datetime, **more: Any) -> Any:
        found = real(c, now=now, **more)
        if not more.get("lock"):  # between the look and the transaction somebody presses stop
            verbs.stop(OPERATOR, campaign_id)
        return found

    monkeypatch.setattr(campaigns, "due", overtaken)
    assert starting.start_due() == []
    with operations.reading() as c:
        assert campaigns.get(c, campaign_id, account_id=None).state == "stopped"
    assert rows(run) == 0


def test_a_late_occurrence_is_missed_and_announced(desk: Opened, clock: Any) -> None:
    d = desk()
    campaign_id = d.campaign(2)
    clock.advance(hours=3)
    assert starting.start_due() == []
    with operations.reading() as c:
        (missed,) = runs.of_campaign(c, campaign_id)
        assert missed.state == "missed"
        assert campaigns.get(c, campaign_id, account_id=None).state == "ended"
    assert d.gateway.calls == []


def test_after_days_down_at_most_the_latest_occurrence_runs(desk: Opened, clock: Any) -> None:
    d = desk()
    campaign_id = d.campaign(2, recurrence={"every": "daily"})
    clock.advance(days=4, hours=1)
    started = starting.start_due()
    with operations.reading() as c:
        found = runs.of_campaign(c, campaign_id)
    assert len(started) == 1
    assert sorted(one.state for one in found) == ["approved", "missed", "missed", "missed", "missed"]
    planning.plan_due(d.box)
    d.tick()
    assert sum(d.gateway.copies().values()) == 2, "a backlog never bursts"
    assert starting.start_due() == []
    clock.advance(days=1)
    assert len(starting.start_due()) == 1, "and tomorrow it goes on"
    d.clean()


def test_a_series_of_so_many_times_ends(desk: Opened, clock: Any) -> None:
    d = desk()
    campaign_id = d.campaign(1, recurrence={"every": "daily", "times": 3})
    started = []
    for _ in range(6):
        started += starting.start_due()
        planning.plan_due(d.box)
        d.tick()
        clock.advance(days=1)
    assert len(started) == 3
    with operations.reading() as c:
        assert campaigns.get(c, campaign_id, account_id=None).state == "ended"
    assert d.gateway.copies()[FIRST_NUMBER] == 3
    d.clean()


def test_a_campaign_of_tomorrow_does_not_start_today(desk: Opened, clock: Any) -> None:
    d = desk()
    at = (the_clock.now() + timedelta(hours=20)).isoformat()
    d.campaign(1, start_at=at)
    assert starting.start_due() == []
    clock.advance(hours=20, minutes=1)
    assert len(starting.start_due()) == 1


def test_a_run_that_reaches_nobody_closes_without_money(desk: Opened) -> None:
    d = desk()
    with operations.writing() as c:
        suppression.add(c, [FIRST_NUMBER], account_id=None, why="opt_out", source="t", now=the_clock.now())
    run_id = d.run(1)
    assert d.of(run_id).state == "closed"
    assert d.money().held == 0
    d.clean()


def test_the_price_of_the_order_stays_whatever_the_line_costs_later(desk: Opened) -> None:
    from data.store.tables import line

    d = desk()
    run_id = d.run(2)
    with operations.writing() as c:
        c.execute(sa.update(line).values(price_rials=1_000, cost_rials=999))
    d.tick()
    assert d.money().available == 1_000_000 - 2 * PRICE
    assert d.of(run_id).tariff.cost_rials == 60
    d.clean()


def test_texts_of_many_lengths_are_held_and_captured_to_the_rial(desk: Opened) -> None:
    d = desk()
    run_id = d.run(7, text="س" * 71)
    with operations.reading() as c:
        held = runs.get(c, run_id)
    assert (held.parts, held.cost_rials) == (14, 14 * PRICE)
    latin = d.run(3, text="a" * 161, first=40)
    assert d.of(latin).cost_rials == 3 * 2 * 225
    d.tick()
    assert d.money().available == 1_000_000 - 14 * PRICE - 6 * 225
    d.clean()


def test_a_time_that_is_past_is_refused(desk: Opened) -> None:
    d = desk()
    with pytest.raises(Refused) as refused:
        d.campaign(1, start_at=datetime(2020, 1, 1, tzinfo=UTC).isoformat())
    assert refused.value.field == "start_at"


def _together(works: list[Callable[[], None]]) -> None:
    failures: list[BaseException] = []

    def run_one(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run_one, args=(work,)) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not failures, failures
