"""What the process of the dashboards does once before it serves: load everything, and let the garbage
collector forget it.

Streamlit sweeps the memory of the whole process after every run of a page, holding the interpreter's lock.
Our libraries are some 170,000 objects that never become garbage; frozen, they are not looked at again, and
a sweep walks what the people's own sessions hold.
"""

from __future__ import annotations

import gc
import importlib
from typing import Final

LOADED: Final = (  # what the first click of somebody would import, and he would wait for
    "streamlit.elements.vega_charts",
    "duckdb",
    "pandas",
    "polars",
    "pyarrow",
    "shapely",
    "targeting.audience",
    "targeting.importer",
    "targeting.places",
    "targeting.orders.quote",
    "targeting.uploads",
    "dashboards.pages",
)


def settle() -> None:
    """Import, sweep, freeze; before the first session, whose objects would stay for ever otherwise."""
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
