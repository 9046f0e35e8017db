"""Who lives in Iran, drawn from the census of Aban 1395 (October 2016): county, age, sex, urban or rural,
birthday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from targeting.population.facts import CENSUS_DAY

AGE_MIN = 12  # nobody younger has a number of their own
GENDERS = ("male", "female")
_GROUPS = ("male_urban", "female_urban", "male_rural", "female_rural")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class People:
    """People in columns, one element a person, grouped by county."""

    county: npt.NDArray[np.int16]  # index into `counties`
    urban: npt.NDArray[np.bool_]
    gender: npt.NDArray[np.uint8]  # index into GENDERS
    born_on: npt.NDArray[np.int32]  # days since 1970-01-01
    counties: list[str]


def draw_people(census: pl.DataFrame, count: int, *, as_of: date, rng: np.random.Generator) -> People:
    """Draw `count` people in the proportions of a census table (as `facts.census`), each at least AGE_MIN at
    `as_of`.

    A birthday is any day of the year that makes the person's age in the census.
    """
    names = census["county"].unique(maintain_order=True).to_list()
    ages = census["age"].to_numpy().astype(np.int64)
    first, days = _birthdays(ages, as_of)
    full = _birthdays(ages, date.max)[1]
    weights = census.select(_GROUPS).to_numpy() * (days / full)[:, None]
    drawn = rng.multinomial(count, (weights / weights.sum()).ravel())
    cell = np.repeat(np.arange(drawn.size, dtype=np.int32), drawn)
    row, group = cell // len(_GROUPS), (cell % len(_GROUPS)).astype(np.uint8)
    county_of_row = census["county"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int16)
    day = (rng.random(count, dtype=np.float32) * days[row]).astype(np.int32)
    return People(
        county=county_of_row[row],
        urban=group < 2,
        gender=group % 2,
        born_on=(first[row] + np.minimum(day, days[row] - 1)).astype(np.int32),
        counties=names,
    )


def years_before(day: date, years: int) -> date:
    """Return the same day `years` earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _birthdays(ages: Ints, as_of: date) -> tuple[Ints, Ints]:
    """The first birthday (day number) of each age at the census, and how many days it may fall on."""
    epoch = date(1970, 1, 1)
    youngest = (years_before(as_of, AGE_MIN) - epoch).days if as_of < date.max else 10**6
    known = int(ages.max()) + 1
    begin = np.array(
        [(years_before(CENSUS_DAY, age + 1) - epoch).days + 1 for age in range(known)], dtype=np.int64
    )
    end = np.array([(years_before(CENSUS_DAY, age) - epoch).days for age in range(known)], dtype=np.int64)
    days = np.clip(np.minimum(end, youngest) - begin + 1, 0, None)
    return begin[ages], days[ages]
