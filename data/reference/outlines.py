"""The outlines shipped with the product: provinces (Natural Earth), counties, Tehran's districts, the country
(OSM, ODbL).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import shapely

_FOLDER = Path(__file__).parent
PATHS = {
    "provinces": _FOLDER / "natural_earth" / "provinces.geojson",
    "counties": _FOLDER / "odbl" / "counties.geojson",
    "tehran_districts": _FOLDER / "odbl" / "tehran_districts.geojson",
    "country": _FOLDER / "odbl" / "country.geojson",
}


class Feature(NamedTuple):
    """One outline: its code ("" for a county made after 2021), its properties, its polygon in WGS 84."""

    code: str
    properties: dict[str, Any]
    geometry: shapely.Geometry


@cache
def geojson(name: str) -> dict[str, Any]:
    """Return the FeatureCollection of `provinces`, `counties`, `tehran_districts` or `country`; do not change
    it.
    """
    found: dict[str, Any] = json.loads(PATHS[name].read_text(encoding="utf-8"))
    return found


@cache
def features(name: str) -> tuple[Feature, ...]:
    """Return the outlines as shapely geometries."""
    from shapely.geometry import shape

    return tuple(
        Feature(f["properties"]["code"] or "", f["properties"], shape(f["geometry"]))
        for f in geojson(name)["features"]
    )
