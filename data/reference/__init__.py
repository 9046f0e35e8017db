"""Small tables of facts shipped with the product, and the one place that reads them; ATTRIBUTION.md names
their sources.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

FOLDER = Path(str(files(__name__)))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table such as `operators.csv`: header → text."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def text(name: str) -> str:
    """Return a file such as `natural_earth/provinces.geojson` as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")
