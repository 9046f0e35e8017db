"""Slices as they are sent: rounds, series, «again», two planners at once, and one key at every door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER, Desk, together
from planners import chosen_together, had, own, planned_at_once, proposed, sent

from data import clock as the_clock
from data.records import runs, slices
from data.store import operations
from data.store.tables import audit_log, slice_taken
from flows.steps import planning, recovering, starting
from targeting.history import key_of

Opened = Callable[..., Desk]


def test_overlapping_rows_reach_nobody_twice_in_a_round(desk: Opened) -> None:
    d = desk()
    first = d.run(audience=own(20) | {"row": 1, "count": 8})
    assert proposed(d, own(20)) == 9
    second = d.run(audience=own(20) | {"row": 5, "count": 8})
    assert d.of(second).n == 8
    assert had(d, second) == 8
    third = d.run(audience=own(20) | {"row": proposed(d, own(20))})
    assert sorted([*sent(d, first), *sent(d, second), *sent(d, third)]) == [
        FIRST_NUMBER + i for i in range(20)
    ]
    assert proposed(d, own(20)) == 21
    d.tick()
    assert set(d.gateway.copies().values()) == {1}
    d.clean()


def test_row_1_begins_anew_and_slices_after_it_forget_the_round_before(desk: Opened) -> None:
    d = desk()
    for _ in range(2):
        first = d.run(audience=own(10) | {"row": 1, "count": 4})
        second = d.run(audience=own(10) | {"row": 5})
        assert (d.of(first).n, d.of(second).n) == (4, 6)
    d.tick()
    assert set(d.gateway.copies().values()) == {2}


def test_again_sends_the_same_rows_and_leaves_a_trace(desk: Opened) -> None:
    d = desk()
    d.run(audience=own(20) | {"row": 1, "count": 8})
    again = d.run(audience=own(20) | {"row": 5, "count": 8, "again": True})
    assert d.of(again).n == 8
    d.tick()
    assert sorted(d.gateway.copies().values()) == [1] * 8 + [2] * 4
    with operations.reading() as c:
        (told,) = c.execute(sa.select(audit_log).where(audit_log.c.action == "slice.again")).all()
    assert (told.subject, told.account_id, told.detail) == (str(again), d.account_id, {"people": 4})


def test_again_without_anybody_who_had_it_is_not_traced(desk: Opened) -> None:
    d = desk()
    d.run(audience=own(9) | {"row": 3, "count": 2, "again": True})
    with operations.reading() as c:
        assert not c.execute(sa.select(audit_log).where(audit_log.c.action == "slice.again")).all()


@pytest.mark.parametrize(
    ("name", "same"),
    [("Spring", " spring "), ("نوروز ۱۴۰۶", "نوروز 1406"), ("بهاري", "بهاری"), ("كيش", "کیش")],
)
def test_a_series_is_one_however_it_is_written_and_holds_over_audiences(
    desk: Opened, name: str, same: str
) -> None:
    d = desk()
    first = d.run(audience=own(10) | {"count": 6, "series": name})
    second = d.run(audience=own(14, first=4) | {"series": same})
    assert (d.of(first).n, had(d, first)) == (6, 0)
    assert not set(sent(d, first)) & set(sent(d, second))
    everybody = {FIRST_NUMBER + i for i in range(18)}
    assert everybody - {*sent(d, first), *sent(d, second)} == {
        FIRST_NUMBER + i for i in range(4) if FIRST_NUMBER + i not in sent(d, first)
    }
    assert d.run(audience=own(14, first=4) | {"series": "summer"}) > second
    d.clean()


def test_the_proposed_row_of_a_series_passes_nobody_over(desk: Opened) -> None:
    d = desk()
    got: list[int] = []
    for _ in range(4):
        row = proposed(d, own(22) | {"series": "spring"})
        got += sent(d, d.run(audience=own(22) | {"row": row, "count": 6, "series": "Spring"}))
    assert sorted(got) == [FIRST_NUMBER + i for i in range(22)]


def test_a_series_of_another_account_leaves_nobody_out(desk: Opened) -> None:
    d = desk()
    d.run(audience=own(5) | {"series": "spring"})
    with operations.reading() as c:
        (row,) = c.execute(sa.select(slice_taken)).all()
        theirs = key_of(d.account_id + 1, row.audience_hash, "spring")
        assert slices.past(c, theirs) == []
        assert slices.newest(c, theirs) == 0


def test_runs_of_a_recurring_campaign_write_to_the_same_rows_each_time(desk: Opened, clock: Any) -> None:
    d = desk()
    d.run(audience=own(12) | {"row": 1, "count": 3})
    d.campaign(audience=own(12) | {"row": 4, "count": 5}, recurrence={"every": "daily"})
    sets = []
    for _ in range(3):
        (run_id,) = starting.start_due()
        planning.plan_due(d.box)
        sets.append(sent(d, run_id))
        clock.advance(days=1)
    assert sets[0] == sets[1] == sets[2]
    assert len(sets[0]) == 5
    other = d.run(audience=own(12) | {"row": 2})
    assert len(sent(d, other)) == 4, "and whoever else sends a slice leaves them out"


def test_a_recurring_campaign_of_a_series_goes_on_to_the_next_people(desk: Opened, clock: Any) -> None:
    d = desk()
    d.campaign(audience=own(7) | {"count": 3, "series": "three a day"}, recurrence={"every": "daily"})
    got: list[int] = []
    for _ in range(3):
        (run_id,) = starting.start_due()
        planning.plan_due(d.box)
        got += sent(d, run_id)
        clock.advance(days=1)
    assert sorted(got) == [FIRST_NUMBER + i for i in range(7)]


def test_whom_a_stopped_run_never_came_to_may_be_sent_the_rest(desk: Opened) -> None:
    d = desk(bulk=2)
    first = d.run(audience=own(20) | {"row": 1, "count": 4})
    stopped = d.run(audience=own(20) | {"row": 5, "count": 8})
    with operations.writing() as c:
        assert runs.cancel(c, d.of(stopped).campaign_id, now=the_clock.now())
    recovering.release_cancelled()
    rest = d.run(audience=own(20) | {"row": 2})
    assert set(sent(d, stopped)) <= set(sent(d, rest)), "nobody got it from the stopped run"
    assert not set(sent(d, first)) & set(sent(d, rest))
    d.tick()
    assert set(d.gateway.copies().values()) == {1}
    assert len(d.gateway.copies()) == 20


@pytest.mark.parametrize(
    ("cuts", "total"),
    [
        (({"series": "spring"}, {"series": "SPRING"}), 30),
        (({"row": 2, "count": 12}, {"row": 5, "count": 12}), 24),
    ],
)
def test_two_planners_at_once_send_a_series_or_a_round_to_nobody_twice(
    desk: Opened, monkeypatch: pytest.MonkeyPatch, cuts: tuple[dict[str, Any], ...], total: int
) -> None:
    d = desk()
    planned_at_once(d, [own(30) | cut for cut in cuts], monkeypatch)
    d.tick()
    copies = d.gateway.copies()
    assert set(copies.values()) == {1}
    assert len(copies) == total
    d.clean()


def test_two_planners_of_one_run_of_a_series_plan_it_once(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.campaign(audience=own(12) | {"series": "spring"}, recurrence={"every": "daily", "times": 1})
    (run_id,) = starting.start_due()
    chosen_together(2, monkeypatch)
    box = d.box
    assert together(2, lambda i: planning.plan(box, run_id)) == ["running", "running"]
    assert d.of(run_id).n == 12
    d.tick()
    d.clean()


def test_a_run_whose_history_never_stands_still_is_taken_up_by_the_next_pass(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.campaign(audience=own(5) | {"series": "spring"})
    (run_id,) = starting.start_due()
    real, ids = planning.slices.newest, iter(range(1_000, 2_000))
    monkeypatch.setattr(planning.slices, "newest", lambda c, key: next(ids))
    assert planning.plan(d.box, run_id) == "planning"
    assert next(ids) == 1_000 + 2 * planning.CHOICES_MAX, "asked at each choice and in each commit"
    monkeypatch.setattr(planning.slices, "newest", real)
    planning.plan_due(d.box)
    assert d.of(run_id).state == "running"


def test_a_round_is_told_by_its_run_and_a_place_by_its_key(desk: Opened) -> None:
    d = desk()
    first, second = d.run(audience=own(9) | {"row": 3, "count": 2}), d.run(audience=own(9) | {"row": 6})
    with operations.reading() as c:
        rows = c.execute(sa.select(slice_taken).order_by(slice_taken.c.id)).all()
    assert [one.round for one in rows] == [first, first]
    assert [one.own for one in rows] == [True, True]
    assert rows[0].last_key < rows[1].last_key
    assert [one.run_id for one in rows] == [first, second]
