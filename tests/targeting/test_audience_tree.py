"""The tree of an audience file: what it may hold, how it is refused, and what makes two trees the same."""

from __future__ import annotations

from typing import Any

import pytest

from data.errors import Refused
from targeting.audience import audience_hash, canonical, parse_audience, understand
from tests.targeting.conftest import Bank

MCI = {"kind": "line", "operator": "mci"}
AGES = {"kind": "gender_age", "age_from": 20, "age_to": 30}


def nested(levels: int) -> dict[str, Any]:
    return {"any": [nested(levels - 1) if levels else MCI]}


@pytest.mark.parametrize(
    ("obj", "field", "says"),
    [
        ([], "audience", "any, all, none"),
        ({}, "any", "at least one"),
        ({"any": [], "all": []}, "any", "at least one"),
        ({"none": [MCI]}, "any", "none only takes away"),
        ({"any": [{"all": []}]}, "any.0", "at least one"),
        ({"some": [MCI]}, "some", "any, all, none, row, count, series"),
        ({"any": MCI}, "any", "list"),
        ({"any": ["mci"]}, "any.0", "kind"),
        ({"any": [{"kind": "wish"}]}, "any.0.kind", "circle"),
        ({"any": [{"kind": ["line"]}]}, "any.0.kind", "circle"),
        ({"any": [{"any": [MCI], "row": 2}]}, "any.0.row", "any, all, none"),
        ({"all": [{"any": [MCI, {"kind": "line", "operator": 5.5}]}]}, "all.0.any.1.operator", "text"),
        ({"any": [MCI], "row": 0}, "row", "1 or more"),
        ({"any": [MCI], "row": -3}, "row", "1 or more"),
        ({"any": [MCI], "row": True}, "row", "whole"),
        ({"any": [MCI], "count": 0}, "count", "1 or more"),
        ({"any": [MCI], "count": "5"}, "count", "whole"),
        ({"any": [MCI], "series": ""}, "series", "1 to 80"),
        (nested(8), "any.0.any.0.any.0.any.0.any.0.any.0.any.0.any.0", "8 levels"),
        ({"any": [MCI] * 201}, "audience", "200"),
        ({"any": [{"kind": "file", "path": "x.csv"}]}, "any.0.path", "upload"),
    ],
)
def test_a_wrong_tree_is_refused_by_its_dotted_field(obj: Any, field: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_audience(obj)
    assert (refused.value.field, says in refused.value.en) == (field, True), refused.value


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: dict[str, Any] = {"any": []}
    loop["any"].append(loop)
    with pytest.raises(Refused):
        parse_audience(loop)


def key(tree: dict[str, Any], bank: Bank) -> str:
    return audience_hash(understand(parse_audience(tree), bank.population, None))


def test_the_order_of_conditions_does_not_change_the_identity(bank: Bank) -> None:
    first = {"any": [MCI, AGES], "all": [{"kind": "occupation", "codes": ["J2", "J1", "J1"]}]}
    second = {"all": [{"codes": ["J1", "J2"], "kind": "occupation"}], "any": [AGES, MCI]}
    assert key(first, bank) == key(second, bank)
    assert key(first, bank) != key({"any": [MCI, AGES]}, bank)


def test_row_count_and_series_are_no_part_of_the_identity(bank: Bank) -> None:
    cut = {"any": [MCI], "row": 5, "count": 9, "series": "spring"}
    assert key({"any": [MCI]}, bank) == key(cut, bank)
    assert canonical(parse_audience(cut)) == {"any": [MCI], "row": 5, "count": 9, "series": "spring"}


def test_a_canonical_tree_parses_to_itself() -> None:
    tree = parse_audience({"any": [{"any": [AGES, MCI], "none": [MCI]}], "row": 3})
    assert canonical(parse_audience(canonical(tree))) == canonical(tree)
