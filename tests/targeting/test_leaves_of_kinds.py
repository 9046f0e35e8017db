"""What a kind of send means stands on the leaf its picker makes: its operator, its towers, its limits."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from data.errors import Refused
from data.rules import kinds
from targeting.audience import Scope, audience_hash, canonical, count, parse_audience, told, understand
from targeting.criteria import CRITERIA
from targeting.kinds import audience_of, kind_of
from tests.targeting.conftest import TODAY, Bank

ACCOUNT = Scope(account_id=7, today=TODAY, advertising=True)
CIRCLE = {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 2_000}
RING = [[51, 35.5], [52, 35.5], [52, 36], [51, 36], [51, 35.5]]
SQUARE = {"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [RING]}}
TOWERS = {"kind": "towers_in", "shape": CIRCLE}
TEHRAN = {"kind": "region", "province": "23"}
TYPED = {"kind": "numbers", "numbers": [f"+{989_120_000_000 + 7 * n}" for n in range(20)]}
ADULTS = {"kind": "gender_age", "age_from": 20, "age_to": 70}


def key(tree: dict[str, Any], kind: str, bank: Bank) -> str:
    return audience_hash(understand(audience_of(tree, kind), bank.population, None))


def towered(tree: dict[str, Any], bank: Bank, who: Scope = ACCOUNT) -> int | None:
    return told(parse_audience(tree), bank.population, who).towered


def irancell_at(bank: Bank, tower: int) -> pl.DataFrame:
    return bank.people.filter((pl.col("tower") == tower) & (pl.col("operator") == "irancell"))


@pytest.mark.parametrize(
    ("kind", "written", "made"),
    [
        ("bts", CIRCLE, TOWERS),
        ("bts", CIRCLE | {"operator": "ایرانسل"}, TOWERS),
        ("bts", SQUARE, {"kind": "towers_in", "shape": SQUARE}),
        ("bts", TOWERS, TOWERS),
        ("gender_age", ADULTS, ADULTS | {"operator": "mci"}),
        ("region_irancell", TEHRAN, TEHRAN | {"operator": "irancell"}),
        ("region_irancell", TEHRAN | {"operator": "MTN Irancell"}, TEHRAN | {"operator": "irancell"}),
    ],
)
def test_a_file_that_names_its_kind_means_what_the_picker_makes(
    bank: Bank, kind: str, written: dict[str, Any], made: dict[str, Any]
) -> None:
    tree, picked = {"any": [written, TYPED]}, {"any": [made, TYPED]}
    assert key(tree, kind, bank) == key(picked, kind, bank) == key(picked, "area", bank)
    stored = canonical(audience_of(tree, kind))
    assert key(stored, kind, bank) == key(stored, "area", bank) == key(picked, "area", bank)
    assert kind_of(audience_of(tree, kind)) == kind


@pytest.mark.parametrize("kind", kinds.OPERATOR_OF)
@pytest.mark.parametrize("tree", [
    {"any": [TEHRAN, CIRCLE]}, {"all": [TEHRAN, ADULTS], "none": [CIRCLE]},
    {"any": [{"all": [ADULTS], "none": [TEHRAN]}, {"kind": "postcode", "prefix": "11345"}]},
    {"any": [TEHRAN | {"operator": "rightel"}, ADULTS]},
])  # fmt: skip
def test_an_operator_on_every_leaf_is_the_operator_of_the_whole(
    bank: Bank, kind: str, tree: dict[str, Any]
) -> None:
    operator = kinds.OPERATOR_OF[kind]
    if kind == "bts":
        tree = {name: [TOWERS if node == CIRCLE else node for node in tree[name]] for name in tree}
    anybody = Scope(account_id=None, today=TODAY)
    meant = count(audience_of(tree, kind), bank.population, anybody)
    narrowed = {"all": [tree, {"kind": "line", "operator": operator}]}
    assert meant.matched == count(parse_audience(narrowed), bank.population, anybody).matched
    assert set(meant.by_operator) <= {operator}


def test_own_numbers_are_of_no_operator(bank: Bank) -> None:
    found = told(audience_of({"any": [CIRCLE, TYPED]}, "bts"), bank.population, ACCOUNT)
    assert found.matched == irancell_at(bank, 1).height + 20


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({"any": [TYPED]}, "quick"),
        ({"any": [TYPED, TOWERS, TEHRAN]}, "bts"),
        ({"any": [TYPED, TEHRAN, TOWERS]}, "region"),
        ({"any": [CIRCLE], "all": [ADULTS]}, "area"),
        ({"all": [ADULTS, CIRCLE]}, "gender_age"),
        ({"any": [{"all": [{"kind": "line", "line_type": "prepaid"}, TEHRAN]}]}, "region"),
        ({"any": [{"kind": "occupation", "codes": ["J1"]}], "none": [TOWERS]}, "occupation"),
    ],
)
def test_a_report_is_of_the_kind_of_the_first_rented_leaf(tree: dict[str, Any], kind: str) -> None:
    assert kind_of(parse_audience(tree)) == kind


def test_every_criterion_has_a_kind() -> None:
    assert set(kinds.KIND_OF_LEAF) == set(CRITERIA)
    assert set(kinds.KIND_OF_LEAF.values()) <= set(kinds.KINDS)


def test_typed_numbers_neither_free_a_tower_send_nor_count_in_it(bank: Bank) -> None:
    alone = irancell_at(bank, 1).filter(~pl.col("opted_out")).height
    members = [f"+{number}" for number in irancell_at(bank, 1)["msisdn"][:25]]
    assert towered({"any": [TOWERS]}, bank) == alone > 30
    for listed in (TYPED, {"kind": "numbers", "numbers": members}):
        assert towered({"any": [TOWERS, listed]}, bank) == alone, "whoever of them is at the towers"
        assert towered({"any": [TOWERS], "none": [listed]}, bank) == alone
    assert towered({"any": [TOWERS, TYPED], "count": 50}, bank) == min(alone, 50 - 20)


def test_what_stands_beside_towers_does_not_count_for_them(bank: Bank) -> None:
    at_tower = irancell_at(bank, 1).filter(~pl.col("opted_out"))
    women = at_tower.filter(pl.col("gender") == "female").height
    narrow = {"all": [TOWERS, {"kind": "gender_age", "gender": "female", "age_from": 0, "age_to": 120}]}
    aged = at_tower.filter((pl.col("gender") == "female") & pl.col("born_on").is_not_null()).height
    assert women >= aged > 0
    assert towered({"any": [TEHRAN, TOWERS]}, bank) == at_tower.height
    assert towered({"any": [TEHRAN, narrow]}, bank) == aged
    assert towered({"all": [{"any": [TOWERS, TEHRAN]}]}, bank) == at_tower.height
    assert towered({"any": [TEHRAN], "none": [TOWERS]}, bank) is None
    cut = count(parse_audience({"any": [TEHRAN, TOWERS], "count": 100}), bank.population, ACCOUNT)
    assert cut.towered is not None
    assert cut.towered < at_tower.height, "of a slice only who stands in it"


@pytest.mark.parametrize(
    ("shape", "field"),
    [
        (CIRCLE | {"radius_m": 5}, "shape.radius_m"),
        (CIRCLE | {"radius_m": 900_000}, "shape.radius_m"),
        (CIRCLE | {"lon": 200}, "shape.lon"),
        ({"kind": "circle", "lon": 51.4, "lat": 35.7}, "shape.radius_m"),
        ({"kind": "square"}, "shape.kind"),
        ({"kind": "polygon", "geometry": {"type": "Point"}}, "shape.geometry"),
        (CIRCLE | {"operator": "mci"}, "shape.operator"),
    ],
)
def test_a_shape_that_no_tower_send_takes_is_refused_by_its_field(shape: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_audience({"any": [{"kind": "towers_in", "shape": shape}]})
    assert refused.value.field == f"any.0.{field}"


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        ({"all": [TEHRAN, {"all": [TEHRAN], "none": [{"all": [TEHRAN], "none": [TOWERS]}]}]},
         "all.1.none.0.none.0"),
        ({"any": [TEHRAN], "none": [{"any": [TEHRAN], "none": [TOWERS]}]}, "none.0.none.0"),
    ],
)  # fmt: skip
def test_towers_that_are_left_out_twice_are_refused_for_they_would_bring_people_unasked(
    bank: Bank, tree: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused, match="none inside a none") as refused:
        towered(tree, bank)
    assert refused.value.field == field
    assert towered({"any": [TEHRAN], "none": [TOWERS]}, bank) is None, "left out once they bring nobody"
