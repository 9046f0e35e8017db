"""Hilbert's curve: a number for every position such that near numbers are near places (Hilbert 1891, 16 bits
an axis).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BITS = 16
_CHUNK = 65_536
_LON = (-180.0, 360.0)
_LAT = (-90.0, 180.0)

Floats = npt.NDArray[np.float64]


def curve_keys(lon: Floats, lat: Floats) -> npt.NDArray[np.uint32]:
    """Return one uint32 for each position (degrees); positions without a number (NaN) come last."""
    keys = np.empty(len(lon), dtype=np.uint32)
    box = _box(lon, lat)
    for low in range(0, len(lon), _CHUNK):
        part = slice(low, low + _CHUNK)
        keys[part] = _hilbert(_cells(lon[part], *box[0]), _cells(lat[part], *box[1]))
    keys[np.isnan(lon) | np.isnan(lat)] = np.iinfo(np.uint32).max
    return keys


def _box(lon: Floats, lat: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """The box of all positions as (start, size) of each axis, so that the curve's cells are small."""
    if not len(lon) or np.isnan(lon).all() or np.isnan(lat).all():
        return _LON, _LAT
    west, south = float(np.nanmin(lon)), float(np.nanmin(lat))
    return (west, float(np.nanmax(lon)) - west or 1.0), (south, float(np.nanmax(lat)) - south or 1.0)


def _cells(values: Floats, start: float, size: float) -> npt.NDArray[np.uint32]:
    scaled: Floats = np.nan_to_num((values - start) / size) * (2**BITS - 1)
    return scaled.astype(np.uint32)


def _hilbert(x: npt.NDArray[np.uint32], y: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Walk the bits from the highest, turning the square as the curve does."""
    key = np.zeros(len(x), dtype=np.uint32)
    top = np.uint32(2**BITS - 1)
    for bit in range(BITS - 1, -1, -1):
        at = np.uint32(bit)
        right, upper = (x >> at) & np.uint32(1), (y >> at) & np.uint32(1)
        key += ((np.uint32(3) * right) ^ upper) << np.uint32(2 * bit)
        flip = (upper == 0) & (right == 1)
        x, y = np.where(flip, top - x, x), np.where(flip, top - y, y)
        swap = upper == 0
        x, y = np.where(swap, y, x), np.where(swap, x, y)
    return key
