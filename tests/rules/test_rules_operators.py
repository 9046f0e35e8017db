"""Prefixes and operators: the longest prefix wins, and the plan knows just the mobiles there are."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import phonenumbers
import polars as pl
import pytest

from data.rules.operators import OTHER, is_mobile, operator_of, operators, prefix_of, prefixes
from data.rules.operators_columns import is_mobile_column, operator_column

REGIONS = ["IR", "LI", "SR", "GY"]


def _numbers(region: str) -> list[int]:
    rows = prefixes(region)
    draw = random.Random(7)
    drawn = [
        int(
            row.country_code
            + row.prefix
            + "".join(draw.choices("0123456789", k=row.digits - len(row.prefix)))
        )
        for row in rows
        for _ in range(5)
    ]
    code, digits = rows[0].country_code, {row.digits for row in rows}
    anywhere = [int(code + str(draw.randrange(10 ** (n - 1), 10**n))) for n in digits for _ in range(3_000)]
    return [*drawn, *anywhere, 0, 98, 2**63]


def test_the_operator_of_every_shared_prefix_is_known(reference_data: Path) -> None:
    with (reference_data / "ir_mobile_prefixes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    longer = [row["prefix"] for row in rows]
    for row in rows:
        free = 10 - len(row["prefix"])
        ends = (f"{digit}" * free for digit in range(10))
        own = [
            int("98" + row["prefix"] + end) for end in ends
            if not any((row["prefix"] + end).startswith(p) and len(p) > len(row["prefix"]) for p in longer)
        ]  # fmt: skip
        assert {operator_of(number) for number in own} <= {row["operator"]}, row["prefix"]


def test_the_longest_prefix_wins() -> None:
    assert operator_of(989955123456) == "irancell"
    assert operator_of(989951012345) == "mci"
    assert operator_of(989999612345) == "rightel"
    assert operator_of(989999012345) == "samantel"
    assert operator_of(989121234567) == "mci"
    assert operator_of(442079460958) is None


def test_a_prefix_tells_line_types_and_where_it_was_issued() -> None:
    found = prefix_of(989121234567)
    assert found is not None
    assert found.line_types == ("postpaid",)
    assert found.provinces[0] == "23"
    assert {row.operator for row in operators()} >= {"mci", "irancell", "rightel"}


@pytest.mark.parametrize("region", REGIONS)
def test_columns_say_what_the_scalars_say(region: str) -> None:
    numbers = _numbers(region)
    frame = pl.DataFrame({"msisdn": pl.Series(numbers, dtype=pl.UInt64)}).with_columns(
        operator=operator_column(pl.col("msisdn"), region), mobile=is_mobile_column(pl.col("msisdn"), region)
    )
    assert frame["operator"].to_list() == [operator_of(number, region) or OTHER for number in numbers]
    assert frame["mobile"].to_list() == [is_mobile(number, region) for number in numbers]


@pytest.mark.parametrize("region", REGIONS)
def test_the_plan_holds_just_the_mobile_numbers_that_exist(region: str) -> None:
    for number in _numbers(region)[:-3]:
        read = phonenumbers.parse(f"+{number}")
        mobile = phonenumbers.is_valid_number_for_region(read, region) and phonenumbers.number_type(read) in (
            1,
            2,
        )
        assert is_mobile(number, region) == mobile, number


def test_no_number_has_no_operator() -> None:
    frame = pl.DataFrame({"msisdn": pl.Series([None, 989121234567], dtype=pl.UInt64)})
    assert frame.select(operator_column(pl.col("msisdn"))).to_series().to_list() == [None, "mci"]
    assert frame.select(is_mobile_column(pl.col("msisdn"))).to_series().to_list() == [False, True]


def test_a_region_without_a_plan_has_only_others() -> None:
    frame = pl.DataFrame({"msisdn": pl.Series([447911123456], dtype=pl.UInt64)})
    assert prefixes("GB") == ()
    assert frame.select(operator_column(pl.col("msisdn"), "GB")).item() == OTHER
