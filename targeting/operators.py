"""What people call the operators: Persian and English names beside the codes that tables hold."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from data import reference
from data.rules.operators import OTHER
from targeting.codes import Code

_OTHER = ("سایر", "دیگر", "others", "unknown")


@cache
def _shipped() -> dict[str, Code]:
    """Name → code, from data/reference/operators.csv; `X (Y)` is known as X and as Y too."""
    return {
        name: Code(row["operator"])
        for row in reference.rows("operators.csv")
        for full in (row["name_fa"], row["name_en"])
        for name in (full, *full.rstrip(")").split(" ("))
    } | {name: Code(OTHER) for name in _OTHER}


def words_of(codes: Iterable[str]) -> dict[str, Code]:
    """Return word → code for every way to name these operators: code, Persian name, English name."""
    known = {Code(code) for code in codes}
    named = {name: code for name, code in _shipped().items() if code in known}
    spaced = {code.replace("_", " "): code for code in known}
    return named | spaced | {str(code): code for code in known}
