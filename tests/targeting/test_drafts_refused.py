"""Fields of a campaign file that are not of the kind they should be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from data.errors import Refused
from data.rules import schedule
from targeting import drafts


@pytest.mark.parametrize("given", ["x", 5, [1], True, []])
def test_a_recurrence_is_an_object(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        schedule.parse_recurrence(given)
    assert refused.value.field == "recurrence"


@pytest.mark.parametrize("given", [{"every": "every_n_days"}, {"every": "daily", "n": 3}])
def test_a_distance_in_days_is_said_where_it_means_something(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        schedule.parse_recurrence(given)
    assert refused.value.field == "recurrence.n"


def test_a_stored_recurrence_is_read_again() -> None:
    for given in ({"every": "daily"}, {"every": "every_n_days", "n": 3}, {"every": "weekly", "times": 2}):
        one = schedule.parse_recurrence(given)
        assert schedule.parse_recurrence(one.to_json()) == one


def test_a_series_does_not_end_before_it_begins() -> None:
    start = datetime(2026, 11, 23, 20, 45, tzinfo=UTC)  # the 24th in Iran
    assert drafts._recurrence({"every": "daily", "until": "1405/09/03"}, start).until == date(2026, 11, 24)
    with pytest.raises(Refused) as refused:
        drafts._recurrence({"every": "daily", "until": "2026-11-23"}, start)
    assert refused.value.field == "recurrence.until"


def test_without_a_recurrence_it_is_sent_once() -> None:
    assert schedule.parse_recurrence(None) == schedule.parse_recurrence({}) == schedule.Recurrence()


@pytest.mark.parametrize("given", [["area"], {}, 5, None, "elsewhere"])
def test_a_kind_is_one_of_the_kinds(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        drafts._choice(given)
    assert refused.value.field == "kind"


@pytest.mark.parametrize("given", [{"a": 1}, 7, ["x"], True])
def test_a_title_is_text(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        drafts._title({"title": given, "text": "سلام"})
    assert refused.value.field == "title"


def test_quiet_hours_end_at_another_time_than_they_begin() -> None:
    assert drafts._quiet({"from": "21:00", "to": "08:00"}) == {"from": "21:00", "to": "08:00"}
    with pytest.raises(Refused) as refused:
        drafts._quiet({"from": "08:00", "to": "08:00"})
    assert refused.value.field == "quiet_hours.to"
