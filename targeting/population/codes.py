"""Ten-digit postcodes for synthetic places of Iran, from the facts about which first digits belong where.

Digits follow the public pattern: four of 1, 3-9, a fifth of 1, 3, 4, 6-9, then five without 2.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

PEOPLE_PER_CODE = 1_500  # of the census, in the mean; codes differ widely round it
CODES_MAX = 1_500  # of one place
_UNEVEN = 0.8  # shape of the gamma distribution of a code's share: below 1 is very unequal

Ints = npt.NDArray[np.int64]
TAILS: Ints = np.array([int("".join(digits)) for digits in product("013456789", repeat=5)], dtype=np.int64)


def pools(postcodes: pl.DataFrame, counties: pl.DataFrame) -> dict[str, Ints]:
    """Return the five-digit codes of each county; a county without its own shares those of its province."""
    rows = [(*_ends(row), _owner(row)) for row in postcodes.iter_rows(named=True)]
    names = sorted({name for *_, name in rows})
    owner = np.full(100_000, -1, dtype=np.int16)
    for first, last, name in sorted(
        rows, key=lambda row: row[0] - row[1]
    ):  # the widest first: a narrower one wins
        owner[first : last + 1] = names.index(name)
    usable = _usable()
    owned = {name: usable[owner[usable] == number] for number, name in enumerate(names)}
    return {row["code"]: _pool(row["code"], row["province"], owned) for row in counties.iter_rows(named=True)}


def deal(pool: Ints, people: npt.NDArray[np.float64]) -> list[Ints]:
    """Deal a county's codes to its places by their people: at least one code each, in the order of the codes.
    """
    wanted = np.clip(np.ceil(people / PEOPLE_PER_CODE), 1, CODES_MAX).astype(int)
    ends = np.cumsum(people) / people.sum() * len(pool)
    dealt = []
    for place, count in enumerate(wanted):
        low = int(ends[place - 1]) if place else 0
        high = max(int(ends[place]), low + 1)
        own = pool[np.minimum(np.arange(low, high), len(pool) - 1)]
        dealt.append(np.unique(own[np.linspace(0, len(own) - 1, min(count, len(own))).astype(int)]))
    return dealt


def uneven(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Shares of `count` codes, unequal as real ones are (R1.51: equal counts are the mark of an invented
    table).
    """
    return rng.gamma(_UNEVEN, size=count) + 0.02


def _pool(county: str, province: str, owned: dict[str, Ints]) -> Ints:
    """A county's own codes, else those of its province, else those of its province's other counties."""
    for name in (county, f"p{province}"):
        if name in owned and len(owned[name]):
            return owned[name]
    others = [codes for name, codes in owned.items() if name.startswith(province) and len(codes)]
    return np.unique(np.concatenate(others))


def _owner(row: dict[str, str | None]) -> str:
    return row["county"] or f"p{row['province']}"


def _ends(row: dict[str, str]) -> tuple[int, int]:
    return int(row["first"].ljust(5, "0")), int(row["last"].ljust(5, "9"))


def _usable() -> Ints:
    codes = [
        int("".join(digits)) for digits in product(*["13456789"] * 4, "1346789") if len(set(digits[:4])) > 1
    ]
    return np.array(codes, dtype=np.int64)
