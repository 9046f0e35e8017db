"""What a page glances at is folded once of the same files, and anew of any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from data.facts import glance, messages
from data.facts.messages import Sources

NOW = datetime(2026, 11, 27, 9, 0, 5, tzinfo=UTC)


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[Sources]:
    """What was really folded, in order."""
    done: list[Sources] = []

    def fold(found: Sources, **_: Any) -> pl.DataFrame:
        done.append(found)
        return pl.DataFrame({"n": [len(done)]})

    monkeypatch.setattr(messages, "state_counts", fold)
    monkeypatch.setattr(messages, "by_day", fold)
    glance._kept.clear()
    return done


def test_the_same_files_are_folded_once_a_minute(folded: list[Sources]) -> None:
    files = Sources({1: "a"}, ["s1"], ["r1"])
    for seconds, times in ((0, 1), (30, 1), (60, 2)):
        glance.state_counts(files, now=NOW + timedelta(seconds=seconds))
        assert len(folded) == times


@pytest.mark.parametrize(
    "other",
    [Sources({2: "b"}, ["s1"], ["r1"]), Sources({1: "a"}, ["s1", "s2"], ["r1"]),
     Sources({1: "a"}, ["s1"], ["r1", "r2"]),
     Sources({1: "a"}, ["s1"], ["r1"], [{"run": 1, "pos_from": 0, "n": 2}])],
)  # fmt: skip
def test_another_run_another_file_another_gap_are_folded_anew(folded: list[Sources], other: Sources) -> None:
    first = glance.state_counts(Sources({1: "a"}, ["s1"], ["r1"]), now=NOW)
    assert glance.state_counts(other, now=NOW)["n"][0] != first["n"][0]


def test_two_questions_and_two_zones_have_answers_of_their_own(folded: list[Sources]) -> None:
    files = Sources({1: "a"}, ["s1"], ["r1"])
    told = [
        glance.state_counts(files, now=NOW)["n"][0],
        *(glance.by_day(files, zone=zone, now=NOW)["n"][0] for zone in ("Asia/Tehran", "UTC")),
    ]  # fmt: skip
    assert told == [1, 2, 3]


def test_what_is_kept_has_a_limit(folded: list[Sources]) -> None:
    for run in range(glance.KEPT_MAX + 10):
        glance.state_counts(Sources({run: "a"}, [], []), now=NOW)
    assert len(glance._kept) == glance.KEPT_MAX
