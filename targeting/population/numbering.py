"""Numbers for synthetic people: unique, under a known prefix, of a line type which that prefix allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.errors import Refused
from data.rules.operators import Prefix
from targeting.population.choice import choice

SHARES = {
    "mci": 0.55,
    "irancell": 0.40,
    "rightel": 0.04,
}  # of Iran's SIM cards, rounded; the rest share what is left
PREPAID_SHARE = 0.7  # where a prefix allows both
LINE_TYPES = ("prepaid", "postpaid")
_DENSEST = 0.9  # of a block's numbers may be in use

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Disjoint ranges of national numbers with one owner each; all arrays have one element a block."""

    start: Ints  # first full number, country code included
    size: Ints
    operator: Ints  # index into operators
    prepaid: npt.NDArray[np.float64]  # share of prepaid lines
    weight: npt.NDArray[np.float64]
    near: npt.NDArray[np.float64]  # provinces × blocks, factor by where the prefix was first given out
    operators: list[str]


@dataclass(frozen=True, slots=True)
class Lines:
    """One line a person: number, operator (index), prepaid or not."""

    msisdn: npt.NDArray[np.uint64]
    operator: npt.NDArray[np.uint8]
    postpaid: npt.NDArray[np.uint8]


def blocks(plan: Sequence[Prefix], provinces: list[str]) -> Blocks:
    """Cut a numbering plan into disjoint blocks of mobile numbers: a longer prefix takes its numbers from the
    shorter.

    Prefixes without an owner are left out, and those without line types where the plan has line types at all.
    """
    typed = any(row.line_types for row in plan)
    rows = [row for row in plan if row.mobile and row.operator and (row.line_types or not typed)]
    leaves = [
        (leaf, row)
        for row in rows
        for leaf in _leaves(row.prefix, [p for p in plan if p.digits == row.digits])
    ]
    operators = sorted({row.operator for row in rows})
    width = np.array([10 ** (row.digits - len(leaf)) for leaf, row in leaves], dtype=np.int64)
    owner = np.array([operators.index(row.operator) for _, row in leaves], dtype=np.int64)
    room = np.bincount(owner, weights=width.astype(float))
    share = _shares(operators, room.astype(np.float64)) / room
    return Blocks(
        start=np.array([int(row.country_code + leaf) for leaf, row in leaves], dtype=np.int64) * width,
        size=width,
        operator=owner,
        prepaid=np.array([_prepaid(row.line_types) for _, row in leaves]),
        weight=share[owner] * width,
        near=np.array([[_near(row, province) for _, row in leaves] for province in provinces]),
        operators=operators,
    )


def lines(plan: Blocks, province: npt.NDArray[np.integer], rng: np.random.Generator) -> Lines:
    """Draw one unique number for each person of `province` (index into the plan's provinces).

    Raises Refused where the numbering plan has too few numbers for so many people.
    """
    weight = plan.near * plan.weight
    share = np.bincount(plan.operator, weights=plan.weight)  # an operator keeps its share in every province
    for number, total in enumerate(share):
        own = plan.operator == number
        weight[:, own] *= total / weight[:, own].sum(axis=1, keepdims=True)
    rows, columns = weight.shape
    drawn = choice(np.repeat(np.arange(rows), columns), weight.ravel()).draw(province, rng) % columns
    return Lines(
        msisdn=_unique(plan, drawn, rng),
        operator=plan.operator[drawn].astype(np.uint8),
        postpaid=(rng.random(len(drawn), dtype=np.float32) >= plan.prepaid[drawn]).astype(np.uint8),
    )


def _unique(plan: Blocks, drawn: Ints, rng: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Give the people of each block different numbers of it, at most nine tenths of them."""
    counts = np.bincount(drawn, minlength=len(plan.size))
    if np.any(counts > plan.size * _DENSEST):
        most = int((plan.size * _DENSEST / np.maximum(counts / len(drawn), 1e-12)).min())
        raise Refused(
            "synthetic",
            f"the numbering plan has no room for {len(drawn):,} people; about {most:,} fit",
            f"طرح شماره‌گذاری برای {len(drawn):,} نفر جا ندارد؛ حدود {most:,} نفر جا می‌شود",
        )
    order = np.argsort(drawn, kind="stable")
    ends = np.cumsum(counts)
    msisdn = np.empty(len(drawn), dtype=np.uint64)
    for block in np.flatnonzero(counts):  # tens of blocks, not people
        count = int(counts[block])
        people = order[ends[block] - count : ends[block]]
        msisdn[people] = plan.start[block] + _different(int(plan.size[block]), count, rng)
    return msisdn


def _different(size: int, count: int, rng: np.random.Generator) -> Ints:
    """Return `count` different numbers below `size` (10^8 at the most), in random order."""
    if count * 4 > size:
        return rng.permutation(size)[:count]
    drawn = np.zeros(size, dtype=bool)  # a mark for each number finds repeats faster than sorting or hashing
    missing = count + count // 3 + 16
    while missing > 0:  # one round nearly always
        drawn[rng.integers(0, size, missing)] = True
        missing = count - int(np.count_nonzero(drawn))
    return rng.permutation(np.flatnonzero(drawn))[:count]


def _leaves(prefix: str, plan: Sequence[Prefix]) -> list[str]:
    """Return the parts of a prefix that no longer prefix of the plan owns."""
    longer = {row.prefix for row in plan if row.prefix.startswith(prefix) and row.prefix != prefix}
    if not longer:
        return [prefix]
    leaves: list[str] = []
    for child in (prefix + digit for digit in "0123456789"):
        if child not in longer:
            leaves += _leaves(child, plan)
    return leaves


def _shares(operators: list[str], room: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The share of each operator; those whose share is not known divide the rest by the numbers they hold."""
    known = np.array([SHARES.get(name, 0.0) for name in operators])
    rest = np.where(known == 0, room, 0.0)
    shares: npt.NDArray[np.float64] = known + (1.0 - known.sum()) * rest / max(rest.sum(), 1.0)
    return shares


def _prepaid(line_types: tuple[str, ...]) -> float:
    if not line_types or set(line_types) >= set(LINE_TYPES):
        return PREPAID_SHARE
    return 1.0 if "prepaid" in line_types else 0.0


def _near(row: Prefix, province: str) -> float:
    """A prefix of a region is commonest there, less in its neighbours, seldom elsewhere (people move)."""
    if not row.provinces:
        return 2.0
    return 20.0 if province == row.provinces[0] else 6.0 if province in row.provinces else 0.2
