"""Nobody, because the snapshot holds no such place, tower or column, is said as that and not as privacy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import Refused
from targeting.audience import Scope, count, parse_audience, told
from targeting.privacy import shown
from tests.targeting.conftest import TODAY, make_people, write_bank

ACCOUNT = Scope(account_id=7, today=TODAY, advertising=True)
FAR = {"kind": "circle", "lon": 50.5, "lat": 35.2, "radius_m": 1_000}
RING = [[50.2, 35.2], [50.4, 35.2], [50.4, 35.4], [50.2, 35.2]]
GONE: dict[str, dict[str, Any]] = {  # columns that nobody has: name → cast of null
    "occupation": {"kind": "occupation", "codes": ["J1"]},
    "born_on": {"kind": "gender_age", "age_from": 20, "age_to": 40},
    "line_type": {"kind": "line", "line_type": "prepaid"},
    "lon": {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 9_000},
    "tower": {"kind": "towers", "towers": ["GSM-432-11-1-1"]},
}


@pytest.fixture
def tehran(tmp_path: Path) -> Any:
    """People of one province and one city only, without rightel's."""
    people = make_people(600).filter((pl.col("province") == "23") & (pl.col("operator") != "rightel"))
    population = write_bank(tmp_path / "tehran.duckdb", people.with_columns(city=pl.lit("2301")))
    yield population
    population.close()


@pytest.mark.parametrize(
    ("condition", "field", "says"),
    [
        ({"kind": "region", "province": "10"}, "province", "holds nobody of Isfahan"),
        ({"kind": "region", "province": "23", "city": "2302"}, "city", "holds nobody of Karaj"),
        ({"kind": "line", "city": "1001"}, "city", "it holds people of Tehran"),
        ({"kind": "gender_age", "age_from": 1, "age_to": 9, "province": "10"}, "province", "of Isfahan"),
        ({"kind": "towers_in", "shape": FAR}, "shape", "no tower in this shape"),
        ({"kind": "towers_in", "shape": {"kind": "polygon", "geometry": {"type": "Polygon",
                                                                           "coordinates": [RING]}}},
         "shape", "no tower in this shape"),
    ],
)  # fmt: skip
def test_a_place_that_the_snapshot_does_not_hold_is_said_to_be_that(
    tehran: Any, condition: dict[str, Any], field: str, says: str
) -> None:
    for ask in (count, told):
        with pytest.raises(Refused, match=says) as refused:
            ask(parse_audience({"any": [condition]}), tehran, ACCOUNT)
        assert refused.value.field == f"any.0.{field}"
        assert "کمتر از" not in refused.value.fa


@pytest.mark.parametrize("column", GONE)
def test_a_column_that_nobody_has_is_said_to_be_lacking(tmp_path: Path, column: str) -> None:
    people = make_people(60)
    gone = people.with_columns(pl.lit(None, dtype=people.schema[column]).alias(column))
    if column in ("occupation", "line_type"):
        gone = gone.with_columns(pl.lit(None, dtype=pl.String).alias(column))
    population = write_bank(tmp_path / "gone.duckdb", gone)
    with pytest.raises(Refused, match="in this population; choose in another way"):
        told(parse_audience({"any": [GONE[column]]}), population, ACCOUNT)
    population.close()


def test_an_operator_of_few_people_is_not_told_from_one_of_none(tmp_path: Path) -> None:
    few, none = make_people(600), make_people(600)
    here = (pl.col("province") == "23") & (pl.col("operator") == "rightel")
    rank = pl.col("msisdn").rank().over(here)
    few = few.filter(~here | (rank <= 9))
    none = none.filter(~here)
    said = []
    for name, people in (("few", few), ("none", none)):
        population = write_bank(tmp_path / f"{name}.duckdb", people)
        found = told(parse_audience({"any": [{"kind": "region", "province": "23"}]}), population, ACCOUNT)
        document = shown(found, ACCOUNT)
        said.append({key: sorted(document[key]) for key in ("by_operator", "selected_by_operator")})
        for cells in (document["by_operator"], document["selected_by_operator"]):
            assert cells["rightel"] is None
            assert sum(n is None for n in cells.values()) > 1, "nor can it be worked out of the sum"
        population.close()
    assert said[0] == said[1]


def test_an_operator_that_a_condition_leaves_out_is_no_secret(tmp_path: Path) -> None:
    population = write_bank(tmp_path / "b.duckdb", make_people(600))
    tree = {"any": [{"kind": "region", "province": "23", "operator": "mci"}]}
    document = shown(told(parse_audience(tree), population, ACCOUNT), ACCOUNT)
    assert document["by_operator"] == {"mci": document["matched"]}
    both = {"any": [*tree["any"], {"kind": "line", "operator": "irancell", "line_type": "prepaid"}]}
    document = shown(told(parse_audience(both), population, ACCOUNT), ACCOUNT)
    assert set(document["by_operator"]) == {"mci", "irancell"}
    population.close()
