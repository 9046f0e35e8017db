"""What people call the operators: Persian and English names beside the codes that tables hold."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from data import reference
from data.rules.persian import fold


@cache
def _shipped() -> dict[str, str]:
    """Folded name → code, from data/reference/operators.csv; `X (Y)` is known as X too."""
    with (Path(reference.__file__).parent / "operators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        fold(name): row["operator"]
        for row in rows
        for full in (row["name_fa"], row["name_en"])
        for name in (full, full.partition(" (")[0])
    }


def words_of(codes: Iterable[str]) -> dict[str, str]:
    """Return folded word → code for every way to name these operators: the code, with blanks for underscores,
    its Persian and its English name.
    """
    known = set(codes)
    named = {name: code for name, code in _shipped().items() if code in known}
    return (
        named | {fold(code.replace("_", " ")): code for code in known} | {fold(code): code for code in known}
    )
