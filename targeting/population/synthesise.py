"""Synthetic people of Iran: the census for who and where, the numbering plan for numbers, the rest drawn
round them.

Everything is in columns, and one seed gives the same columns always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from data.errors import Refused
from data.rules.operators import prefixes
from targeting.population import curve, facts, numbering, people, places, positions
from targeting.population.choice import choice
from targeting.population.codes import TAILS, uneven
from targeting.population.country import Country, Source
from targeting.population.quarters import districts_with_codes, postcode_areas
from targeting.population.towers import nearest, place_towers

WORKING_AGES = (18, 64)
WORKING_SHARE = 0.55
OPTED_OUT_SHARE = 0.01

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw: how many, as of which day, by which seed, all in one province or not."""

    count: int
    as_of: date
    seed: int
    province: str | None = None  # code


def synthesise_iran(country: Country, wanted: Wanted) -> pl.DataFrame:
    """Return the subscribers, sorted by place; puts towers (unless given), districts and postcode areas in
    `country`.
    """
    rng = np.random.Generator(np.random.PCG64(wanted.seed))
    census, layout = _layout(wanted.province)
    drawn = people.draw_people(census, wanted.count, as_of=wanted.as_of, rng=rng)
    live = choice(layout.county * 2 + layout.urban, layout.people)
    place = live.draw(drawn.county * 2 + drawn.urban, rng).astype(np.int16)
    lon, lat = _positions(layout, place, rng)
    order = np.argsort(curve.curve_keys(lon, lat), kind="stable")
    lon, lat, place = lon[order].round(6), lat[order].round(6), place[order]
    frame = _columns(country, drawn, layout, place=place, order=order, wanted=wanted, rng=rng)
    frame = frame.with_columns(lon=lon, lat=lat)
    if country.table("towers").is_empty():
        _towers(country, frame, wanted, rng)
    ids = nearest(np.stack([lon, lat], axis=1), country.table("towers"), frame["operator"], rng)
    _areas(country, layout, wanted)
    return frame.with_columns(tower=pl.Series(ids))


@lru_cache(maxsize=2)
def _layout(province: str | None) -> tuple[pl.DataFrame, places.Places]:
    """The census and the places of the whole country or of one province; they do not depend on the seed."""
    census = _census(province)
    return census, places.iran_places(census)


def _census(province: str | None) -> pl.DataFrame:
    census = facts.census()
    if province is None:
        return census
    chosen = census.filter(pl.col("county").str.starts_with(province))
    if chosen.is_empty():
        raise Refused("province", f"no province has the code {province!r}", f"استانی با کد «{province}» نیست")
    return chosen


