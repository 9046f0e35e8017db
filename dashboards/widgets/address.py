"""Filters that stand in the address: as codes, so that a link says the same in every language.

What the address says when it was changed (a link, the browser's way back) wins; what a person chooses on the
page is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards.session import Here

CHARS_MAX = 80
Filters = Mapping[str, str]
Options = Callable[[Here], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Pick:
    """One filter: its name, and its choices (code → words); without choices it is a box to type in.

    One with `tabs` stands above the list, and always has one of its choices.
    """

    name: str
    options: Options | None = None
    tabs: bool = False


def draw(here: Here, noun: str, picks: Sequence[Pick]) -> dict[str, str]:
    """Draw the filters; return name → code or text, "" for any."""
    found = {one.name: _drawn(here, noun, one) for one in picks if one.tabs}
    rest = [one for one in picks if not one.tabs]
    for column, one in zip(st.columns(len(rest)) if rest else (), rest, strict=True):
        with column:
            found[one.name] = _drawn(here, noun, one)
    return found


def _drawn(here: Here, noun: str, one: Pick) -> str:
    options = {} if one.options is None else dict(one.options(here))
    known = None if one.options is None else options if one.tabs else {"": here.say("any")} | options
    default = next(iter(options)) if one.tabs else ""
    key = f"{noun}_{one.name}"
    _obey(key, one.name, default, known)
    chosen = _widget(here, one, key, known or {})
    if chosen == default:
        st.query_params.pop(one.name, None)
    else:
        st.query_params[one.name] = chosen
    st.session_state[f"{key}_address"] = st.query_params.get(one.name, default)
    return chosen


def _obey(key: str, name: str, default: str, known: Mapping[str, str] | None) -> None:
    """Let the widget begin with what the address says, where that is news."""
    said = st.query_params.get(name, default)
    if key in st.session_state and st.session_state.get(f"{key}_address") == said:
        return
    st.session_state[key] = said[:CHARS_MAX] if known is None else said if said in known else default


def _widget(here: Here, one: Pick, key: str, known: Mapping[str, str]) -> str:
    label = here.say(f"filter_{one.name}")
    if one.options is None:
        return st.text_input(label, key=key, max_chars=CHARS_MAX).strip()
    if one.tabs:
        chosen = st.pills(
            label, list(known), key=key, required=True, label_visibility="collapsed",
            format_func=lambda code: known.get(code, code),
        )  # fmt: skip
    else:
        chosen = st.selectbox(label, list(known), key=key, format_func=lambda code: known.get(code, code))
    return str(chosen or "")
