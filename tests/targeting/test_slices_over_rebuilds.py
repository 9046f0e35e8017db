"""Slices of a population that is built anew between them: disjoint, complete, and told in rows of the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from data.rules.order_columns import order_keys
from data.store.population import Population
from targeting.audience import Scope, build, count, parse_audience, proposed_row
from targeting.scope import Built, History
from tests.targeting.conftest import SALT, TODAY, make_people, write_bank

TEHRAN, ISFAHAN = {"kind": "region", "province": "23"}, {"kind": "region", "province": "10"}
EVERYBODY: dict[str, Any] = {"any": [TEHRAN, ISFAHAN]}
BUILDS = 5
STAY_SHARE = 0.6
OPERATOR = Scope(account_id=None, today=TODAY, advertising=False)
ACCOUNT = Scope(account_id=1, today=TODAY, advertising=False, as_operator=True)
many = runs(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Population]]:
    """Five populations of one home: six in ten people are in all of them, the others come and go."""
    people, folder = make_people(400), tmp_path_factory.mktemp("builds")
    rng = np.random.default_rng(8)
    stays = rng.random(people.height) < STAY_SHARE
    made = []
    for n in range(BUILDS):
        here = stays | (rng.random(people.height) < 0.5)
        made.append(write_bank(folder / f"build-{n}.duckdb", people.filter(pl.Series(here))))
    yield made
    for one in made:
        one.close()


def everybody(population: Population) -> set[int]:
    return {number for (number,) in population.con.execute("SELECT msisdn FROM subscribers").fetchall()}


class Sender:
    """An account that sends slices and remembers them as the records do."""

    def __init__(self, who: Scope = ACCOUNT) -> None:
        self.who, self.round, self.reached = who, list[int](), -1
        self.open, self.had = False, list[int]()

    @property
    def scope(self) -> Scope:
        numbers = {name: pl.DataFrame({"msisdn": pl.Series(values, dtype=pl.UInt64)})
                   for name, values in (("round", self.round), ("series", self.had))}  # fmt: skip
        past = History(
            series=numbers["series"], round=numbers["round"] if self.open else None,
            reached=self.reached if self.open and self.reached >= 0 else None,
        )  # fmt: skip
        return replace(self.who, history=lambda _: past)

    def send(self, population: Population, **cut: Any) -> Built:
        built = build(parse_audience(EVERYBODY | cut), population, self.scope)
        if built.mark.begins:
            self.round, self.reached = [], -1
        self.open = True
        self.reached = max(self.reached, -1 if built.mark.last_key is None else built.mark.last_key)
        numbers = built.frame["msisdn"].to_list()
        self.round += numbers
        if "series" in cut:
            self.had += numbers
        return built

    def next(self, population: Population) -> int:
        return proposed_row(parse_audience(EVERYBODY), population, self.scope)


steps = st.lists(st.tuples(st.integers(0, BUILDS - 1), st.integers(1, 90)), min_size=1, max_size=8)


@many
@given(steps)
@example([(0, 1), (1, 1), (0, 1)])
def test_any_cutting_is_disjoint_and_taken_to_the_end_complete(
    builds: list[Population], steps: list[tuple[int, int]]
) -> None:
    sender, sent, used = Sender(), list[int](), set[int]()
    for at, size in steps:
        used.add(at)
        sent += sender.send(builds[at], row=sender.next(builds[at]), count=size).frame["msisdn"].to_list()
    sent += sender.send(builds[steps[0][0]], row=sender.next(builds[steps[0][0]])).frame["msisdn"].to_list()
    assert len(sent) == len(set(sent)), "nobody twice"
    assert set.intersection(*(everybody(builds[at]) for at in used)) <= set(sent), "nobody passed over"


@many
@given(steps, st.lists(st.integers(1, 500), min_size=8, max_size=8))
def test_wherever_the_rows_begin_a_round_repeats_nobody(
    builds: list[Population], steps: list[tuple[int, int]], rows: list[int]
) -> None:
    sender, sent = Sender(), list[int]()
    for (at, size), row in zip(steps, rows, strict=False):
        sent += sender.send(builds[at], row=row + 1, count=size).frame["msisdn"].to_list()
    assert len(sent) == len(set(sent))


@many
@given(steps)
def test_a_round_of_one_population_is_its_people_in_their_order(
    builds: list[Population], steps: list[tuple[int, int]]
) -> None:
    whole = build(parse_audience(EVERYBODY), builds[0], OPERATOR).frame["msisdn"].to_list()
    sender, sent = Sender(), list[int]()
    for _, size in steps:
        row = sender.next(builds[0])
        assert row == len(sent) + 1
        sent += sender.send(builds[0], row=row, count=size).frame["msisdn"].to_list()
    assert sent == whole[: len(sent)]


@many
@given(st.integers(1, 300), st.integers(2, 300), st.integers(1, 200))
def test_overlapping_rows_are_left_out_and_said(
    builds: list[Population], first: int, row: int, size: int
) -> None:
    sender, population = Sender(), builds[0]
    whole = build(parse_audience(EVERYBODY), population, OPERATOR).frame["msisdn"].to_list()
    assume(row <= len(whole))
    sender.send(population, row=1, count=first)
    second = sender.send(population, row=row, count=size)
    overlap = whole[row - 1 : first]
    assert second.frame["msisdn"].to_list() == [n for n in whole[row - 1 :] if n not in set(overlap)][:size]
    said = {notice.code: notice.en for notice in second.count.notices}
    assert ("had_already" in said) == bool(overlap)
    if overlap:
        assert said["had_already"].startswith(f"{len(overlap):,} ")


def test_again_writes_to_the_same_rows_and_says_to_how_many(builds: list[Population]) -> None:
    sender, population = Sender(), builds[0]
    first = sender.send(population, row=1, count=50).frame["msisdn"].to_list()
    second = sender.send(population, row=11, count=60, again=True)
    assert second.frame["msisdn"].to_list()[:40] == first[10:]
    assert second.frame.height == 60
    assert second.mark.repeated == 40
    assert "again" in {notice.code for notice in second.count.notices}
    assert "had_already" not in {notice.code for notice in second.count.notices}


def test_again_does_not_lift_a_series(builds: list[Population]) -> None:
    sender, population = Sender(), builds[0]
    first = sender.send(population, row=1, count=50, series="spring").frame["msisdn"].to_list()
    second = sender.send(population, row=11, count=60, again=True, series="spring")
    assert not set(first) & set(second.frame["msisdn"])
    assert second.mark.repeated == 0


def test_row_1_and_a_whole_send_begin_a_round(builds: list[Population]) -> None:
    sender, population = Sender(), builds[0]
    first = sender.send(population, row=1, count=50)
    again = sender.send(population, row=1, count=50)
    assert first.mark.begins
    assert again.mark.begins
    assert again.frame.equals(first.frame)
    whole = sender.send(population)
    assert whole.mark.begins
    assert whole.frame.height == len(everybody(population))
    assert sender.send(population, row=2, count=10).frame.is_empty(), "the whole set had it in this round"


def test_a_round_of_which_everybody_left_is_not_forgotten(tmp_path: Any) -> None:
    people = make_people(100).sort("order_key")
    full = write_bank(tmp_path / "full.duckdb", people)
    rest = write_bank(tmp_path / "rest.duckdb", people[30:])
    sender = Sender()
    first = sender.send(full, row=1, count=30).frame["msisdn"].to_list()
    assert sender.next(rest) == 1, "all that were looked at are gone"
    second = sender.send(rest, row=1, count=20)
    assert not second.mark.begins
    third = sender.send(full, row=2).frame["msisdn"].to_list()
    assert not set(third) & {*first, *second.frame["msisdn"]}, "who came back had it in this round"
    for one in (full, rest):
        one.close()


def test_a_series_goes_on_over_audiences_and_builds(builds: list[Population]) -> None:
    sender, sent = Sender(), list[int]()
    for at, tree in enumerate([{"any": [TEHRAN]}, EVERYBODY, {"any": [ISFAHAN]}, EVERYBODY]):
        asked = parse_audience(tree | {"count": 45, "series": "spring"})
        frame = build(asked, builds[at], sender.scope).frame
        sender.had += frame["msisdn"].to_list()
        sent += frame["msisdn"].to_list()
    assert len(sent) == len(set(sent)) == 4 * 45


def test_places_and_steps_add_up_whoever_is_left_out(builds: list[Population]) -> None:
    population, people = builds[0], sorted(everybody(builds[0]))
    who = replace(ACCOUNT, suppressed=pl.DataFrame({"msisdn": pl.Series(people[::7], dtype=pl.UInt64)}))
    sender, row, taken = Sender(who), 1, 0
    while row <= len(people):
        told = sender.send(population, row=row, count=23).count
        steps = {step.step: (step.removed, step.left) for step in told.waterfall}
        assert told.matched - sum(removed for removed, _ in steps.values()) == told.selected
        assert told.next_row == sender.next(population)
        row, taken = told.next_row, taken + told.selected
    assert taken == len(people) - len(people[::7])


@pytest.mark.parametrize(("asked", "taken"), [(361, 361), (362, 381), (380, 381), (381, 381)])
def test_a_slice_takes_along_the_few_that_it_would_leave(tmp_path: Any, asked: int, taken: int) -> None:
    population = write_bank(tmp_path / "b.duckdb", make_people(381))
    account = replace(ACCOUNT, as_operator=False)
    told = count(parse_audience(EVERYBODY | {"count": asked}), population, account)
    assert (told.selected, told.next_row) == (taken, taken + 1)
    assert ("rest_taken_along" in {one.code for one in told.notices}) == (asked < taken)
    free = count(parse_audience(EVERYBODY | {"count": asked}), population, OPERATOR)
    assert free.selected == asked, "who is not bound by the smallest cell cuts where he likes"
    population.close()


def test_own_numbers_are_cut_anywhere_and_the_few_rented_ones_are_taken_from_between(tmp_path: Any) -> None:
    population = write_bank(tmp_path / "b.duckdb", make_people(30).with_columns(province=pl.lit("23")))
    own = {"kind": "numbers", "numbers": [f"0912555{n:04d}" for n in range(270)]}
    account = replace(ACCOUNT, as_operator=False)
    assert count(parse_audience({"any": [own], "count": 265}), None, account).selected == 265
    mixed = parse_audience({"any": [own, TEHRAN], "count": 290})  # at worst 20 rented among them
    first = build(mixed, population, account)
    assert first.frame["bank"].sum() == 30, "the last of them are taken along"
    assert first.count.next_row < first.count.matched, "and the own ones are not"
    past = History(round=first.frame.select("msisdn"), reached=first.mark.last_key)
    asked = parse_audience({"any": [own, TEHRAN], "row": first.count.next_row})
    rest = build(asked, population, replace(account, as_operator=True, history=lambda _: past))
    both = [*first.frame["msisdn"], *rest.frame["msisdn"]]
    assert len(both) == len(set(both)) == 300
    population.close()


def test_a_population_of_another_home_is_put_into_this_home_s_order(tmp_path: Any) -> None:
    people = make_people(300)
    here = write_bank(tmp_path / "here.duckdb", people)
    foreign = people.with_columns(
        order_key=pl.Series(order_keys(people["msisdn"].to_numpy(), bytes(reversed(SALT))), dtype=pl.UInt64)
    )
    there = write_bank(tmp_path / "there.duckdb", foreign)
    there.snapshot = replace(there.snapshot, salt=bytes(reversed(SALT)))
    who, asked = replace(ACCOUNT, salt=SALT), parse_audience(EVERYBODY | {"row": 41, "count": 100})
    mine, theirs = build(asked, here, who), build(asked, there, who)
    assert mine.frame.select("msisdn", "order_key").equals(theirs.frame.select("msisdn", "order_key"))
    assert mine.mark == theirs.mark
    for one in (here, there):
        one.close()


def test_a_count_without_slice_or_history_looks_at_people_once(builds: list[Population]) -> None:
    asked: list[str] = []

    class Listening:
        def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
            self.con = con

        def cursor(self) -> Listening:
            return Listening(self.con.cursor())

        def execute(self, query: str, *more: Any) -> Any:
            asked.append(query)
            return self.con.execute(query, *more)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.con, name)

    heard = Population(builds[0].snapshot, Listening(builds[0].con))  # type: ignore[arg-type]
    count(parse_audience(EVERYBODY), heard, ACCOUNT)
    assert len([query for query in asked if "FROM subscribers s" in query]) == 1
