"""The nearest of many points for each of many more, by great circle, exactly: neighbours share one search of
the tree.

Positions that follow a space-filling curve are cut into blocks. Whatever is nearest to a member of a block
lies within d + 2h of its middle, where d is the middle's own nearest distance and h its farthest member's.
The tree lives in Mercator's plane, whose scale changes slowly; candidates are taken with that to spare and
then measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

BLOCK = 32
_CROWDED = 96  # candidates; a block with more (it jumps over empty land) is searched member by member

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Points:
    plane: Floats  # (n, 2), Mercator
    globe: Floats  # (n, 3), on the unit sphere: a shorter chord is a shorter way
    tree: shapely.STRtree


def nearest_point(at: Floats, points: Floats) -> Ints:
    """Return for each row of `at` (n, 2: lon, lat in degrees) the row of `points` (m, 2; m ≥ 1) nearest to
    it.
    """
    plane = _mercator(points)
    spots: npt.NDArray[np.object_] = shapely.points(plane)  # type: ignore[assignment]
    known = _Points(plane, _sphere(points), shapely.STRtree(spots))
    whole = len(at) // BLOCK * BLOCK
    found = np.empty(len(at), dtype=np.int64)
    found[:whole] = _by_blocks(at[:whole].reshape(-1, BLOCK, 2), known).ravel()
    found[whole:] = _by_blocks(at[whole:].reshape(-1, 1, 2), known).ravel()
    return found


def _by_blocks(at: Floats, known: _Points) -> Ints:
    """Search blocks of positions (blocks, members, 2)."""
    blocks, members, _ = at.shape
    candidate, count = _candidates(_mercator(at), known)
    crowded = (count > _CROWDED) & (members > 1)
    globe, start = _sphere(at), np.cumsum(count) - count
    found = np.zeros((blocks, members), dtype=np.int64)
    best = np.full((blocks, members), np.inf)
    for turn in range(int(count[~crowded].max(initial=0))):
        rows = np.flatnonzero(~crowded & (count > turn))
        other = candidate[start[rows] + turn]
        distance = ((globe[rows] - known.globe[other][:, None]) ** 2).sum(axis=2)
        nearer = distance < best[rows]
        best[rows] = np.where(nearer, distance, best[rows])
        found[rows] = np.where(nearer, other[:, None], found[rows])
    if crowded.any():
        found[crowded] = _by_blocks(at[crowded].reshape(-1, 1, 2), known).reshape(-1, members)
    return found


def _candidates(plane: Floats, known: _Points) -> tuple[Ints, Ints]:
    """Return the points that may be nearest to a member of each block, block after block, and how many each
    has.
    """
    middle = plane.mean(axis=1)
    reach = np.sqrt(((plane - middle[:, None]) ** 2).sum(axis=2).max(axis=1, initial=0))
    centres = shapely.points(middle)
    first = known.tree.query_nearest(centres, all_matches=False)[1]
    away = np.sqrt(((known.plane[first] - middle) ** 2).sum(axis=1))
    radius = away + 2 * reach
    block, candidate = known.tree.query(
        centres, predicate="dwithin", distance=radius * np.exp(2 * radius) + 1e-12
    )
    order = np.lexsort((candidate, block))  # the lowest row wins a tie, whatever the tree's own order
    return candidate[order], np.bincount(block, minlength=len(plane))


def _mercator(degrees: Floats) -> Floats:
    lon, lat = np.radians(degrees[..., 0]), np.radians(degrees[..., 1])
    return np.stack([lon, np.arcsinh(np.tan(lat))], axis=-1)


def _sphere(degrees: Floats) -> Floats:
    lon, lat = np.radians(degrees[..., 0]), np.radians(degrees[..., 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
