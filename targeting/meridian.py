"""Shapes over the 180th meridian: drawn on as if the map went on, then cut there (RFC 7946, 3.1.9).

A side goes the short way round, as on a globe; only from -180 to 180 exactly it is the whole width of the
map. Where neither way is clearly the short one, the shape is ambiguous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry as Geometry

HALF, WHOLE = 180.0, 360.0
CLEAR_DEGREES = 270.0  # a side that seems longer than this is meant the other way round
REACH_DEGREES = WHOLE  # how far a drawn longitude may go on


class AmbiguousError(ValueError):
    """A shape that could be read two ways: the longitude of the side in question, or that it holds a pole."""

    def __init__(self, west: float, east: float) -> None:
        """Keep both ends of the side; equal ends say that the shape goes round a pole."""
        super().__init__(f"{west:g} to {east:g}")
        self.west, self.east = west, east


def unwrapped(shape: Geometry) -> Geometry:
    """Return a Polygon or MultiPolygon whose longitudes go on beyond 180; raise AmbiguousError."""
    import shapely

    if not _over(shape):
        return shape
    return shapely.MultiPolygon([_unwrapped(one) for one in shapely.get_parts(shape)])


def cut(shape: Geometry) -> Geometry:
    """Return a shape whose longitudes may go on beyond 180, cut there and put back into -180…180."""
    import shapely
    from shapely import affinity

    west, _, east, _ = shape.bounds
    if west >= -HALF and east <= HALF:
        return shape
    world = shapely.box(-HALF, -90, HALF, 90)
    turned = [affinity.translate(shape, xoff=turn).intersection(world) for turn in (-WHOLE, 0.0, WHOLE)]
    parts = [part for one in turned for part in _polygons(one)]
    return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]


def _over(shape: Geometry) -> bool:
    import shapely

    return any(
        bool((np.abs(np.diff(ring[:, 0])) > HALF).any())
        for one in shapely.get_parts(shape)
        for ring in (shapely.get_coordinates(line) for line in (one.exterior, *one.interiors))
    )


def _unwrapped(polygon: Polygon) -> Polygon:
    import shapely

    shell = _ring(shapely.get_coordinates(polygon.exterior))
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    holes = [_ring(shapely.get_coordinates(line)) for line in polygon.interiors]
    for hole in holes:  # a hole is drawn where its shell is
        hole[:, 0] += WHOLE * np.round((middle - (hole[:, 0].min() + hole[:, 0].max()) / 2) / WHOLE)
    return shapely.Polygon(shell, holes)


def _ring(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    step = np.diff(corners[:, 0])
    long = (np.abs(step) > HALF) & (np.abs(step) != WHOLE)
    unclear = np.flatnonzero(long & (np.abs(step) <= CLEAR_DEGREES))
    if unclear.size:
        at = unclear[0]
        raise AmbiguousError(float(corners[at, 0]), float(corners[at + 1, 0]))
    turns = np.where(long, -np.sign(step) * WHOLE, 0.0)
    if turns.sum():
        raise AmbiguousError(0.0, 0.0)
    drawn = corners.copy()
    drawn[1:, 0] += np.cumsum(turns)
    return drawn


def _polygons(shape: Geometry) -> list[Polygon]:
    import shapely

    parts = shapely.get_parts(shape)  # a shape that only touches the meridian leaves lines and points there
    return [part for part in parts if shapely.get_type_id(part) == shapely.GeometryType.POLYGON]