def _positions(
    layout: places.Places, place: npt.NDArray[np.int16], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    lon, lat = np.empty(len(place)), np.empty(len(place))
    shaped = layout.shape[place] >= 0
    inside = np.flatnonzero(shaped)
    lon[inside], lat[inside] = layout.shapes.draw(layout.shape[place[inside]], rng)
    around = np.flatnonzero(~shaped)
    centres = positions.Centres(layout.lon, layout.lat, layout.sigma_km)
    lon[around], lat[around] = centres.scatter(place[around], places.land_outline(), rng)
    return lon, lat


def _columns(
    country: Country, drawn: people.People, layout: places.Places, *,
    place: npt.NDArray[np.int16], order: Ints, wanted: Wanted, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """All columns but position and tower, in the order of the curve."""
    provinces = country.table("provinces")["code"].to_list()
    held = np.array([provinces.index(code[:2]) for code in drawn.counties])
    province = held[layout.county][place]
    plan = numbering.blocks(prefixes("IR"), provinces)
    line = numbering.lines(plan, province, rng)
    born_on = drawn.born_on[order]
    return pl.DataFrame({
        "msisdn": line.msisdn,
        "born_on": pl.Series(born_on).cast(pl.Date),
        "gender": named(drawn.gender[order], list(people.GENDERS)),
        "province": named(province, provinces),
        "city": named(layout.city[place], country.table("cities")["code"].to_list()),
        "postcode": _postcodes(layout, place, rng),
        "operator": named(line.operator, plan.operators),
        "line_type": named(line.postpaid, list(numbering.LINE_TYPES)),
        "occupation": occupations(country, born_on, wanted.as_of, rng),
        "opted_out": rng.random(len(place), dtype=np.float32) < OPTED_OUT_SHARE,
    })  # fmt: skip


def named(index: npt.NDArray[np.integer], names: list[str]) -> pl.Series:
    """Turn indices into a column of words (Enum); -1 becomes null."""
    small = np.uint8 if len(names) < 255 else np.uint16
    absent = index < 0
    if absent.all():
        return pl.Series([None] * len(index), dtype=pl.Enum(names))
    column = pl.Series(np.where(absent, 0, index).astype(small)).cat.to(pl.Enum(names))
    return column.set(pl.Series(absent), None) if absent.any() else column


def occupations(
    country: Country, born_on: npt.NDArray[np.int32], as_of: date, rng: np.random.Generator
) -> pl.Series:
    """Give part of those of working age a trade; some trades are far commoner than others."""
    codes = country.table("occupations")["code"].to_list()
    epoch = date(1970, 1, 1)
    youngest, oldest = (
        (people.years_before(as_of, age) - epoch).days for age in (WORKING_AGES[0], WORKING_AGES[1] + 1)
    )
    trades = choice(np.zeros(len(codes), dtype=np.int64), rng.gamma(1.0, size=len(codes)) + 0.05)
    index = trades.draw(np.zeros(len(born_on), dtype=np.int8), rng)
    works = (
        (born_on <= youngest)
        & (born_on > oldest)
        & (rng.random(len(born_on), dtype=np.float32) < WORKING_SHARE)
    )
    return named(np.where(works, index, -1), codes)


def _postcodes(layout: places.Places, place: npt.NDArray[np.int16], rng: np.random.Generator) -> pl.Series:
    five = np.concatenate(layout.codes)
    owner = np.repeat(np.arange(len(layout.codes)), [len(codes) for codes in layout.codes])
    drawn = five[choice(owner, uneven(len(five), rng)).draw(place, rng)]
    return pl.Series(drawn * 100_000 + TAILS[rng.integers(0, len(TAILS), len(place))]).cast(pl.String)


def _towers(country: Country, frame: pl.DataFrame, wanted: Wanted, rng: np.random.Generator) -> None:
    cells = place_towers(frame["lon"].to_numpy(), frame["lat"].to_numpy(), rng)
    person = cells["person"].to_numpy()
    seen = pl.lit(wanted.as_of).cast(pl.Datetime("us", "UTC"))
    towers = cells.with_columns(
        frame["province"].gather(person).cast(pl.String),
        frame["city"].gather(person).cast(pl.String),
        id=pl.int_range(pl.len(), dtype=pl.UInt32),
        name=pl.concat_str("radio", "mcc", "net", "area", "cell", separator="-"),
        created_at=seen,
        updated_at=seen,
    )
    country.put(
        "towers",
        towers,
        Source("synthetic, placed where the synthetic people are", wanted.as_of, ["synthetic"]),
    )


def _areas(country: Country, layout: places.Places, wanted: Wanted) -> None:
    """Which codes were dealt to which city, district and quarter: invented, and marked so."""
    flags = ["synthetic"]
    source = "codes of the post company's ranges, dealt to places by chance"
    country.put("postcode_areas", postcode_areas(layout, country), Source(source, wanted.as_of, flags))
    if not country.table("districts").is_empty():
        return  # the folder's own
    country.put("districts", districts_with_codes(layout, country), Source(
        "municipal districts of SCI, outlines of OpenStreetMap; postcodes dealt by chance",
        wanted.as_of, flags,
    ))  # fmt: skip
