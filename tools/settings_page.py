"""Writes docs/settings.md from data/settings.py, so that the page cannot fall behind: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from data.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
_HEAD = """# Settings

Every setting is a variable of the environment; `chapar settings` prints the value of each and where it came
from. A setting of a group is named with two underscores: `CHAPAR_DISPATCH__GROUP=8`. This page is written
from `data/settings.py` by `make docs`.
"""


def page() -> str:
    """Return the whole page: a table of the plain settings, then one per group."""
    plain, groups = [], []
    for name, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            rows = [_row(f"{name}__{inner}", own) for inner, own in model.model_fields.items()]
            groups.append(f"## {name}\n{model.__doc__}\n\n{_table(rows)}")
        else:
            plain.append(_row(name, field))
    return "\n".join([_HEAD, _table(plain), *groups])


def _table(rows: list[str]) -> str:
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    default = "" if field.default in ("", None) else f"`{field.default}`"
    meaning = "; ".join([field.description or "", *_limits(field)])
    return f"| `CHAPAR_{name.upper()}` | {default} | {meaning} |"


def _limits(field: FieldInfo) -> Iterator[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    for rule in field.metadata:
        for attribute, sign in signs.items():
            if getattr(rule, attribute, None) is not None:
                yield f"{sign} {getattr(rule, attribute)}"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
