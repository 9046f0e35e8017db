"""Synthetic people of Iran against the census, the numbering plan and themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from data.errors import Refused
from data.rules.msisdn_columns import parse_column
from data.rules.operators import prefix_of
from data.rules.operators_columns import operator_column
from data.settings import settings
from targeting.population import facts, people, places
from targeting.population.build import build_population
from targeting.population.choice import choice
from targeting.population.codes import TAILS
from targeting.population.iran import iran
from targeting.population.near import BLOCK, nearest_point
from targeting.population.report import BuildRequest
from targeting.population.synthesise import Wanted, synthesise_iran

TODAY = date(2026, 11, 22)
PEOPLE = 60_000


@pytest.fixture(scope="module")
def drawn() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """People of all Iran, their towers, the districts."""
    country = iran()
    frame = synthesise_iran(country, Wanted(PEOPLE, TODAY, seed=11))
    return frame, country.table("towers"), country.table("districts")


def test_the_same_seed_gives_the_same_people_and_another_seed_does_not(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    country = iran()
    again = synthesise_iran(country, Wanted(PEOPLE, TODAY, seed=11))
    assert again.equals(drawn[0])
    assert country.table("towers").equals(drawn[1])
    other = synthesise_iran(iran(), Wanted(PEOPLE, TODAY, seed=12))
    assert not other["msisdn"].equals(again["msisdn"])


def test_every_number_is_unique_valid_and_of_its_prefix_s_operator(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    frame = drawn[0]
    assert frame["msisdn"].n_unique() == PEOPLE
    parsed = parse_column(frame["msisdn"].cast(pl.String))
    assert parsed["reason"].null_count() == PEOPLE
    assert parsed["msisdn"].equals(frame["msisdn"])
    by_prefix = frame.select(operator_column(pl.col("msisdn")).alias("operator"))["operator"]
    assert by_prefix.to_list() == frame["operator"].cast(pl.String).to_list()
    for msisdn, line_type in (
        frame.select("msisdn", pl.col("line_type").cast(pl.String)).head(3_000).iter_rows()
    ):
        prefix = prefix_of(msisdn)
        assert prefix is not None
        assert line_type in prefix.line_types


def test_operators_have_their_share_of_the_market(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    share = dict(drawn[0].group_by(pl.col("operator").cast(pl.String)).agg(pl.len() / PEOPLE).iter_rows())
    assert share["mci"] == pytest.approx(0.55, abs=0.01)
    assert share["irancell"] == pytest.approx(0.40, abs=0.01)
    assert share["rightel"] == pytest.approx(0.04, abs=0.005)


def test_ages_of_a_county_follow_the_census_within_sampling_error() -> None:
    census = facts.census()
    found = people.draw_people(census, 400_000, as_of=TODAY, rng=np.random.default_rng(5))
    born = pl.Series(found.born_on).cast(pl.Date)
    age = (facts.CENSUS_DAY.year - born.dt.year()) - (
        born.dt.ordinal_day()
        > facts.CENSUS_DAY.timetuple().tm_yday + (born.dt.is_leap_year().cast(pl.Int16) - 1)
    ).cast(pl.Int32)
    for county in ("2301", "0001", "1002"):
        here = found.county == found.counties.index(county)
        expected = census.filter((pl.col("county") == county) & (pl.col("age") >= 3))
        for sex, columns in enumerate((("male_urban", "male_rural"), ("female_urban", "female_rural"))):
            count = np.bincount(age.to_numpy()[here & (found.gender == sex)], minlength=101)[3:]
            share = expected.select(pl.sum_horizontal(columns)).to_series().to_numpy()
            mean = count.sum() * (share / share.sum())
            spread = (count - mean) / np.sqrt(np.maximum(mean, 1))
            assert np.abs(spread).max() < 5
            assert (spread**2).mean() < 1.6


def test_counties_have_the_people_that_the_census_counted() -> None:
    census = facts.census()
    found = people.draw_people(census, 400_000, as_of=TODAY, rng=np.random.default_rng(6))
    adult = (
        census.filter(pl.col("age") >= 3)
        .group_by("county", maintain_order=True)
        .agg(pl.sum("male_urban", "female_urban", "male_rural", "female_rural"))
    )
    total = adult.select(pl.sum_horizontal(pl.exclude("county"))).to_series().to_numpy()
    mean = 400_000 * (total / total.sum())
    count = np.bincount(found.county, minlength=len(mean))
    assert np.abs((count - mean) / np.sqrt(mean)).max() < 6


def test_nobody_under_twelve_has_a_number(drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    assert drawn[0]["born_on"].max() == date(2014, 11, 22)


def test_postcodes_follow_the_public_pattern_and_are_unequal(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    codes = drawn[0]["postcode"]
    assert codes.str.contains(r"^[13-9]{4}[1346-9][013-9]{5}$").all()
    tehran = drawn[0].filter(pl.col("city").cast(pl.String) == places.TEHRAN)
    per_code = tehran.group_by(tehran["postcode"].str.head(5)).len()["len"].to_numpy()
    assert per_code.std() / per_code.mean() > 0.5
    assert len(TAILS) == 9**5


def test_a_district_of_tehran_holds_exactly_those_with_its_postcodes(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    import shapely

    tehran = drawn[0].filter(pl.col("city").cast(pl.String) == places.TEHRAN)
    for row in drawn[2].filter(pl.col("wkb").is_not_null()).iter_rows(named=True):
        inside = shapely.contains_xy(
            shapely.buffer(shapely.from_wkb(row["wkb"]), 1e-5),
            tehran["lon"].to_numpy(),
            tehran["lat"].to_numpy(),
        )
        coded = tehran["postcode"].str.head(5).is_in(pl.Series(row["postcode_prefixes"]).implode()).to_numpy()
        assert (coded <= inside).all(), row["name_fa"]
        assert coded.sum() > 50


def test_everybody_is_seen_on_the_nearest_mast_and_on_the_own_network_where_it_stands_there(
    drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    frame, towers = drawn[0].head(3_000), drawn[1]
    x, y = np.radians(towers["lon"].to_numpy()), np.radians(towers["lat"].to_numpy())
    seen = frame["tower"].to_numpy()
    assert towers["id"].to_list() == list(range(towers.height))
    own = towers["operator"].to_list()
    at = list(zip(towers["lon"], towers["lat"], strict=True))
    networks: dict[tuple[float, float], set[str]] = {}
    for place, name in zip(at, own, strict=True):
        networks.setdefault(place, set()).add(name)
    rows = frame.select("lon", "lat", pl.col("operator").cast(pl.String)).iter_rows()
    for (lon, lat, operator), tower in zip(rows, seen, strict=True):
        half = np.sin((y - np.radians(lat)) / 2) ** 2
        half += np.cos(y) * np.cos(np.radians(lat)) * np.sin((x - np.radians(lon)) / 2) ** 2
        assert half[tower] <= half.min() * (1 + 1e-9) + 1e-15
        if operator in networks[at[tower]]:
            assert own[tower] == operator


def test_one_province_holds_everybody_when_asked() -> None:
    frame = synthesise_iran(iran(), Wanted(5_000, TODAY, seed=1, province="23"))
    assert frame["province"].cast(pl.String).unique().to_list() == ["23"]


def test_neighbours_are_stored_together(drawn: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    step = drawn[0].select(pl.col("lon", "lat").diff().abs().median())
    assert step.row(0) < (0.1, 0.1)


def test_block_search_finds_what_measuring_every_distance_finds() -> None:
    rng = np.random.default_rng(3)
    at = np.sort(rng.normal(0, 1, (BLOCK * 40 + 7, 2)) ** 3, axis=0) + np.array([50, 35])
    points = rng.normal(0, 1, (300, 2)) ** 3 + np.array([50, 35])
    lon, lat, x, y = *np.radians(at.T)[:, :, None], *np.radians(points.T)[:, None]
    half = np.sin((y - lat) / 2) ** 2 + np.cos(lat) * np.cos(y) * np.sin((x - lon) / 2) ** 2
    found = nearest_point(at, points)
    assert np.allclose(half[np.arange(len(at)), found], half.min(axis=1), rtol=1e-9, atol=0)


def test_a_list_s_options_are_drawn_by_weight() -> None:
    pick = choice(np.array([1, 0, 1, 0]), np.array([3.0, 0.0, 1.0, 2.0]))
    got = pick.draw(np.repeat([0, 1], 20_000), np.random.default_rng(1))
    assert set(got[:20_000]) == {3}
    assert (got[20_000:] == 0).mean() == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"synthetic": 0}, "synthetic"),
        ({"synthetic": None}, "raw"),
        ({"province": "nowhere"}, "province"),
        ({"region": "Iran"}, "region"),
        ({"region": "SR"}, "raw"),
    ],
)
def test_a_wish_that_cannot_be_met_names_its_field(
    wish: dict[str, object], field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPAR_HOME", str(tmp_path))
    settings.cache_clear()
    asked: dict[str, object] = {
        "today": TODAY,
        "now": datetime(2026, 11, 22, tzinfo=UTC),
        "synthetic": 100,
        **wish,
    }
    with pytest.raises(Refused) as refused:
        build_population(BuildRequest(**asked))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not list((tmp_path / "population").glob("*")) if (tmp_path / "population").exists() else True
