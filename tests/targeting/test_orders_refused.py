"""Fields of a campaign file that are not of the kind they should be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.errors import Refused
from data.rules import inputs, schedule
from data.rules.inputs.campaign import Campaign
from targeting.orders import checking


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
    last, before = (
        schedule.parse_recurrence({"every": "daily", "until": day}) for day in ("1405/09/03", "2026-11-23")
    )
    assert checking._recurrence(last, start).until == date(2026, 11, 24)
    with pytest.raises(Refused) as refused:
        checking._recurrence(before, start)
    assert refused.value.field == "recurrence.until"


def test_without_a_recurrence_it_is_sent_once() -> None:
    assert schedule.parse_recurrence(None) == schedule.parse_recurrence({}) == schedule.Recurrence()


ORDER = {"text": "سلام"}
QUIET = {"from": "21:00", "to": "08:00"}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *(("kind", one) for one in (["area"], {}, 5, "elsewhere")),
        *(("title", one) for one in ({"a": 1}, 7, ["x"], True, "ع" * 201)),
        *(("text", one) for one in (None, 5, ["سلام"], "")),
        *(("audience", one) for one in ([1], "everybody", 5)),
        *(("advertising", one) for one in ("yes", 1, "true")),
        *(("start_at", one) for one in ("tomorrow", 5, {"at": 1})),
        *(("quiet_hours", one) for one in ("always", ["21:00"], {"from": "21:00"}, QUIET | {"on": "Friday"})),
        *(("quiet_hours.from", QUIET | {"from": one}) for one in ("25:00", 21, None)),
        ("quiet_hours.to", {"from": "08:00", "to": "08:00"}),
        ("recurrence.every", {"every": "blue moon"}),
        ("recurrence", "daily"),
        ("colour", "red"),
    ],
)
def test_a_field_that_is_not_as_it_should_be_is_refused_by_its_name(field: str, given: Any) -> None:
    made, problems = inputs.check(Campaign, ORDER | {field.partition(".")[0]: given})
    assert (made, [one.field for one in problems]) == (None, [field])
    assert problems[0].en
    assert problems[0].fa


def test_a_name_that_is_no_field_is_told_before_what_then_seems_to_lack() -> None:
    made, problems = inputs.check(Campaign, {"txet": "سلام", "kind": "elsewhere"})
    assert (made, [one.field for one in problems]) == (None, ["txet", "text", "kind"])
    assert "title, account, line, text" in problems[0].en


def test_an_order_is_read_as_it_was_written() -> None:
    read = inputs.accept(
        Campaign,
        {"text": " سلام \n", "line": 30001234, "title": " بهار ", "quiet_hours": QUIET, "recurrence": {},
         "start_at": "2026-11-30T10:00+03:30", "kind": None, "token": ""},
    )  # fmt: skip
    assert (read.text, read.line, read.title, read.kind) == (" سلام \n", "30001234", "بهار", "area")
    assert (read.quiet_hours, read.recurrence, read.advertising) == (QUIET, schedule.Recurrence(), None)
    assert read.start_at == datetime(2026, 11, 30, 6, 30, tzinfo=UTC)


def test_the_document_has_every_field_of_an_order() -> None:
    told = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
    assert [name for name in Campaign.model_fields if f"| `{name}` |" not in told] == []
    assert list(inputs.labels(Campaign)) == list(Campaign.model_fields)
