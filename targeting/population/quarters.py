"""Named parts of cities: municipal districts and the quarters of Tehran, with the postcodes dealt to them."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from data.reference import outlines
from targeting.population import facts
from targeting.population.country import Country
from targeting.population.places import TEHRAN, Places


def postcode_areas(layout: Places, country: Country) -> pl.DataFrame:
    """Return prefix (five digits), province, city, name_fa: one row for each code and city (or county's
    country).
    """
    cities = country.table("cities")
    counties = {row["code"]: row for row in facts.counties().iter_rows(named=True)}
    names = dict(zip(cities["code"], cities["name_fa"], strict=True))
    codes = cities["code"].to_list()
    rows = []
    for place, prefixes in enumerate(layout.codes):
        county = counties[layout.counties[layout.county[place]]]
        city = codes[layout.city[place]] if layout.city[place] >= 0 else None
        name = names[city] if city else county["name_fa"]
        rows += [(f"{code:05d}", county["province"], city, name) for code in prefixes]
    frame = pl.DataFrame(rows, schema=["prefix", "province", "city", "name_fa"], orient="row")
    return frame.unique(["prefix", "city"], keep="first", maintain_order=True).sort(
        "prefix", "city", nulls_last=True
    )


def districts_with_codes(layout: Places, country: Country) -> pl.DataFrame:
    """Return code, city, name_fa, name_en, postcode_prefixes, wkb (Tehran's 22 districts only)."""
    shapes = {f.code: f for f in outlines.features("tehran_districts")}
    dealt = _dealt(layout, country)
    rows = []
    for row in facts.districts().iter_rows(named=True):
        outline = shapes.get(row["code"])
        rows.append({
            "code": row["code"], "city": row["city"], "name_fa": row["name_fa"],
            "name_en": outline.properties["name_en"] if outline else None,
            "postcode_prefixes": dealt.get(row["code"], []),
            "wkb": shapely.to_wkb(outline.geometry) if outline else None,
        })  # fmt: skip
    return pl.DataFrame(rows + _quarters(dealt), schema_overrides={"wkb": pl.Binary, "name_en": pl.String})


def _dealt(layout: Places, country: Country) -> dict[str, list[str]]:
    """The codes of each municipal district: Tehran's are places of their own, elsewhere a city's codes are
    cut evenly.
    """
    dealt = {name: _texts(codes) for name, codes in zip(layout.district, layout.codes, strict=True) if name}
    of_city = {int(city): codes for city, codes in zip(layout.city, layout.codes, strict=True) if city >= 0}
    number = {code: place for place, code in enumerate(country.table("cities")["code"])}
    for (city,), group in (
        facts.districts().filter(pl.col("city") != TEHRAN).group_by("city", maintain_order=True)
    ):
        codes = of_city.get(number.get(str(city), -1), np.empty(0, dtype=np.int64))
        for code, part in zip(group["code"], np.array_split(codes, group.height), strict=True):
            dealt[code] = _texts(part)
    return dealt


def _quarters(dealt: dict[str, list[str]]) -> list[dict[str, object]]:
    """Quarters of Tehran take the codes of their district in turn; the few codes of a small build may not
    suffice.
    """
    rows: list[dict[str, object]] = []
    for (district,), group in facts.neighbourhoods().group_by("district", maintain_order=True):
        codes = dealt.get(str(district), [])
        for place, name in enumerate(group["name_fa"]):
            rows.append({
                "code": f"{district}-{place + 1:02d}", "city": TEHRAN, "name_fa": name, "name_en": None,
                "postcode_prefixes": codes[place :: group.height], "wkb": None,
            })  # fmt: skip
    return rows


def _texts(codes: np.typing.NDArray[np.int64]) -> list[str]:
    return [f"{code:05d}" for code in codes]
