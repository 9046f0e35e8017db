"""Counts by operator of few people are not told, nor can they be worked out of their sum."""

from __future__ import annotations

from collections.abc import Mapping


def small_cells(cells: Mapping[str, int], k: int) -> set[str]:
    """Return the cells that are not told: those under `k`, and as many more, the smallest first, as keep
    them from being worked out of the sum.
    """
    hidden = {name for name, n in cells.items() if n < k}
    rest = sorted((name for name in cells if name not in hidden), key=lambda name: (cells[name], name))
    while hidden and rest and (len(hidden) < 2 or sum(cells[name] for name in hidden) < k):
        hidden.add(rest.pop(0))
    return hidden


def cells_of(cells: Mapping[str, int], k: int) -> dict[str, int | None]:
    """Return cells as an account may see them; None reads "fewer than k", or is not told beside one."""
    hidden = small_cells(cells, k)
    return {name: None if name in hidden else n for name, n in cells.items()}


def merged_cells(cells: Mapping[str, int], k: int) -> dict[str, int]:
    """Return the same sum with the cells that are not told put together as `other`."""
    hidden = small_cells(cells, k) - {"other"}
    kept = {name: n for name, n in cells.items() if name not in hidden}
    more = sum(cells[name] for name in hidden)
    return kept | ({"other": kept.get("other", 0) + more} if more else {})
