"""Where synthetic people are at night: scattered round their city, anywhere in their district or county."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

KM_PER_DEGREE = 111.195  # of latitude, on a sphere of R = 6,371,008.8 m
FARTHEST = 2.5  # sigmas from the centre
_TRIES = 4

Floats = npt.NDArray[np.float64]


def scatter(lon: Floats, lat: Floats, sigma_km: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return one position near each point (degrees), normal round it, never farther than FARTHEST sigmas."""
    east, north = rng.standard_normal(len(lon)), rng.standard_normal(len(lon))
    far = np.hypot(east, north)
    shrink = np.where(far > FARTHEST, FARTHEST * rng.random(len(lon)) / np.maximum(far, 1e-9), 1.0)
    step = sigma_km * shrink / KM_PER_DEGREE
    return lon + east * step / np.cos(np.radians(lat)), lat + north * step


@dataclass(frozen=True, slots=True)
class Centres:
    """Points that people are scattered round, one element a place."""

    lon: Floats
    lat: Floats
    sigma_km: Floats

    def scatter(
        self,
        place: npt.NDArray[np.integer],
        land: shapely.Geometry,
        rng: np.random.Generator,
    ) -> tuple[Floats, Floats]:
        """Return one position for each person of `place` (index), on `land` where the place itself is."""
        lon, lat = scatter(self.lon[place], self.lat[place], self.sigma_km[place], rng)
        border = shapely.boundary(land)
        away = shapely.distance(shapely.points(self.lon, self.lat), border) * KM_PER_DEGREE * 0.8
        doubtful = np.flatnonzero((away < self.sigma_km * FARTHEST + 0.5)[place])
        shapely.prepare(land)
        for _ in range(_TRIES):  # halfway back to the place, again and again
            doubtful = doubtful[~shapely.contains_xy(land, lon[doubtful], lat[doubtful])]
            at = place[doubtful]
            lon[doubtful], lat[doubtful] = (
                (lon[doubtful] + self.lon[at]) / 2,
                (lat[doubtful] + self.lat[at]) / 2,
            )
        outside = doubtful[~shapely.contains_xy(land, lon[doubtful], lat[doubtful])]
        lon[outside], lat[outside] = self.lon[place[outside]], self.lat[place[outside]]
        return lon, lat
