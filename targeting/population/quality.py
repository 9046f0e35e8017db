"""Marks of a table that was made up rather than measured (R1.51), and other things its page should say."""

from __future__ import annotations

import polars as pl

from data.settings import settings

CODES_MIN = 5  # fewer codes of a place say nothing
COUNT_MIN = 5.0  # mean number of phones per code
NOISE_SHARE = (
    0.5  # of the spread that mere chance would give: honest counts spread wider than chance, not narrower
)
POSTCODE_DIGITS = {"IR": 5}
SUSPECT = "suspect_uniform"
NO_AS_OF = "no_as_of"  # nobody says of which day the rows are


def uniform_places(counts: pl.DataFrame) -> list[str]:
    """Return the places whose counts per code are (nearly) constant; `counts`: place, code, count."""
    by_place = counts.group_by("place").agg(
        codes=pl.len(),
        mean=pl.col("count").cast(pl.Float64).mean(),
        spread=pl.col("count").cast(pl.Float64).std(ddof=0),
    )
    limit = pl.max_horizontal(
        pl.lit(settings().population.uniform_variation), NOISE_SHARE / pl.col("mean").sqrt()
    )
    found = by_place.filter(
        (pl.col("codes") >= CODES_MIN)
        & (pl.col("mean") >= COUNT_MIN)
        & (pl.col("spread") / pl.col("mean") < limit)
    )
    return sorted(found["place"].fill_null("").to_list())


def suspect_flags(counts: pl.DataFrame) -> list[str]:
    """Return `suspect_uniform` and, for each place that it is about, `suspect_uniform:<place>`."""
    places = uniform_places(counts)
    return [SUSPECT, *(f"{SUSPECT}:{place}" for place in places if place)] if places else []


def subscriber_counts(subscribers: pl.DataFrame, region: str) -> pl.DataFrame:
    """Count people by city (else province) and postcode (in Iran its first five digits)."""
    code = pl.col("postcode").str.head(POSTCODE_DIGITS.get(region, 10))
    place = pl.coalesce(pl.col("city").cast(pl.String), pl.col("province").cast(pl.String))
    return (
        subscribers.lazy().filter(pl.col("postcode").is_not_null()).group_by(place=place, code=code)
        .agg(count=pl.len()).collect()
    )  # fmt: skip
