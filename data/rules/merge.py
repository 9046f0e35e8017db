r"""Texts with fields: `{name}` and `{name|fallback}`; values are printed as they are, never read again.

A brace that is meant is written `\{` or `\}`; any other brace that does not enclose a field is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from data.errors import Refused

FIELD_NAME_MAX_CHARS = 64
_TOKEN = re.compile(r"\\([{}])|\{([^{}|\n]*)(?:\|([^{}]*))?\}|([{}])")


class TemplateRefused(Refused):
    """A brace of the text encloses no field."""


@dataclass(frozen=True, slots=True)
class Field:
    """A place that a recipient's own value fills."""

    name: str
    fallback: str | None = None  # None: a recipient without a value is missing something


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: literal pieces and fields, in order."""

    pieces: tuple[str | Field, ...]
    fields: tuple[str, ...]  # distinct names, in order of appearance

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of fields that stand somewhere without a fallback."""
        wanted = {piece.name for piece in self.pieces if isinstance(piece, Field) and piece.fallback is None}
        return tuple(name for name in self.fields if name in wanted)


def parse_template(text: str) -> Template:
    """Return the template of `text`; raise TemplateRefused, naming the place, on a stray brace or no name."""
    pieces: list[str | Field] = []
    end = 0
    for found in _TOKEN.finditer(text):
        pieces.append(text[end : found.start()])
        pieces.append(_piece(found))
        end = found.end()
    pieces.append(text[end:])
    joined = _joined(pieces)
    return Template(joined, tuple(dict.fromkeys(piece.name for piece in joined if isinstance(piece, Field))))


def merge(template: Template, values: Mapping[str, str | None]) -> str:
    """Return the text for one recipient; a field without value takes its fallback, else nothing."""
    return "".join(piece if isinstance(piece, str) else _filled(piece, values) for piece in template.pieces)


def missing_fields(template: Template, values: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the names of fields that this recipient has no value for and that have no fallback."""
    return tuple(name for name in template.needed if not (values.get(name) or "").strip())


def _filled(field: Field, values: Mapping[str, str | None]) -> str:
    value = values.get(field.name) or ""
    return value if value.strip() else field.fallback or ""


def _piece(found: re.Match[str]) -> str | Field:
    escaped, name, fallback, stray = found.groups()
    if escaped:
        return str(escaped)
    place = found.start() + 1
    if stray:
        raise TemplateRefused(
            "text",
            f"the brace at character {place} encloses no field: write {{field}} or {{field|fallback}},"
            f" or \\{stray} for the sign itself",
            f"آکولاد در نویسه {place} فیلدی را در بر نگرفته است: {{فیلد}} یا {{فیلد|جایگزین}} بنویسید،"
            f" یا برای خود نشانه \\{stray}",
        )
    name = name.strip()
    if not name or len(name) > FIELD_NAME_MAX_CHARS:
        raise TemplateRefused(
            "text",
            f"the field at character {place} needs a name of 1 to {FIELD_NAME_MAX_CHARS} characters",
            f"فیلد در نویسه {place} باید نامی بین ۱ تا {FIELD_NAME_MAX_CHARS} نویسه داشته باشد",
        )
    return Field(name, fallback)


def _joined(pieces: list[str | Field]) -> tuple[str | Field, ...]:
    """Join neighbouring literals so that each expression in columns has as few pieces as can be."""
    joined: list[str | Field] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)
