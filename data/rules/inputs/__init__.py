"""Input models: one a noun. What a person may type into it, with labels in both languages and the limits.

A page draws its form from the model, a file's columns are named by it, and whoever is refused is told in its
words. `check` looks at every field, so that a form can say all that is wrong at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from data.errors import Refused
from data.invalid import Unacceptable, every_problem

Drawn = Literal["text", "long", "choice", "password", "numbers", "file"]
M = TypeVar("M", bound="Input")


class Input(BaseModel):
    """The base of every input model: frozen, stripped of outer blanks, without fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was given: its name and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Label:
    """How a field is called in Persian and English, how it is drawn, and what helps to fill it in."""

    fa: str
    en: str
    drawn: Drawn = "text"
    help_fa: str = ""
    help_en: str = ""
    chars_max: int | None = None
    endings: tuple[str, ...] = ()  # of a file: what its name may end in; empty: anything

    def say(self, language: str) -> str:
        """Return the name of the field."""
        return self.fa if language == "fa" else self.en

    def help(self, language: str) -> str:
        """Return the hint under the field; empty where there is none."""
        return self.help_fa if language == "fa" else self.help_en


def one_of(allowed: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Return a validator that takes these values alone."""
    choices, choices_fa = ", ".join(map(str, allowed)), "، ".join(map(str, allowed))

    def known(value: Any) -> Any:
        if value not in allowed:
            raise Unacceptable(f"use one of {choices}", f"یکی از این‌ها را بنویسید: {choices_fa}")
        return value

    return known


def labels(model: type[Input]) -> dict[str, Label]:
    """Return field → label of the fields that people fill in, in the order in which they stand."""
    return {
        name: next(mark for mark in its.metadata if isinstance(mark, Label))
        for name, its in model.model_fields.items()
    }


def required(model: type[Input], name: str) -> bool:
    """Say whether a field must be filled in."""
    return model.model_fields[name].is_required()


def check(model: type[M], values: Mapping[str, Any]) -> tuple[M | None, list[Refused]]:
    """Return what the values make, or None and every refusal; an empty text is taken as not given."""
    given = {name: value for name, value in values.items() if value is not None and value != ""}
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        problems = every_problem(error, tuple(model.model_fields))
        return None, [Refused(".".join(where), en, fa) for where, en, fa in problems]


def accept(model: type[M], values: Mapping[str, Any]) -> M:
    """Return what the values make, or raise the first refusal."""
    made, problems = check(model, values)
    if made is None:
        raise problems[0]
    return made
