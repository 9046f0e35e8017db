"""What the map draws, from our own files: outlines, names, towers in view. Never a tile server."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data import reference
from targeting.map import towers_between

if TYPE_CHECKING:
    from starlette.requests import Request

OSM, NATURAL_EARTH = "© OpenStreetMap contributors", "Natural Earth"
LAYERS = {
    "land": ("natural_earth/provinces.geojson", NATURAL_EARTH),
    "areas": ("odbl/counties.geojson", OSM),
    "districts": ("odbl/tehran_districts.geojson", OSM),
}
DAY = {"cache-control": "private, max-age=86400"}
PROVINCE, CITY, TOWN = 1, 2, 3  # ranks: from which zoom on a name is written
CITY_WEIGHT = 90_000
TOWERS_MAX = 3_000


async def outline(request: Request) -> Response:
    """Return one outline layer as GeoJSON with its attribution."""
    name = request.path_params["name"]
    if name not in LAYERS:
        return Response(status_code=404)
    return Response(await to_thread.run_sync(_layer, name), media_type="application/geo+json", headers=DAY)


async def places(_request: Request) -> Response:
    """Return the names that the map writes, the most important first."""
    return JSONResponse(await to_thread.run_sync(_places), headers=DAY)


async def towers(request: Request) -> Response:
    """Return lon and lat of the towers in a box; of a dense box only as many as can be seen apart."""
    try:
        west, south, east, north = (float(part) for part in request.query_params.get("bbox", "").split(","))
    except ValueError:
        return Response("bbox is west,south,east,north\n", 400)
    found = await to_thread.run_sync(towers_between, (west, south, east, north), TOWERS_MAX)
    return JSONResponse(found, headers={"cache-control": "private, max-age=300"})


@cache
def _layer(name: str) -> bytes:
    file, attribution = LAYERS[name]
    found = json.loads(reference.text(file))
    return json.dumps(
        {**found, "attribution": attribution}, ensure_ascii=False, separators=(",", ":")
    ).encode()


@cache
def _places() -> list[dict[str, Any]]:
    rows = [(PROVINCE, float(row["population_2016"]), row) for row in reference.rows("provinces.csv")]
    for row in reference.rows("cities.csv"):
        weight = float(row["weight"] or 0)
        rows.append((CITY if weight >= CITY_WEIGHT else TOWN, weight, row))
    rows.sort(key=lambda found: (found[0], -found[1]))
    return [
        {
            "rank": rank,
            "fa": row["name_fa"],
            "en": row["name_en"],
            "lon": float(row["lon"]),
            "lat": float(row["lat"]),
        }
        for rank, _, row in rows
        if row["lon"]
    ]


ROUTES = [
    Route("/shapes/places.json", places),
    Route("/shapes/towers.json", towers),
    Route("/shapes/{name}.geojson", outline),
]
