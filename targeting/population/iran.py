"""Iran as it is shipped with the product: its provinces, cities, prefixes, trades and outline."""

from __future__ import annotations

from datetime import date

import polars as pl
import shapely

from data.reference import outlines
from data.rules.operators import prefixes
from targeting.names import key
from targeting.population import facts
from targeting.population.country import SCHEMAS, Country, Source

_DIVISION = date(2020, 3, 20)
_SHIPPED = date(2026, 1, 1)


def iran() -> Country:
    """Return the country with every shipped table; towers, districts and postcode areas are added by a build.
    """
    outline = shapely.union_all([f.geometry for f in outlines.features("country")])
    country = Country("IR", facts.TIMEZONE, outline)
    country.put("provinces", facts.provinces(), Source("SCI codes; ISO 3166-2:IR", _DIVISION))
    cities = facts.cities().with_columns(population=pl.col("weight").cast(pl.Int64))
    country.put(
        "cities", cities, Source("SCI division of 2020; points and sizes of GeoNames and others", _DIVISION)
    )
    country.put("prefixes", plan_frame("IR"), Source("numbering plan of libphonenumber and others", _SHIPPED))
    country.put("occupations", facts.occupations(), Source("written for this product", _SHIPPED))
    return country


def plan_frame(region: str) -> pl.DataFrame:
    """Return the shipped numbering plan of a region as a table of the snapshot."""
    rows = [
        {
            "prefix": p.prefix,
            "operator": p.operator or None,
            "line_types": list(p.line_types),
            "region": region,
        }
        for p in prefixes(region)
    ]
    return pl.DataFrame(rows, schema=SCHEMAS["prefixes"])


def province_code(name: str) -> str | None:
    """Return the code of a province given by code or by Persian or English name."""
    wanted = key(name)
    for row in facts.provinces().iter_rows(named=True):
        if wanted in (key(row["code"]), key(row["name_fa"]), key(row["name_en"])):
            return str(row["code"])
    return None
