"""Alembic migrations of the operations store, in a line; the newest is the last file of `versions`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"


@cache
def newest() -> str:
    """Return the revision of the newest migration: files begin with their number, of four digits."""
    return max(file.name[:4] for file in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))
