"""A form drawn from a noun's input model: labels and limits are the model's, it is checked while one types,
and why it cannot be saved stands beside the button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboards.session import Here, attempt, escaped
from dashboards.widgets.address import Filters, Options
from data.errors import Refused
from data.rules import inputs
from data.rules.inputs import File, Input, Label
from data.use_cases.floor import Who

BOX_PIXELS = 150
Back = Callable[[str | None, str | None, Filters], None]


@dataclass(frozen=True, slots=True)
class Form:
    """What a noun's form asks and how it is saved; the choices of its fields, an example to begin with.

    `row` names the new row from what saving returned; `seen_by` are the filters that show it afterwards.
    """

    model: type[Input]
    save: Callable[[Who, Mapping[str, Any]], Any]
    options: Mapping[str, Options] = field(default_factory=dict)
    example: Callable[[Here], Mapping[str, Any]] = lambda _: {}
    row: Callable[[Any], object] = lambda _: None
    seen_by: Callable[[Mapping[str, Any]], Filters] = lambda _: {}


def draw(here: Here, noun: str, form: Form, *, told: Callable[[Here, Any], str], back: Back) -> None:
    """Draw the form in place of the list; `back` leaves it, with what to tell when something was saved."""
    st.title(here.say(f"{noun}_new"), anchor=False)
    with st.container(border=True, key=f"card_{noun}_form"):
        values, problems = fields(here, form.model, f"{noun}_form", options=form.options)
        with st.container(horizontal=True, vertical_alignment="center"):
            save = st.button(
                here.say("save"), type="primary", disabled=bool(problems), icon=":material/check:",
                key=f"{noun}_save",
            )  # fmt: skip
            leave = st.button(here.say("cancel"), type="tertiary", key=f"{noun}_cancel")
            with st.container(width="stretch"):
                lacking(here, form.model, problems)
    saved = attempt(here, lambda: (form.save(here.who, values),)) if save else None
    if saved is not None:
        forget(form.model, f"{noun}_form")
        row = form.row(saved[0])
        back(told(here, saved[0]), None if row is None else str(row), form.seen_by(values))
    elif leave:
        forget(form.model, f"{noun}_form")
        back(None, None, {})


def fields(
    here: Here, model: type[Input], key: str, *, options: Mapping[str, Options]
) -> tuple[dict[str, Any], list[Refused]]:
    """Draw the fields of a model; return what was typed, and everything that is wrong with it."""
    given = st.session_state.pop(f"{key}_given", {})
    values: dict[str, Any] = {}
    for name, label in inputs.labels(model).items():
        if name in given:
            st.session_state[f"{key}_{name}"] = given[name]
        title = label.say(here.language) + (" *" if inputs.required(model, name) else "")
        choices = options.get(name)
        values[name] = _box(here, label, f"{key}_{name}", title=title, options=choices)
    return values, inputs.check(model, values)[1]


def lacking(here: Here, model: type[Input], problems: Sequence[Refused]) -> None:
    """Say each thing that is lacking, under the name that its field has on the screen."""
    named = inputs.labels(model)
    for problem in problems:
        said = problem.fa if here.language == "fa" else problem.en
        label = named.get(problem.field)
        name = label.say(here.language) if label else problem.field
        st.caption(f":material/error: {escaped(f'{name}: {said}')}")


def fill(noun: str, values: Mapping[str, Any]) -> None:
    """Let the form begin with these values; nothing is saved."""
    st.session_state[f"{noun}_form_given"] = dict(values)


def forget(model: type[Input], key: str) -> None:
    """Empty the form for the next time; a typed password stays nowhere."""
    for name in inputs.labels(model):
        st.session_state.pop(f"{key}_{name}", None)


def _box(here: Here, label: Label, key: str, *, title: str, options: Options | None) -> Any:
    hint = label.help(here.language) or None
    if label.drawn == "choice":
        choices = dict(options(here)) if options else {}
        return st.selectbox(
            title, list(choices), key=key, help=hint, format_func=lambda value: choices.get(value, value)
        )
    if label.drawn == "file":
        file = st.file_uploader(title, type=list(label.endings) or None, key=key, help=hint)
        return None if file is None else File(file.name, file.getvalue())
    if label.drawn in ("long", "numbers"):
        return st.text_area(title, key=key, help=hint, height=BOX_PIXELS, max_chars=label.chars_max)
    secret = label.drawn == "password"
    return st.text_input(
        title, key=key, help=hint, max_chars=label.chars_max, type="password" if secret else "default",
        autocomplete="new-password" if secret else "off",
    )  # fmt: skip
