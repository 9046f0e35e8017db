"""Before anybody is served everything is loaded and frozen, so that a page's sweep walks sessions only."""

from __future__ import annotations

import subprocess
import sys

SETTLED = """
import gc, sys
from dashboards import warm
warm.settle()
frozen = gc.get_freeze_count()
before = set(sys.modules)
import dashboards.pages, duckdb, polars, streamlit.elements.vega_charts
assert set(sys.modules) == before, "nothing is left to import for the first click"
print(frozen, len(gc.get_objects()))
"""
ORDER = """
from dashboards import __main__ as server, asgi, warm
done = []
asgi.build = lambda hosts: done.append("built")
warm.settle = lambda: done.append("frozen")
server._server([])
print(*done)
"""


def _told(program: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    ).stdout.split()


def test_what_was_loaded_is_not_swept_again() -> None:
    frozen, left = map(int, _told(SETTLED))
    assert frozen > 100_000
    assert left < frozen / 20


def test_the_sweep_comes_after_the_application_is_built_and_before_it_serves() -> None:
    assert _told(ORDER) == ["built", "frozen"]
