"""Towers: synthetic ones placed where people are, and the nearest tower of every person (night-time
presence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from targeting.population.near import nearest_point
from targeting.population.positions import scatter

PEOPLE_PER_MAST = 250
MASTS_MIN, MASTS_MAX = 120, 40_000
_MCC_IRAN = 432
_NETS = {
    "mci": (11, 1.0),
    "irancell": (35, 0.95),
    "rightel": (20, 0.35),
}  # network code, share of masts that carry it
_RADIOS = ("GSM", "UMTS", "LTE")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def place_towers(lon: Floats, lat: Floats, rng: np.random.Generator) -> pl.DataFrame:
    """Return cells on masts near randomly chosen people: radio, mcc, net, area, cell, lon, lat, range_m,
    samples, operator.

    Every mast carries one cell of each network that has it; column `person` says whom the mast stands near.
    """
    count = int(np.clip(len(lon) // PEOPLE_PER_MAST, min(MASTS_MIN, len(lon)), MASTS_MAX))
    person = np.sort(rng.choice(len(lon), count, replace=False))
    at = scatter(lon[person], lat[person], np.full(count, 0.15), rng)
    frames = []
    for operator, (net, share) in _NETS.items():
        here = np.flatnonzero(rng.random(count) < share)
        frames.append(_cells(here, operator, net, rng).with_columns(
            person=person[here], lon=at[0][here].round(6), lat=at[1][here].round(6)
        ))  # fmt: skip
    return pl.concat(frames).sort("mast", "net").drop("mast")


def nearest(
    at: Floats, towers: pl.DataFrame, operator: pl.Series, rng: np.random.Generator
) -> npt.NDArray[np.uint32]:
    """Return the tower id (`towers`: id, lon, lat, operator) nearest to each position (n, 2: lon, lat).

    Of the cells on one mast a person is seen on one of the own operator, else on any.
    """
    masts = _masts(towers)
    mast = nearest_point(at, masts.points)
    drawn = rng.random(len(at), dtype=np.float32)
    ids = _pick(mast, drawn, masts)
    for name in towers["operator"].drop_nulls().unique(maintain_order=True):
        own = _masts(towers.filter(pl.col("operator") == name), masts.points)
        mine = np.flatnonzero((operator == name).to_numpy())
        mine = mine[own.count[mast[mine]] > 0]
        ids[mine] = _pick(mast[mine], drawn[mine], own)
    return ids


@dataclass(frozen=True, slots=True)
class _Masts:
    points: Floats  # (n, 2) distinct positions
    first: Ints  # place of a mast's first cell in ids
    count: Ints
    ids: npt.NDArray[np.uint32]


def _masts(towers: pl.DataFrame, points: Floats | None = None) -> _Masts:
    """Group cells by position; with `points` given, by those positions."""
    at = towers.select("lon", "lat").to_numpy()
    if points is None:
        points, where = np.unique(at, axis=0, return_inverse=True)
    else:
        both, back = np.unique(np.concatenate([points, at]), axis=0, return_inverse=True)
        assert len(both) == len(points), "a cell stands on a known mast"
        where = np.argsort(back[: len(points)])[back[len(points) :]]
    order = np.argsort(where, kind="stable")
    count = np.bincount(where, minlength=len(points))
    return _Masts(points, np.cumsum(count) - count, count, towers["id"].to_numpy()[order])


def _pick(mast: Ints, drawn: npt.NDArray[np.float32], masts: _Masts) -> npt.NDArray[np.uint32]:
    """Choose one cell of each mast by a number drawn from 0 to 1."""
    size = masts.count[mast]
    return masts.ids[masts.first[mast] + np.minimum((drawn * size).astype(np.int64), size - 1)]


def _cells(mast: Ints, operator: str, net: int, rng: np.random.Generator) -> pl.DataFrame:
    count = len(mast)
    radio = rng.choice(len(_RADIOS), count, p=[0.25, 0.25, 0.5])
    return pl.DataFrame({
        "mast": mast,
        "radio": pl.Series(radio.astype(np.uint8)).cat.to(pl.Enum(_RADIOS)).cast(pl.String),
        "mcc": np.full(count, _MCC_IRAN, dtype=np.uint16),
        "net": np.full(count, net, dtype=np.uint16),
        "area": (1_000 + mast // 64).astype(np.uint32),
        "cell": (mast * 256 + 1).astype(np.uint64),
        "range_m": np.minimum(rng.gamma(1.5, 900.0, count) + 200, 30_000).astype(np.uint32),
        "samples": (1 + rng.gamma(0.5, 40.0, count)).astype(np.uint32),
        "operator": [operator] * count,
    })  # fmt: skip
