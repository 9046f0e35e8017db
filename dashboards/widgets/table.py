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


@dataclass(frozen=True, slots=True)
class Said:
    """What was done to a table: the `id` whose "view" was pressed in this run, the ids of the rows marked."""

    open: str | None
    chosen: tuple[str, ...]


def table(
    here: Here, columns: Sequence[Column], rows: Sequence[Row], *, key: str, caption: str = "",
    choose: bool = False, marked: str | None = None,
) -> Said:  # fmt: skip
    """Draw the rows; with `choose` each has a box to mark it by its `id`; the row `marked` is new."""
    known = st.session_state.get(key) or {}
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
            "choose": here.say("choose_row") if choose else "",
            "chooseAll": here.say("choose_page"),
            "chosen": list(known.get("chosen") or []),
            "marked": marked,
            "new": here.say("row_new"),
        },
        on_open_change=lambda: None,
        on_chosen_change=lambda: None,
    )
    chosen = tuple(str(one) for one in (answer.chosen or ()))
    return Said(None if answer.open is None else str(answer.open), chosen)
