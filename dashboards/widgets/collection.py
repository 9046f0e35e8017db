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

from dashboards import living, words
from dashboards.session import Here, attempt, escaped
from dashboards.widgets import address, input_form
from dashboards.widgets.address import Filters, Options, Pick
from dashboards.widgets.input_form import Form
from dashboards.widgets.table import Column, Row, table
from data.rules.inputs import Input
from data.use_cases.floor import Who

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Action", "Chosen", "Collection", "Form", "Pick", "Shown", "draw"]

PAGE_ROWS = 50
NAMED_MAX = 3  # of the chosen rows, how many are called by name in a question
Sought = Any  # what a noun's use cases are asked for: each noun has its own


@dataclass(frozen=True, slots=True)
class Shown:
    """A column: its name, its kind (`widgets.table.Column`), and the field of a row or how it is written."""

    name: str
    kind: str
    of: str | Callable[[Here, Any], object] = ""

    def cell(self, here: Here, row: Any) -> object:
        """Return what stands in the cell of a row."""
        value: Any = self.of(here, row) if callable(self.of) else getattr(row, self.of or self.name)
        if self.kind == "time":
            return here.moment(value)
        if self.kind == "number":
            return here.count(value)
        return words.plain(value, here.language) if value and self.kind == "code" else value or "–"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an action is to be done to: everything found by the filters, or of that the rows marked."""

    sought: Sought
    number: int
    names: tuple[str, ...]  # how those of them that stand on the screen are called


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done to rows: its name among the noun's words, and what must be said with it."""

    name: str
    icon: str
    do: Callable[..., Any]  # (who, sought, **values): a use case over what is looked for
    asks: type[Input] = Input
    options: Mapping[str, Options] = field(default_factory=dict)
    one: bool = False  # for a single row only
    when: Callable[[Filters], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Collection:
    """A noun: its columns, what identifies and names a row, how to find, and what can be done.

    `find` returns rows, their total, and the key after which it goes on (None: no more). `told` puts into
    words what a verb returned that is no number. `tabs`: choices of the filter with tabs that show another
    collection instead.
    """

    noun: str
    columns: Sequence[Shown]
    key: Callable[[Any], object]
    find: Callable[..., Any]  # (who, sought, limit=, after=)
    sought: Callable[[Filters, Sequence[str]], Sought] = lambda *_: None
    called: Callable[[Any], object] | None = None
    told: Callable[[Here, Any], str] = lambda here, _: here.say("done")
    filters: Sequence[Pick] = ()
    form: Form | None = None
    actions: Sequence[Action] = ()
    export: Callable[[Who, Sought], pl.DataFrame] | None = None
    above: Callable[[Here], str] | None = None
    tabs: Mapping[str, Collection] = field(default_factory=dict)


    def tell(self, here: Here, done: Any) -> str:
        """Return what is told of a verb that was done."""
        return here.say("done_to", n=here.count(done)) if isinstance(done, int) else self.told(here, done)


def draw(here: Here, its: Collection) -> None:
    """Draw the page of a noun: its form where the address asks for it, else its list."""
    for one in (its, *its.tabs.values()):
        if one.form and st.query_params.get("form") == one.noun:
            leave = partial(_leave_form, one)
            input_form.draw(here, one.noun, one.form, told=one.tell, back=leave)
            return
    _heading(here, its)
    filters = address.draw(here, its.noun, its.filters)
    shown = next((its.tabs[code] for code in filters.values() if code in its.tabs), its)
    if shown is not its:
        _new(here, shown)
        filters = address.draw(here, shown.noun, shown.filters)
    _body(here, shown, filters)


def _heading(here: Here, its: Collection) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{its.noun}_heading"):
        with st.container(width="stretch"):
            st.title(here.say(f"{its.noun}_title"), anchor=here.anchor)
            st.caption(here.say(f"{its.noun}_about"))
        _new(here, its)


def _new(here: Here, its: Collection) -> None:
    if not its.form or not here.may(its.form.save):
        return
    if st.button(
        here.say(f"{its.noun}_new"), icon=":material/add:", type="primary", key=f"{its.noun}_new"
    ):
        st.query_params["form"] = its.noun
        st.rerun()


def _body(here: Here, its: Collection, filters: Filters) -> None:
    place = _place(its, filters)
    after = {} if place[-1] is None else {"after": place[-1]}
    found = attempt(
        here, lambda: its.find(here.who, its.sought(filters, ()), limit=PAGE_ROWS, **after)
    )
    if found is None:
        return
    if told := st.session_state.pop(f"{its.noun}_told", None):
        st.success(escaped(told), icon=":material/check:")
    asked = any(filters[one.name] for one in its.filters if not one.tabs)
    if not found.total and not asked:
        _empty(here, its)
    else:
        _list(here, its, filters, found)


def _place(its: Collection, filters: Filters) -> list[Any]:
    """Return the keys after which the pages so far began, the present one last; other filters begin anew."""
    kept = st.session_state.get(f"{its.noun}_place")
    if not kept or kept[0] != filters:
        kept = (dict(filters), [None])
        st.session_state[f"{its.noun}_place"] = kept
    place: list[Any] = kept[1]
    return place


def _list(here: Here, its: Collection, filters: Filters, found: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{its.noun}_line"):
        line = here.say(f"{its.noun}_count", n=here.count(found.total))
        st.caption(f"{line} · {its.above(here)}" if its.above else line, width="stretch")
        for form in ("xlsx", "csv") if its.export and here.may(its.export) else ():
            where = f"/download/list/{its.noun}.{form}?{urlencode(filters)}"
            st.link_button(here.say(f"export_{form}"), where, icon=":material/download:")
    columns = [Column(one.name, here.say(f"column_{one.name}"), one.kind) for one in its.columns]
    key = f"{its.noun}_{len(_place(its, filters))}_{st.session_state.get(f'{its.noun}_turn', 0)}"
    marked = st.session_state.get(f"{its.noun}_new_row")
    rows = [_row(here, its, one) for one in found.rows]
    ids = table(
        here, columns, rows, key=key, choose=any(here.may(one.do) for one in its.actions), marked=marked,
        caption=here.say(f"{its.noun}_title"),
    ).chosen  # fmt: skip
    _bar(here, its, filters, [row for row in rows if row["id"] in ids], total=found.total)
    _pages(here, its, filters, found.after)


def _row(here: Here, its: Collection, one: Any) -> Row:
    name = its.called(one) if its.called else its.key(one)
    cells = {shown.name: shown.cell(here, one) for shown in its.columns}
    return {"id": str(its.key(one)), "name": words.plain(name, here.language)} | cells


def _bar(here: Here, its: Collection, filters: Filters, rows: Sequence[Row], *, total: int) -> None:
    """Draw what can be done to the chosen rows; without any there is nothing to do."""
    offered = [one for one in its.actions if one.when(filters) and here.may(one.do)]
    if not rows or not offered:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{its.noun}_bar"):
        everything = total > len(rows) and st.checkbox(
            here.say("choose_all", n=here.count(total)), key=f"{its.noun}_all"
        )
        ids = () if everything else tuple(str(row["id"]) for row in rows)
        number, names = total if everything else len(rows), tuple(str(row["name"]) for row in rows)
        whom = Chosen(its.sought(filters, ids), number, names)
        st.markdown(f"**{here.say('chosen', n=here.count(number))}**", width="stretch")
        for action in offered:
            name = here.say(f"{its.noun}_{action.name}")
            if (number == 1 or not action.one) and st.button(
                name, icon=action.icon, key=f"{its.noun}_{action.name}"
            ):
                living.dialog(name, _sure)(here, its, action, whom)


def _sure(here: Here, its: Collection, action: Action, whom: Chosen) -> None:
    """Ask once more, with the number, and for what must be said with it."""
    few = whom.number <= NAMED_MAX
    who = here.say("named", who=here.say("list_comma").join(whom.names)) if few else ""
    st.markdown(escaped(here.say(f"{its.noun}_{action.name}_sure", n=here.count(whom.number), who=who)))
    key = f"{its.noun}_{action.name}"
    values, problems = input_form.fields(here, action.asks, key, options=action.options)
    pressed = st.button(here.say("yes_do_it"), type="primary", disabled=bool(problems), key=f"{key}_yes")
    input_form.lacking(here, action.asks, problems)
    if not pressed:
        return
    told = attempt(here, lambda: its.tell(here, action.do(here.who, whom.sought, **values)))
    if told is not None:
        input_form.forget(action.asks, key)
        _done(its, told)
        st.rerun()


def _pages(here: Here, its: Collection, filters: Filters, after: object) -> None:
    place = _place(its, filters)
    if len(place) == 1 and after is None:
        return
    with st.container(horizontal=True, key=f"{its.noun}_pages"):
        if st.button(here.say("page_before"), disabled=len(place) == 1, key=f"{its.noun}_before"):
            place.pop()
            st.rerun()
        if st.button(here.say("page_after"), disabled=after is None, key=f"{its.noun}_after"):
            place.append(after)
            st.rerun()


def _empty(here: Here, its: Collection) -> None:
    """Say what the page is for, with an example that fills the form and saves nothing."""
    with st.container(border=True, key=f"card_{its.noun}_empty"):
        st.markdown(here.say(f"{its.noun}_empty"))
        st.text(here.say(f"{its.noun}_example"))
        example = its.form.example(here) if its.form and here.may(its.form.save) else {}
        if example and st.button(here.say("bring_example"), key=f"{its.noun}_bring"):
            input_form.fill(its.noun, example)
            st.query_params["form"] = its.noun
            st.rerun()


def _leave_form(its: Collection, told: str | None, marked: str | None, filters: Filters) -> None:
    st.query_params.pop("form", None)
    for name, code in filters.items():
        st.query_params[name] = code
    if told is not None:
        _done(its, told, marked)
    st.rerun()


def _done(its: Collection, told: str, marked: str | None = None) -> None:
    """Tell what was done above the list, mark the new row, and let nothing be chosen any more."""
    st.session_state[f"{its.noun}_told"] = told
    st.session_state[f"{its.noun}_new_row"] = marked
    st.session_state[f"{its.noun}_turn"] = st.session_state.get(f"{its.noun}_turn", 0) + 1
