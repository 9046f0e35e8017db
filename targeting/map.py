"""What a map shows of the published population: where it opens, its towers, a province's biggest city."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from data.store.population import current, open_population

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.codes import Code

ZOOMS, WIDEST = ((2.0, 10.0), (6.0, 7.0)), 5.0  # narrower than so many degrees → zoom
CACHED_SNAPSHOTS = 2
SAMPLE = 20_000  # people whose middle is close enough to that of all


def middle() -> tuple[float, float, float] | None:
    """Return lon and lat of the middle of the published population, and the zoom that shows most of it."""
    snapshot = current()
    return _middle_of(snapshot.name) if snapshot else None


@lru_cache(maxsize=CACHED_SNAPSHOTS)
def _middle_of(name: str) -> tuple[float, float, float] | None:
    query = (
        "SELECT median(lon), median(lat), quantile_cont(lon, 0.95) - quantile_cont(lon, 0.05)"
        f" FROM subscribers USING SAMPLE {SAMPLE}"
    )
    with open_population(name) as found:
        lon, lat, width = found.con.execute(query).fetchall()[0]
    if lon is None:
        return None
    return round(lon, 4), round(lat, 4), next((zoom for degrees, zoom in ZOOMS if width < degrees), WIDEST)


def towers_between(box: tuple[float, float, float, float], most: int) -> list[tuple[float, float]]:
    """Return lon, lat of the towers in a box (west, south, east, north); of more than `most` every n-th."""
    if current() is None:
        return []
    west, south, east, north = box
    where = "lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?"
    with open_population() as found:
        con, params = found.con, [west, east, south, north]
        total = con.execute(f"SELECT count(*) FROM towers WHERE {where}", params).fetchall()[0][0]
        step = max(1, -(-total // most))
        query = f"SELECT round(lon, 5), round(lat, 5) FROM towers WHERE {where} AND id % ? = 0"
        return [(lon, lat) for lon, lat in con.execute(query, [*params, step]).fetchall()]


def biggest_city(population: Population, province: Code | None) -> tuple[str, str, str, float, float] | None:
    """Return code, name_fa, name_en, lon, lat of the city of a province with most people, or None."""
    query = (
        "SELECT code, name_fa, name_en, lon, lat FROM cities WHERE province = ?"
        " ORDER BY population DESC NULLS LAST LIMIT 1"
    )
    row = population.con.execute(query, [province]).fetchone()
    return None if row is None else tuple(row)
