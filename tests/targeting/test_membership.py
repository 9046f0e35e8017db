"""Nothing that an account may put in beside rented criteria tells who is in the bank before a send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from data.errors import Refused
from data.rules.msisdn import mask
from targeting.audience import Scope, build, parse_audience, sendable, told
from targeting.privacy import cells_of, merged_cells, shown
from targeting.scope import History
from tests.targeting.conftest import TODAY, Bank

ACCOUNT = Scope(account_id=7, today=TODAY, advertising=True)
TEHRAN = {"kind": "region", "province": "23"}
WOMEN = {"kind": "gender_age", "gender": "female", "age_from": 20, "age_to": 50}
STRANGERS = [989_120_000_000 + 7 * n for n in range(600)]
K = 20


def listed(numbers: Any) -> dict[str, Any]:
    return {"kind": "numbers", "numbers": [f"+{n}" for n in numbers]}


def frame(numbers: Any) -> pl.DataFrame:
    return pl.DataFrame({"msisdn": pl.Series(list(numbers), dtype=pl.UInt64)})


def says(tree: dict[str, Any], bank: Bank, who: Scope) -> dict[str, Any]:
    document = shown(told(parse_audience(tree), bank.population, who), who)
    document.pop("milliseconds")
    return document


def tehran_women(bank: Bank) -> list[int]:
    people = bank.people.filter((pl.col("province") == "23") & (pl.col("gender") == "female"))
    return sorted(people["msisdn"])


@runs(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inside=st.integers(0, 60),
    outside=st.integers(20, 60),
    how=st.sampled_from(["any", "none", "suppressed", "round", "series"]),
    cut=st.sampled_from([{}, {"row": 3, "count": 130}]),
)
def test_no_figure_moves_with_how_many_of_a_list_are_in_the_bank(
    bank: Bank, inside: int, outside: int, how: str, cut: dict[str, int]
) -> None:
    known = tehran_women(bank)[:inside]
    mixed = [*known, *STRANGERS[:outside]]
    none_of_them = [number + 1 for number in mixed]  # of the same prefixes
    told_of = []
    for numbers in (mixed, none_of_them):
        tree: dict[str, Any] = {"any": [TEHRAN]} | cut
        who = ACCOUNT
        if how == "any":
            tree = {"any": [TEHRAN, listed(numbers)]} | cut
        elif how == "none":
            tree["none"] = [listed(numbers)]
        elif how == "suppressed":
            who = replace(who, suppressed=frame(numbers))
        elif how == "round":
            who = replace(who, history=lambda _key, n=numbers: History(round=frame(n), own=True))
        else:
            tree["series"] = "spring"
            who = replace(who, history=lambda _key, n=numbers: History(series=frame(n), own=True))
        told_of.append(says(tree, bank, who))
    assert told_of[0] == told_of[1]
    few = how == "any" and bool(cut) and cut["count"] - len(mixed) < K  # all other places might be the list's
    assert (told_of[0]["selected"] is None) is few
    assert few or told_of[0]["at_most"]
    assert few or told_of[0]["selected"] >= K


@runs(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    any_of=st.tuples(st.integers(0, 60), st.integers(0, 40)),
    none_of=st.tuples(st.integers(0, 150), st.integers(0, 40)),
    suppressed=st.tuples(st.integers(0, 150), st.integers(0, 40)),
    row=st.integers(1, 330),
    size=st.none() | st.integers(20, 330),
)
def test_what_is_sent_is_within_what_was_told_and_never_to_a_few(
    bank: Bank, any_of: tuple[int, int], none_of: tuple[int, int], suppressed: tuple[int, int], row: int,
    size: int | None,
) -> None:  # fmt: skip
    """Each pair is how many of a list are rented people of the criteria, and how many are strangers."""
    here = sorted(bank.people.filter(pl.col("province") == "23")["msisdn"])

    def some(pair: tuple[int, int], first: int) -> list[int]:
        return [*here[first : first + pair[0]], *STRANGERS[first : first + pair[1]]]

    tree: dict[str, Any] = {"any": [TEHRAN], "row": row} | ({"count": size} if size else {})
    for branch, numbers in (("any", some(any_of, 0)), ("none", some(none_of, 30))):
        if len(numbers) >= K:
            tree[branch] = [*tree.get(branch, []), listed(numbers)]
    who = replace(ACCOUNT, suppressed=frame(some(suppressed, 90)))
    asked = parse_audience(tree)
    try:
        found = sendable(asked, bank.population, who)
    except Refused:
        return  # by lengths alone: the test above holds them equal
    built = build(asked, bank.population, who, told_as=found)
    assert K <= built.frame.height <= found.selected


def test_who_is_blocked_at_the_operator_is_exact(bank: Bank) -> None:
    blocked = bank.people.filter((pl.col("province") == "23") & pl.col("opted_out")).height
    steps = {step["step"]: step for step in says({"any": [TEHRAN]}, bank, ACCOUNT)["waterfall"]}
    assert steps["suppressed"]["removed"] == blocked > 0
    assert "at_most" not in says({"any": [TEHRAN]}, bank, ACCOUNT)


@pytest.mark.parametrize("branch", ["any", "none"])
def test_a_short_list_beside_rented_criteria_is_refused(bank: Bank, branch: str) -> None:
    tree = {"any": [TEHRAN]}
    tree[branch] = [*tree.get(branch, []), listed(STRANGERS[: K - 1])]
    for ask in (told, build):
        with pytest.raises(Refused, match=f"at least {K} numbers") as refused:
            ask(parse_audience(tree), bank.population, ACCOUNT)
        assert refused.value.field.startswith(branch)


@pytest.mark.parametrize(
    "tree",
    [
        {"any": [TEHRAN], "all": [listed(STRANGERS[:30])]},
        {"all": [WOMEN, listed(STRANGERS[:30])]},
        {"any": [TEHRAN, {"all": [listed(STRANGERS[:30])]}]},
        {"any": [TEHRAN], "none": [{"all": [listed(STRANGERS[:30]), WOMEN]}]},
    ],
)
def test_a_list_cannot_be_narrowed_by_the_bank(bank: Bank, tree: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="cannot stand in `all`"):
        told(parse_audience(tree), bank.population, ACCOUNT)
    assert told(parse_audience(tree), bank.population, replace(ACCOUNT, as_operator=True)).bank


def test_own_numbers_that_only_the_bank_lets_in_are_too_few_to_be_told(bank: Bank) -> None:
    tree = {"any": [listed(tehran_women(bank)[:40])], "all": []} | {"all": [TEHRAN]}
    assert says(tree, bank, ACCOUNT)["matched"] is None
    with pytest.raises(Refused, match="fewer than 20"):
        build(parse_audience(tree), bank.population, ACCOUNT)


@pytest.mark.parametrize("cut", [{"row": 7, "count": 1}, {"count": K - 1}, {"row": 10_000}])
def test_a_slice_of_few_rented_people_is_neither_told_nor_sent(bank: Bank, cut: dict[str, int]) -> None:
    tree = {"any": [TEHRAN]} | cut
    assert says(tree, bank, ACCOUNT)["selected"] is None
    with pytest.raises(Refused, match="fewer than 20"):
        build(parse_audience(tree), bank.population, ACCOUNT)
    assert build(parse_audience({"any": [TEHRAN], "count": K}), bank.population, ACCOUNT).frame.height == K


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 90), min_size=1))
def test_a_small_cell_can_not_be_worked_out_of_the_sum(cells: dict[str, int]) -> None:
    seen = cells_of(cells, K)
    hidden = [name for name, n in seen.items() if n is None]
    assert all(n is None or n >= K for n in seen.values())
    assert {name: n for name, n in seen.items() if n is not None}.items() <= cells.items()
    if hidden and len(hidden) < len(cells):
        assert len(hidden) > 1
        assert sum(cells[name] for name in hidden) >= K
    assert sum(merged_cells(cells, K).values()) == sum(cells.values())


def test_a_mask_keeps_the_operators_prefix_and_two_digits() -> None:
    assert mask(989901234237) == "0990•••37"
