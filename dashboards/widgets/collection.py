"""A noun's page as one mechanism: list, filters, form, actions. A page of it says what, this says how.

Filters stand in the address; the list goes on by key, never by a counted offset; chosen rows raise a bar of
actions, each asked once more with its number. An action speaks of a filter: of the rows that are marked, or
of everything that is found, whether or not it stands on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from dashboards import living
from dashboards.session import Here, attempt, escaped
from dashboards.widgets import input_form
from dashboards.widgets.input_form import Form
from dashboards.widgets.table import Column, Row, table
from data.rules.inputs import Input

if TYPE_CHECKING:
    import polars as pl

PAGE_ROWS = 50
Filters = Mapping[str, str]
Options = Callable[[Here], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Pick:
    """One filter: its name, and its choices (value → words); without choices it is a box to type in."""

    name: str
    options: Options | None = None
    tabs: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows as `widgets.table` draws them, how many are found in all, the key of the last one."""

    rows: Sequence[Row]
    total: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an action is to be done to: everything found by the filters, or of that the rows marked."""

    filters: Filters
    ids: tuple[str, ...]  # empty: everything that is found
    number: int


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done to rows: its name among the noun's words, and what must be said with it."""

    name: str
    icon: str
    do: Callable[[Here, Chosen, Mapping[str, Any]], str]  # returns what to tell afterwards
    asks: type[Input] | None = None
    options: Mapping[str, Options] = field(default_factory=dict)
    one: bool = False  # for a single row only
    when: Callable[[Filters], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Collection:
    """A noun: its columns (name, kind of `widgets.table.Column`), filters, how to find, what can be done."""

    noun: str
    columns: Sequence[tuple[str, str]]
    find: Callable[[Here, Filters, str], Found]
    filters: Sequence[Pick] = ()
    form: Form | None = None
    actions: Sequence[Action] = ()
    export: Callable[[Here, Filters], pl.DataFrame] | None = None
    above: Callable[[Here], str] | None = None
    more: Callable[[Here], None] | None = None


def draw(here: Here, its: Collection) -> None:
    """Draw the page of a noun: its form where the address asks for it, else its list."""
    if its.form and st.query_params.get("form") == its.noun:
        input_form.draw(here, its.noun, its.form, back=partial(_leave_form, its))
        return
    _heading(here, its)
    filters = _filters(here, its)
    place = _place(its, filters)
    found = attempt(here, lambda: its.find(here, filters, place[-1]))
    if found is None:
        return
    if told := st.session_state.pop(f"{its.noun}_told", None):
        st.success(escaped(told), icon=":material/check:")
    asked = any(filters[one.name] for one in its.filters if not one.tabs)
    if not found.total and not asked:
        _empty(here, its)
    else:
        _list(here, its, filters, found)
    if its.more:
        its.more(here)


def _heading(here: Here, its: Collection) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{its.noun}_heading"):
        with st.container(width="stretch"):
            st.title(here.say(f"{its.noun}_title"), anchor=here.anchor)
            st.caption(here.say(f"{its.noun}_about"))
        if its.form and st.button(
            here.say(f"{its.noun}_new"), icon=":material/add:", type="primary", key=f"{its.noun}_new"
        ):
            st.query_params["form"] = its.noun
            st.rerun()


def _filters(here: Here, its: Collection) -> dict[str, str]:
    """Draw the filters; return name → value, "" for any."""
    found = {one.name: _tabs(here, its, one) for one in its.filters if one.tabs}
    rest = [one for one in its.filters if not one.tabs]
    for column, one in zip(st.columns(len(rest)) if rest else (), rest, strict=True):
        with column:
            found[one.name] = _pick(here, its, one)
    return found


def _tabs(here: Here, its: Collection, one: Pick) -> str:
    options = one.options(here) if one.options else {}
    chosen = st.pills(
        here.say(f"filter_{one.name}"), list(options), default=next(iter(options)), required=True,
        key=f"{its.noun}_{one.name}", bind="query-params", label_visibility="collapsed",
        format_func=lambda value: options.get(value, value),
    )  # fmt: skip
    return str(chosen or "")


def _pick(here: Here, its: Collection, one: Pick) -> str:
    key, label = f"{its.noun}_{one.name}", here.say(f"filter_{one.name}")
    if one.options is None:
        return st.text_input(label, key=key, max_chars=80, bind="query-params").strip()
    options = {"": here.say("any")} | dict(one.options(here))
    chosen = st.selectbox(
        label,
        list(options),
        key=key,
        bind="query-params",
        format_func=lambda value: options.get(value, value),
    )
    return str(chosen or "")


def _place(its: Collection, filters: Filters) -> list[str]:
    """Return the keys after which the pages so far began, the present one last; other filters begin anew."""
    kept = st.session_state.get(f"{its.noun}_place")
    if not kept or kept[0] != filters:
        kept = (dict(filters), [""])
        st.session_state[f"{its.noun}_place"] = kept
    place: list[str] = kept[1]
    return place


def _list(here: Here, its: Collection, filters: Filters, found: Found) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{its.noun}_line"):
        line = here.say(f"{its.noun}_count", n=here.count(found.total))
        st.caption(f"{line} · {its.above(here)}" if its.above else line, width="stretch")
        if its.export:
            for form in ("xlsx", "csv"):
                address = f"/download/list/{its.noun}.{form}?{urlencode(filters)}"
                st.link_button(here.say(f"export_{form}"), address, icon=":material/download:")
    columns = [Column(name, here.say(f"column_{name}"), kind) for name, kind in its.columns]
    key = f"{its.noun}_{len(_place(its, filters))}_{st.session_state.get(f'{its.noun}_turn', 0)}"
    marked = st.session_state.get(f"{its.noun}_new_row")
    chosen = table(
        here, columns, found.rows, key=key, choose=bool(its.actions), marked=marked,
        caption=here.say(f"{its.noun}_title"),
    ).chosen  # fmt: skip
    _bar(here, its, Chosen(filters, chosen, len(chosen)), found.total)
    _pages(here, its, filters, found)


def _bar(here: Here, its: Collection, chosen: Chosen, total: int) -> None:
    """Draw what can be done to the chosen rows; without any there is nothing to do."""
    if not chosen.number:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{its.noun}_bar"):
        everything = total > chosen.number and st.checkbox(
            here.say("choose_all", n=here.count(total)), key=f"{its.noun}_all"
        )
        whom = Chosen(chosen.filters, (), total) if everything else chosen
        st.markdown(f"**{here.say('chosen', n=here.count(whom.number))}**", width="stretch")
        for action in its.actions:
            if action.when(chosen.filters) and not (action.one and whom.number != 1):
                name = here.say(f"{its.noun}_{action.name}")
                if st.button(name, icon=action.icon, key=f"{its.noun}_{action.name}"):
                    living.dialog(name, _sure)(here, its, action, whom)


def _sure(here: Here, its: Collection, action: Action, whom: Chosen) -> None:
    """Ask once more, with the number, and for what must be said with it."""
    who = "، ".join(whom.ids[:3]) if whom.ids and whom.number <= len(whom.ids[:3]) else ""
    st.markdown(escaped(here.say(f"{its.noun}_{action.name}_sure", n=here.count(whom.number), who=who)))
    asked = action.asks or Input
    values, problems = input_form.fields(here, asked, f"{its.noun}_{action.name}", options=action.options)
    pressed = st.button(
        here.say("yes_do_it"), type="primary", disabled=bool(problems), key=f"{its.noun}_{action.name}_yes"
    )
    input_form.lacking(here, problems)
    told = attempt(here, lambda: action.do(here, whom, values)) if pressed else None
    if told is not None:
        _done(its, told)
        st.rerun()


def _pages(here: Here, its: Collection, filters: Filters, found: Found) -> None:
    place = _place(its, filters)
    if len(place) == 1 and found.after is None:
        return
    with st.container(horizontal=True, key=f"{its.noun}_pages"):
        if st.button(here.say("page_before"), disabled=len(place) == 1, key=f"{its.noun}_before"):
            place.pop()
            st.rerun()
        if st.button(here.say("page_after"), disabled=found.after is None, key=f"{its.noun}_after"):
            place.append(found.after or "")
            st.rerun()


def _empty(here: Here, its: Collection) -> None:
    """Say what the page is for, with an example that fills the form and saves nothing."""
    with st.container(border=True, key=f"card_{its.noun}_empty"):
        st.markdown(here.say(f"{its.noun}_empty"))
        st.text(here.say(f"{its.noun}_example"))
        if its.form and st.button(here.say("bring_example"), key=f"{its.noun}_bring"):
            input_form.fill(its.noun, its.form.example(here))
            st.query_params["form"] = its.noun
            st.rerun()


def _leave_form(its: Collection, told: str | None, marked: str | None) -> None:
    st.query_params.pop("form", None)
    if told is not None:
        _done(its, told, marked)
    st.rerun()


def _done(its: Collection, told: str, marked: str | None = None) -> None:
    """Tell what was done above the list, mark the new row, and let nothing be chosen any more."""
    st.session_state[f"{its.noun}_told"] = told
    st.session_state[f"{its.noun}_new_row"] = marked
    st.session_state[f"{its.noun}_turn"] = st.session_state.get(f"{its.noun}_turn", 0) + 1
