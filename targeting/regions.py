"""Circles and polygons: bounding boxes in SQL, great-circle distance in SQL,
shapely for what a box leaves.

WGS 84 longitudes and latitudes in degrees (RFC 7946); the earth is a sphere of 6,371,008.8 m (its mean
radius).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from data.errors import Refused
from data.settings import settings
from targeting import meridian
from targeting.criterion import Condition, both, relation_name
from targeting.fields import is_real

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry as Geometry

    from data.store.population import Population
    from targeting.places import Places

EARTH_RADIUS_M = 6_371_008.8
HALF_EARTH_M = math.pi * EARTH_RADIUS_M
BOX_MARGIN_DEGREES = 1e-7  # about a centimetre: rounding never leaves a true hit outside the box
SHAPES = ("Polygon", "MultiPolygon")
_DISTANCE = (
    f"{2 * EARTH_RADIUS_M!r} * asin(sqrt(least(1.0, pow(sin(radians(s.lat - ?) / 2), 2)"
    " + cos(radians(?)) * cos(radians(s.lat)) * pow(sin(radians(s.lon - ?) / 2), 2)))) <= ?"
)


def circle_condition(lon: float, lat: float, radius_m: float) -> Condition:
    """Return who is within `radius_m` of a point, great circle, the edge included."""
    exact = Condition(_DISTANCE, [lat, lat, lon, radius_m])
    return both(box_condition(*circle_box(lon, lat, radius_m)), exact)


def circle_box(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a circle; west > east where it crosses the 180th meridian."""
    angle = min(radius_m / EARTH_RADIUS_M, math.pi)
    reach = math.degrees(angle) + BOX_MARGIN_DEGREES
    south, north = lat - reach, lat + reach
    if south <= -90 or north >= 90:  # a pole inside: every longitude is near
        return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
    ratio = min(1.0, math.sin(angle) / math.cos(math.radians(lat)))
    wide = math.degrees(math.asin(ratio)) + BOX_MARGIN_DEGREES
    return _turned(lon - wide), south, _turned(lon + wide), north


def box_condition(west: float, south: float, east: float, north: float) -> Condition:
    """Return who is inside a box of degrees, its edges included."""
    if west <= -180 and east >= 180:
        return Condition("s.lat BETWEEN ? AND ?", [south, north])
    if west > east:
        return Condition("s.lat BETWEEN ? AND ? AND (s.lon >= ? OR s.lon <= ?)", [south, north, west, east])
    return Condition("s.lon BETWEEN ? AND ? AND s.lat BETWEEN ? AND ?", [west, east, south, north])


def polygon_condition(shape: Geometry, population: Population) -> Condition:
    """Return who is inside a shape, its boundary included: a box in DuckDB, then shapely on what is left."""
    import shapely

    box = box_condition(*shape.bounds)
    query = f"SELECT msisdn, lon, lat FROM subscribers s WHERE {box.sql}"
    near = population.con.cursor().sql(query, params=box.params).pl()
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, near["lon"].to_numpy(), near["lat"].to_numpy())
    name = relation_name("inside")
    hits = near.filter(inside).select("msisdn")
    exact = Condition(f"s.msisdn IN (SELECT msisdn FROM {name})", [], {name: hits})
    return both(box, exact)


def read_shape(geometry: dict[str, Any], field: str = "geometry") -> Geometry:
    """Return the shape of a GeoJSON Polygon or MultiPolygon (or a Feature holding one),
    or refuse with the mend.
    """
    import shapely
    from shapely.geometry import shape

    if geometry.get("type") == "Feature" and isinstance(geometry.get("geometry"), dict):
        geometry = geometry["geometry"]
    if geometry.get("type") not in SHAPES:
        raise Refused(
            field, "draw a GeoJSON Polygon or MultiPolygon", "یک Polygon یا MultiPolygon از GeoJSON بکشید"
        )
    _refuse_positions(geometry.get("coordinates"), field)
    try:
        drawn: Geometry = shapely.force_2d(shape(geometry))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise Refused(
            field, "each ring needs at least four positions [lon, lat], the last equal to the first",
            "هر حلقه دست‌کم چهار مختصات [طول، عرض] می‌خواهد و آخری باید برابر نخستین باشد",
        ) from error  # fmt: skip
    return _cut(drawn, field)


