"""Drawing from many small weighted lists at once: one sorted array, one search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Choice:
    """Options grouped by list: `steps[i]` is list number + the share of all options up to i within its list.
    """

    steps: Floats
    options: Ints  # the option's index in the caller's own arrays

    def draw(self, lists: npt.NDArray[np.integer], rng: np.random.Generator) -> Ints:
        """Draw one option for each list number in `lists`; each number must have an option."""
        at = np.searchsorted(self.steps, lists + rng.random(len(lists)), side="right")
        return self.options[np.minimum(at, len(self.options) - 1)]


def choice(lists: npt.NDArray[np.integer], weights: Floats) -> Choice:
    """Build a Choice from each option's list number and weight (≥ 0, not all 0 within a list)."""
    order = np.argsort(lists, kind="stable")
    group, weight = np.asarray(lists)[order], np.asarray(weights, dtype=np.float64)[order]
    total = np.bincount(group, weights=weight)
    before = np.concatenate([[0.0], np.cumsum(total)])[group]
    steps = group + np.minimum((np.cumsum(weight) - before) / total[group], 1.0)
    last = np.append(np.flatnonzero(np.diff(group)), len(group) - 1)
    steps[last] = group[last] + 1.0  # rounding must not leave a gap at the end of a list
    return Choice(steps, order.astype(np.int64))
