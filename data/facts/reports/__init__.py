"""Analytical SQL over the lake, a file a question, loaded by name."""

from functools import cache
from pathlib import Path


@cache
def sql(name: str) -> str:
    """Return the statement of `reports/<name>.sql` without its comment lines."""
    text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