def form_of(shape: Geometry) -> str:
    """Return the shape as text that is the same wherever its rings begin and however they turn."""
    import shapely

    return str(shapely.to_wkb(shapely.normalize(shape), hex=True))


def _cut(drawn: Geometry, field: str) -> Geometry:
    """Check a shape as it was drawn, then cut it at the 180th meridian where it goes over that."""
    try:
        shape = meridian.unwrapped(drawn)
    except meridian.AmbiguousError as error:
        where, where_fa = "round a pole", "گرد قطب می‌گردد"
        if error.west != error.east:
            where = f"from longitude {error}"
            where_fa = f"از {_longitude_fa(error.west)} به {_longitude_fa(error.east)} می‌رود"
        raise Refused(
            field,
            f"a side goes {where}, which could be meant either way round: put a corner between, "
            "or cut the shape at 180 into a MultiPolygon",
            f"ضلعی که {where_fa} دو معنا دارد: گوشه‌ای میان آن بگذارید یا شکل را در ۱۸۰ درجه به دو بخش "
            "(MultiPolygon) ببُرید",
        ) from error
    _refuse_broken(shape, field)
    return meridian.cut(shape)


def _longitude_fa(degrees: float) -> str:
    side = "شرقی" if degrees >= 0 else "غربی"
    return f"طول {abs(degrees):g} درجهٔ {side}"


def refuse_outside(shape: Geometry, places: Places, field: str) -> None:
    """Refuse a shape that touches no point of the country; without an outline nothing is refused."""
    outline = places.outline
    if outline is not None and not outline.intersects(shape):
        raise Refused(
            field, "this place lies outside the country of the population; longitude comes before latitude",
            "این جا بیرون از کشورِ جمعیت است؛ طول جغرافیایی پیش از عرض می‌آید",
        )  # fmt: skip


def box_shape(west: float, south: float, east: float, north: float) -> Geometry:
    """Return a box as a shape, for coarse tests; one over the 180th meridian becomes two."""
    import shapely

    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def _refuse_positions(coordinates: Any, field: str) -> None:
    """Bound the size and check every number before any geometry is made."""
    most, count, open_lists = settings().audience.vertices_max, 0, [coordinates]
    while open_lists:
        here = open_lists.pop()
        if not isinstance(here, list) or not here:
            raise Refused(
                field, "the shape is empty; draw at least three corners", "شکل خالی است؛ دست‌کم سه گوشه بکشید"
            )
        if isinstance(here[0], list):
            open_lists.extend(here)
            continue
        count += 1
        _refuse_position(here, field)
        if count > most:
            raise Refused(
                field, f"the shape has more than {most} corners; simplify it",
                f"شکل بیش از {most} گوشه دارد؛ آن را ساده‌تر کنید",
            )  # fmt: skip


def _refuse_position(position: list[Any], field: str) -> None:
    fine = 2 <= len(position) <= 4 and all(is_real(value) for value in position)
    if not fine or abs(position[0]) > meridian.REACH_DEGREES or abs(position[1]) > 90:
        raise Refused(
            field, f"{str(position)[:60]} is no position: write [longitude -180…180, latitude -90…90]",
            f"{str(position)[:60]} مختصات نیست: [طول، عرض] بنویسید، طول از منفی ۱۸۰ تا ۱۸۰ و "
            "عرض از منفی ۹۰ تا ۹۰",
        )  # fmt: skip


def _refuse_broken(drawn: Geometry, field: str) -> None:
    import shapely

    flat = drawn.is_empty or shapely.convex_hull(drawn).area == 0
    if flat or "Too few points" in shapely.is_valid_reason(drawn):
        raise Refused(
            field,
            "the shape has no area; draw at least three different corners that are not on one line",
            "شکل مساحتی ندارد؛ دست‌کم سه گوشه متفاوت بکشید که روی یک خط نباشند",
        )
    if not shapely.is_valid(drawn):
        reason = shapely.is_valid_reason(drawn)
        raise Refused(
            field, f"the shape crosses or touches itself ({reason}); draw it without crossing lines",
            f"خط‌های شکل یکدیگر را می‌برند ({reason})؛ آن را بی‌تقاطع بکشید",
        )  # fmt: skip


def _turned(lon: float) -> float:
    return lon - 360 if lon > 180 else lon + 360 if lon < -180 else lon
