"""Criteria that cannot be right: each is refused by its dotted field, with the mend, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import Refused
from targeting.audience import Scope, count, parse_audience
from tests.targeting.conftest import Bank, make_people, write_bank


def ring(*corners: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 0}, "radius_m", "more than 0"),
    ({"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": -5}, "radius_m", "more than 0"),
    ({"kind": "circle", "lon": 251.4, "lat": 35.7, "radius_m": 5}, "lon", "-180"),
    ({"kind": "circle", "lon": "51", "lat": 35.7, "radius_m": 5}, "lon", "number"),
    ({"kind": "circle", "lon": float("nan"), "lat": 35.7, "radius_m": 5}, "lon", "number"),
    ({"kind": "circle", "lon": True, "lat": 35.7, "radius_m": 5}, "lon", "number"),
    ({"kind": "circle", "lon": 35.7, "lat": 51.4, "radius_m": 5000}, "lon", "outside the country"),
    ({"kind": "circle", "lat": 35.7, "radius_m": 5000}, "lon", "required"),
    (
        {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 5, "colour": "red"},
        "colour",
        "fields are lon, lat",
    ),
    ({"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 5, "operator": "acme"}, "operator", "irancell"),
    ({"kind": "polygon", "geometry": {"type": "Point", "coordinates": [51, 35]}}, "geometry", "Polygon"),
    ({"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": []}}, "geometry", "empty"),
    (
        {"kind": "polygon", "geometry": ring([51, 35], [51, 35], [51, 35])},
        "geometry",
        "no area; draw at least three",
    ),
    (
        {"kind": "polygon", "geometry": ring([51, 35], [52, 36], [51, 35])},
        "geometry",
        "no area; draw at least three",
    ),
    (
        {"kind": "polygon", "geometry": ring([51, 35], [52, 35], [53, 35])},
        "geometry",
        "no area; draw at least three",
    ),
    (
        {"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [[[51, 35], [51, 36]]]}},
        "geometry",
        "ring",
    ),
    (
        {"kind": "polygon", "geometry": {"type": "Polygon", "coordinates": [[[51, "35"], [51, 36]]]}},
        "geometry",
        "position",
    ),
    (
        {
            "kind": "polygon",
            "geometry": {"type": "Polygon", "coordinates": [[[51, 95], [51, 36], [52, 36], [51, 95]]]},
        },
        "geometry",
        "position",
    ),
    (
        {
            "kind": "polygon",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[51, 35.5], [52, 36.5], [52, 35.5], [51, 36.5], [51, 35.5]]],
            },
        },
        "geometry",
        "crosses",
    ),
    (
        {
            "kind": "polygon",
            "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]},
        },
        "geometry",
        "outside the country",
    ),
    (
        {
            "kind": "polygon",
            "geometry": {"type": "Polygon", "coordinates": [[[51 + i / 1e5, 36] for i in range(10_002)]]},
        },
        "geometry",
        "simplify",
    ),
    ({"kind": "towers", "towers": ["GSM-432"]}, "towers.0", "radio-mcc-net-area-cell"),
    ({"kind": "towers", "towers": ["GSM-432-1-1-99"]}, "towers", "not in this population"),
    ({"kind": "towers", "towers": []}, "towers", "at least one"),
    ({"kind": "gender_age", "age_from": 30, "age_to": 20}, "age_to", "no greater"),
    ({"kind": "gender_age", "age_from": 1.5, "age_to": 20}, "age_from", "whole number"),
    ({"kind": "gender_age", "age_from": 1, "age_to": 200}, "age_to", "120"),
    ({"kind": "gender_age", "age_from": 1, "age_to": 20, "gender": "cat"}, "gender", "male"),
    ({"kind": "region", "province": "Atlantis"}, "province", "Tehran (23)"),
    ({"kind": "region", "province": "تهران", "city": "اصفهان"}, "city", "not in the province"),
    ({"kind": "line", "city": "Karaj"}, "city", "Karaj (2302) in Tehran"),
    ({"kind": "line"}, "operator", "give an operator"),
    ({"kind": "line", "line_type": "gold"}, "line_type", "prepaid"),
    ({"kind": "postcode", "prefix": "113"}, "prefix", "exactly the first 5"),
    ({"kind": "postcode", "prefix": "11a45"}, "prefix", "exactly the first 5"),
    (
        {"kind": "postcode", "prefix": "51336"},
        "prefix",
        "not covered yet; covered are codes that begin with 1",
    ),
    ({"kind": "prefix", "prefix": "9"}, "prefix", "2 to 6"),
    ({"kind": "prefix", "prefix": "0777"}, "prefix", "912"),
    ({"kind": "prefix", "prefix": "099833"}, "prefix", "no operator has the prefix 99833"),
    ({"kind": "district", "names": ["Narnia"]}, "names", "Vanak (d1) in Tehran"),
    ({"kind": "district", "names": ["بی مرز"]}, "names", "draw a polygon"),
    ({"kind": "district", "names": ["بی‌مرز"]}, "names", "draw a polygon"),
    ({"kind": "occupation", "codes": ["pirate"]}, "codes", "Doctor (J1)"),
]


@pytest.mark.parametrize(("criterion", "field", "says"), REFUSED)
def test_a_wrong_criterion_is_refused_by_its_dotted_field_and_mend(
    bank: Bank, who: Scope, criterion: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Refused) as refused:
        count(
            parse_audience({"any": [{"kind": "region", "province": "23"}, criterion]}), bank.population, who
        )
    assert refused.value.field == f"any.1.{field}"
    assert says in refused.value.en
    assert any("\u0600" <= sign <= "\u06ff" for sign in refused.value.fa)


@pytest.mark.parametrize(
    "criterion", [{"kind": "postcode", "prefix": "11336"}, {"kind": "district", "names": ["11336"]}]
)
def test_a_postcode_is_refused_where_nobody_has_one(
    criterion: dict[str, Any], who: Scope, tmp_path: Path
) -> None:
    people = make_people(20).with_columns(postcode=pl.lit(None, dtype=pl.String))
    with write_bank(tmp_path / "bare.duckdb", people) as population:
        with pytest.raises(Refused, match="nobody in this population has a postcode") as refused:
            count(parse_audience({"any": [criterion]}), population, who)
        assert refused.value.field.startswith("any.0.")
