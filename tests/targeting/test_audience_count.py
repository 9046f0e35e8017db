"""Exact counts and sets: the waterfall adds up, slices never overlap, own and rented numbers mix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from data.errors import Refused
from data.rules.order import order_key
from targeting.audience import Scope, build, count, parse_audience
from targeting.privacy import shown, visible_count
from targeting.scope import Count, History
from tests.targeting.conftest import SALT, TODAY, Bank

TEHRAN = {"kind": "region", "province": "23"}
EVERYBODY = {"any": [TEHRAN, {"kind": "region", "province": "10"}]}
OPERATOR = Scope(account_id=None, today=TODAY, advertising=False)


def numbers(*typed: Any) -> dict[str, Any]:
    return {"kind": "numbers", "numbers": list(typed)}


def frame(values: Any) -> pl.DataFrame:
    return pl.DataFrame({"msisdn": pl.Series(list(values), dtype=pl.UInt64)})


def steps(counted: Count) -> dict[str, tuple[int, int]]:
    return {step.step: (step.removed, step.left) for step in counted.waterfall}


def test_a_person_of_two_conditions_counts_once(bank: Bank, who: Scope) -> None:
    counted = count(
        parse_audience({"any": [TEHRAN, {"kind": "line", "operator": "mci"}]}), bank.population, who
    )
    tehran, mci = pl.col("province") == "23", (pl.col("operator") == "mci").fill_null(False)
    both = bank.people.filter(tehran & mci).height
    either = bank.people.filter(tehran | mci).height
    assert counted.matched == either
    assert steps(counted)["matched"] == (0, either + both)
    assert steps(counted)["duplicate"] == (both, either)


def test_the_split_by_operator_adds_up_and_names_the_unknown_other(bank: Bank, who: Scope) -> None:
    counted = count(parse_audience(EVERYBODY), bank.population, who)
    expected = bank.people["operator"].fill_null("other").value_counts()
    assert counted.by_operator == dict(expected.iter_rows())


def test_every_row_of_the_waterfall_continues_from_the_one_above(bank: Bank, who: Scope) -> None:
    people = bank.people["msisdn"]
    scope = replace(
        who,
        advertising=True,
        suppressed=frame([*people[:50], 989000000000]),
        history=lambda _: History(series=frame(people[30:90])),
    )
    audience = parse_audience(EVERYBODY | {"series": "spring", "row": 11, "count": 100})
    counted = count(audience, bank.population, scope)
    out = bank.people.with_row_index().with_columns(
        gone=(pl.col("index") < 50) | pl.col("opted_out"), had=pl.col("index").is_between(30, 89)
    )
    suppressed = out.filter("gone").height
    had = out.filter(~pl.col("gone") & pl.col("had")).height
    left = bank.people.height - suppressed - had
    assert list(steps(counted)) == [
        "matched",
        "duplicate",
        "suppressed",
        "already_sent",
        "not_in_slice",
        "selected",
    ]
    assert steps(counted)["suppressed"][0] == suppressed
    assert steps(counted)["already_sent"] == (had, left)
    assert steps(counted)["not_in_slice"] == (left - 100, 100)
    built = build(audience, bank.population, scope)
    behind = out.sort("order_key", "msisdn")[10:].with_row_index("place", offset=11)
    stays = behind.filter(~pl.col("gone") & ~pl.col("had"))
    assert built.frame["msisdn"].to_list() == stays["msisdn"][:100].to_list()
    assert built.count.next_row == stays["place"][99] + 1
    assert built.count.selected_by_operator == dict(
        sorted(built.frame["operator"].value_counts().iter_rows())
    )


def test_who_opted_out_at_the_operator_gets_no_advertising_but_gets_service(bank: Bank, who: Scope) -> None:
    audience = parse_audience(EVERYBODY)
    opted = int(bank.people["opted_out"].sum())
    assert opted
    assert (
        count(audience, bank.population, replace(who, advertising=True)).selected
        == bank.people.height - opted
    )
    assert count(audience, bank.population, who).selected == bank.people.height


def test_a_whole_set_begins_a_round_and_asks_nobody_what_they_had(bank: Bank, who: Scope) -> None:
    past = frame(bank.people["msisdn"][:90])
    scope = replace(who, history=lambda _: History(round=past, reached=2**64 - 1))
    counted = count(parse_audience(EVERYBODY), bank.population, scope)
    assert "already_sent" not in steps(counted)
    assert counted.selected == bank.people.height


def test_a_count_beyond_the_end_is_cut_and_said(bank: Bank, who: Scope) -> None:
    size = bank.people.height
    counted = count(parse_audience(EVERYBODY | {"row": size - 1, "count": 5}), bank.population, who)
    assert (counted.selected, [notice.code for notice in counted.notices]) == (2, ["count_cut"])
    assert "2 of the 5" in counted.notices[0].en
    beyond = count(parse_audience(EVERYBODY | {"row": size + 1}), bank.population, who)
    assert (beyond.selected, [notice.code for notice in beyond.notices]) == (0, ["row_beyond_end"])


@runs(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 250), min_size=1, max_size=6))
def test_slices_are_disjoint_and_together_are_the_set(bank: Bank, cuts: list[int]) -> None:
    who = replace(OPERATOR, advertising=True, suppressed=frame(bank.people["msisdn"][5:25]))
    whole = build(parse_audience(EVERYBODY), bank.population, who).frame["msisdn"].to_list()
    row, taken = 1, []
    while row <= bank.people.height:
        size = cuts[len(taken) % len(cuts)]
        piece = build(parse_audience(EVERYBODY | {"row": row, "count": size}), bank.population, who)
        taken.append(piece.frame["msisdn"].to_list())
        row = piece.count.next_row
    assert [number for piece in taken for number in piece] == whole


def test_a_series_never_repeats_a_number_even_when_the_set_moves(bank: Bank, who: Scope) -> None:
    first = build(parse_audience({"any": [TEHRAN], "count": 40, "series": "s"}), bank.population, who).frame
    wider = parse_audience(EVERYBODY | {"count": 400, "series": "s"})
    past = History(series=first.select("msisdn"))
    second = build(wider, bank.population, replace(who, history=lambda _: past)).frame
    assert second.height == 400
    assert not set(first["msisdn"]) & set(second["msisdn"])


def test_own_numbers_join_the_bank_and_each_counts_once(bank: Bank, who: Scope) -> None:
    known, stranger = bank.people.filter(pl.col("province") == "23")["msisdn"][0], 989121999999
    audience = parse_audience({"any": [TEHRAN, numbers(known, f"0{stranger - 98 * 10**10}", stranger)]})
    built = build(audience, bank.population, who)
    tehran = bank.people.filter(pl.col("province") == "23").height
    assert built.count.matched == tehran + 1
    assert (
        steps(built.count)["duplicate"][0] == 2
    )  # the known one by two conditions, the stranger typed twice
    row = built.frame.filter(pl.col("msisdn") == stranger).row(0, named=True)
    assert row == {
        "msisdn": stranger,
        "operator": "mci",
        "bank": False,
        "order_key": order_key(stranger, SALT),
    }
    assert built.frame.equals(built.frame.sort("order_key", "msisdn"))
    assert built.frame.filter(~pl.col("bank"))["msisdn"].sort().to_list() == sorted([known, stranger])


def test_own_numbers_narrowed_by_the_bank_count_as_rented(bank: Bank, who: Scope) -> None:
    people = bank.people["msisdn"][:60].to_list()
    audience = parse_audience({"any": [numbers(*people)], "all": [{"kind": "line", "operator": "mci"}]})
    built = build(audience, bank.population, who)
    assert built.frame.height
    assert built.frame["bank"].all()
    assert built.count.rented == built.count.matched


def test_own_numbers_are_taken_away_from_the_bank(bank: Bank, who: Scope) -> None:
    people = bank.people["msisdn"][:60].to_list()
    counted = count(parse_audience(EVERYBODY | {"none": [numbers(*people)]}), bank.population, who)
    assert counted.matched == bank.people.height - 60


def test_own_numbers_alone_need_no_population(who: Scope) -> None:
    audience = parse_audience(
        {"any": [numbers("09121234567", "09351234567", "09201234567")], "none": [numbers("09201234567")]}
    )
    assert not audience.uses_bank
    built = build(audience, None, replace(who, salt=SALT))
    assert built.count.snapshot is None
    assert built.frame["msisdn"].sort().to_list() == [989121234567, 989351234567]
    assert built.frame["operator"].sort().to_list() == ["irancell", "mci"]
    assert not built.frame["bank"].any()
    assert built.frame["order_key"].to_list() == sorted(
        order_key(n, SALT) for n in (989121234567, 989351234567)
    )


def test_conditions_nest_anywhere(bank: Bank, who: Scope) -> None:
    tree = {
        "any": [
            {
                "all": [
                    TEHRAN,
                    {
                        "any": [{"kind": "line", "operator": "mci"}],
                        "none": [{"kind": "line", "line_type": "prepaid"}],
                    },
                ]
            }
        ],
        "none": [{"all": [{"kind": "gender_age", "gender": "male", "age_from": 0, "age_to": 40}]}],
    }
    young_men = (pl.col("gender") == "male") & (pl.col("born_on") > TODAY.replace(year=TODAY.year - 41))
    expected = bank.people.filter(
        pl.col("province") == "23",
        pl.col("operator") == "mci",
        pl.col("line_type") != "prepaid",
        ~young_men.fill_null(False),
    )
    assert set(build(parse_audience(tree), bank.population, who).frame["msisdn"]) == set(expected["msisdn"])


@pytest.mark.parametrize("bad", ["0912", "02188776655", "+447911123456", "9.12E+09", "x"])
def test_a_typed_number_that_is_none_is_refused_by_its_place(who: Scope, bad: str) -> None:
    with pytest.raises(Refused) as refused:
        count(parse_audience({"any": [numbers("09121234567", bad)]}), None, who)
    assert refused.value.field == "any.0.numbers.1"


def test_a_number_typed_in_many_ways_is_one_recipient(who: Scope) -> None:
    typed = [
        "09121234567",
        "9121234567",
        "+989121234567",
        "00989121234567",
        "۰۹۱۲۱۲۳۴۵۶۷",
        "0912 123-4567",
        "0912\u200c1234567",
    ]
    counted = count(parse_audience({"any": [numbers(*typed)]}), None, who)
    assert (counted.matched, steps(counted)["duplicate"]) == (1, (6, 1))
    assert "6 repeats merged" in [notice.en for notice in counted.notices]


def test_an_account_learns_nothing_of_fewer_than_twenty_rented_people(bank: Bank, who: Scope) -> None:
    few = parse_audience({"any": [TEHRAN], "all": [{"kind": "gender_age", "age_from": 33, "age_to": 33}]})
    account = replace(who, account_id=1)
    counted = count(few, bank.population, account)
    assert 0 < counted.matched < 20
    told = shown(counted, account)
    assert (told["matched"], told["by_operator"], told["waterfall"], told["fewer_than"]) == (None, {}, [], 20)
    assert shown(counted, who)["matched"] == counted.matched
    with pytest.raises(Refused, match="fewer than 20"):
        build(few, bank.population, account)
    assert build(few, bank.population, replace(account, as_operator=True)).frame.height == counted.matched


def test_own_numbers_beside_the_bank_do_not_lift_a_small_count(bank: Bank, who: Scope) -> None:
    own = numbers(*(f"0912999{number:04d}" for number in range(100)))
    tree = {"any": [own, {"all": [TEHRAN, {"kind": "gender_age", "age_from": 33, "age_to": 33}]}]}
    assert (
        shown(
            count(parse_audience(tree), bank.population, replace(who, account_id=1)),
            replace(who, account_id=1),
        )["matched"]
        is None
    )


def test_own_numbers_alone_are_always_counted(who: Scope) -> None:
    account = replace(who, account_id=1)
    assert (
        shown(count(parse_audience({"any": [numbers("09121234567")]}), None, account), account)["matched"]
        == 1
    )


@pytest.mark.parametrize(
    ("n", "bank_set", "told"), [(0, True, None), (19, True, None), (20, True, 20), (3, False, 3)]
)
def test_a_small_count_is_told_only_of_own_numbers(n: int, bank_set: bool, told: int | None) -> None:
    assert visible_count(n, 20, bank_set) == told
