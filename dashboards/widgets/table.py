"""A table of plain text cells: real HTML, right-to-left, cards on a phone, with a "view" button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards.session import Here

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "chapar_table",
    html='<div class="chapar-table"></div>',
    css=(_HERE / "table.css").read_text(encoding="utf-8"),
    js=(_HERE / "table.js").read_text(encoding="utf-8"),
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the rows, its heading, and how its cells are drawn.

    Kinds: text, wide (`{text, sub}` allowed), number, time, code, state (`{text, tone}`),
    share (`{text, percent}`), action (a "view" button; the cell holds what it returns).
    """

    key: str
    title: str
    kind: str = "text"


def table(
    here: Here, columns: Sequence[Column], rows: Sequence[Row], *, key: str, caption: str = ""
) -> str | None:
    """Draw the rows; return the `id` of the row whose "view" was pressed in this run, or None."""
    answer = _component(
        key=key,
        data={
            "columns": [{"key": c.key, "title": c.title, "kind": c.kind} for c in columns],
            "rows": list(rows),
            "caption": caption,
            "label": here.say("table_label"),
            "empty": here.say("table_empty"),
            "action": here.say("view"),
            "language": here.language,
        },
        on_open_change=lambda: None,
    )
    return None if answer.open is None else str(answer.open)
