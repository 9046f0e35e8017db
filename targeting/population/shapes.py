"""Points anywhere in polygons, many polygons at once: each is cut into triangles, chosen by area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from targeting.population.choice import Choice, choice

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Triangles:
    """Triangles of a list of shapes, corners as (n, 3, 2) degrees."""

    corners: Floats
    pick: Choice | None  # shape number → triangle

    def draw(self, shape: npt.NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return lon and lat of one uniform point in each person's shape."""
        if self.pick is None:
            return np.empty(0), np.empty(0)
        corner = self.corners[self.pick.draw(shape, rng)]
        along, across = np.sqrt(rng.random(len(shape))), rng.random(len(shape))
        share = np.stack([1 - along, along * (1 - across), along * across], axis=1)
        point = np.einsum("nkd,nk->nd", corner, share)
        return point[:, 0], point[:, 1]


def triangles(shapes: list[shapely.Geometry]) -> Triangles:
    """Cut polygons (WGS 84) into triangles."""
    if not shapes:
        return Triangles(np.empty((0, 3, 2)), None)
    cut = shapely.constrained_delaunay_triangles(np.array(shapes, dtype=object))
    parts, owner = shapely.get_parts(cut, return_index=True)
    area = shapely.area(parts)
    parts, owner, area = parts[area > 0], owner[area > 0], area[area > 0]
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    return Triangles(corners, choice(owner, area))
