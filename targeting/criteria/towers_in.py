"""Irancell's people last seen at the towers whose point lies in a shape (R1.35-R1.37): what the pickers of
tower sends make, with their limits on the radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from data.rules.kinds import OPERATOR_OF, TOWERS_IN
from data.settings import settings
from targeting.criterion import Condition, Ground, Rented, both, equals, located, need, one_of
from targeting.fields import build
from targeting.regions import (
    box_condition,
    box_shape,
    circle_box,
    circle_condition,
    form_of,
    read_shape,
    refuse_outside,
)

if TYPE_CHECKING:
    from data.store.population import Population

SHAPES = ("circle", "polygon")


@dataclass(frozen=True, slots=True)
class _Circle:
    """Centre in degrees, radius in metres."""

    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class _Polygon:
    """A GeoJSON Polygon or MultiPolygon."""

    geometry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TowersIn:
    """`shape` is `{"kind": "circle", lon, lat, radius_m}` or `{"kind": "polygon", geometry}`."""

    kind: ClassVar[str] = TOWERS_IN
    own: ClassVar[bool] = False
    of: ClassVar[str] = OPERATOR_OF["bts"]  # an operator that is not written

    shape: dict[str, Any]

    def __post_init__(self) -> None:
        """Refuse what is no shape, and radii that no tower send takes."""
        shape = self._shape
        if isinstance(shape, _Polygon):
            read_shape(shape.geometry, "shape.geometry")
            return
        limits = settings().bts
        need(abs(shape.lon) <= 180, "shape.lon", lambda: _degrees(180))
        need(abs(shape.lat) <= 90, "shape.lat", lambda: _degrees(90))
        need(limits.radius_min_m <= shape.radius_m <= limits.radius_max_m, "shape.radius_m", lambda: (
            f"a tower send takes a radius of {limits.radius_min_m:,} to {limits.radius_max_m:,} metres",
            f"شعاع ارسال دکل باید {limits.radius_min_m:,} تا {limits.radius_max_m:,} متر باشد",
        ))  # fmt: skip

    def understood(self, ground: Ground) -> Rented:
        """Return who was last seen there, of the operator."""
        ground.places.holds.refuse_lacking("tower", "shape")
        operator, shape = ground.places.operator(self.of), self._shape
        if isinstance(shape, _Circle):
            box = box_shape(*circle_box(shape.lon, shape.lat, shape.radius_m))
            form: dict[str, Any] = {
                "kind": "circle", "lon": shape.lon, "lat": shape.lat, "radius_m": shape.radius_m
            }  # fmt: skip
            refuse_outside(box, ground.places, "shape.lon")
        else:
            drawn = read_shape(shape.geometry, "shape.geometry")
            form = {"kind": "polygon", "geometry": form_of(drawn)}
            refuse_outside(drawn, ground.places, "shape.geometry")
        return Rented(
            self.kind, {"shape": form, "operator": operator},
            lambda population, _: both(equals("operator", operator), _seen_at(shape, population)),
        )  # fmt: skip

    @property
    def _shape(self) -> _Circle | _Polygon:
        kind = self.shape.get("kind")
        need(kind in SHAPES, "shape.kind", lambda: (
            "use circle or polygon", "circle یا polygon بنویسید",
        ))  # fmt: skip
        fields = {name: value for name, value in self.shape.items() if name != "kind"}
        with located("shape"):
            return build(_Circle, fields) if kind == "circle" else build(_Polygon, fields)


def _seen_at(shape: _Circle | _Polygon, population: Population) -> Condition:
    """Return who was last seen there; towers are no secret: a shape without any is refused as that."""
    towers = towers_inside(shape, population)
    need(bool(towers), "shape", lambda: (
        "there is no tower in this shape; widen it or move it",
        "در این شکل دکلی نیست؛ آن را بزرگ‌تر یا جابه‌جا کنید",
    ))  # fmt: skip
    return one_of("tower", towers)


def _degrees(most: int) -> tuple[str, str]:
    return f"use -{most} to {most} degrees", f"از منفی {most} تا {most} درجه بنویسید"


def towers_inside(shape: _Circle | _Polygon, population: Population) -> list[int]:
    """Return the ids of the towers whose point lies in a shape, its edge included."""
    con = population.con.cursor()
    if isinstance(shape, _Circle):
        inside = circle_condition(shape.lon, shape.lat, shape.radius_m)
        rows = con.execute(f"SELECT id FROM towers s WHERE {inside.sql}", inside.params).fetchall()
        return [tower for (tower,) in rows]
    import shapely

    drawn = read_shape(shape.geometry)
    box = box_condition(*drawn.bounds)
    near = con.sql(f"SELECT id, lon, lat FROM towers s WHERE {box.sql}", params=box.params).pl()
    hits = shapely.intersects_xy(drawn, near["lon"].to_numpy(), near["lat"].to_numpy())
    found: list[int] = near.filter(hits)["id"].to_list()
    return found
