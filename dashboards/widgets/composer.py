"""The message box: counts characters and parts while typing, hands the text on at rest (decisions 6).

Its script gets the GSM tables and the line's part sizes from data.rules.sms, so that both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboards.session import Here
from data.rules import advertising, sms
from data.settings import settings

_HERE = Path(__file__).parent
_WORDS = (
    "placeholder", "insert", "char", "chars", "part", "parts", "left", "gsm7", "ucs2", "over", "forced",
    "merge", "ending",
)  # fmt: skip


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


SCRIPT = _read("count.js") + _read("composer.js")
_component = st.components.v2.component(
    "chapar_composer", html=_read("composer.html"), css=_read("composer.css"), js=SCRIPT
)


def composer(
    here: Here, *, key: str, sizes: sms.PartSizes, fields: Sequence[str] = (), advert: bool = False
) -> str:
    """Draw the box and return its text; `fields` are offered as `{field}` buttons.

    An `advert` is counted with the words that end it, which are shown below the box while they are lacking.
    """
    known = st.session_state.get(key) or {}
    text = str(known.get("text") or "")
    st.session_state.setdefault(f"{key}_first", text)
    answer = _component(
        key=key,
        data={
            "label": here.say("compose_label"),
            "value": st.session_state[f"{key}_first"],
            "version": key,
            "language": here.language,
            "tables": sms.tables(sizes),
            "fields": list(fields),
            "ending": {"words": advertising.LAST_WORDS, "nearly": advertising.NEARLY} if advert else None,
            "parts_max": settings().sms.max_parts,
            "words": {word: here.say(f"compose_{word}") for word in _WORDS},
        },
        on_text_change=lambda: None,
    )
    return str(answer.text or "")
