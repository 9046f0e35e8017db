"""Merging in columns: one expression for all recipients; agrees with `merge.merge` row by row."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import polars as pl

from data.rules.merge import Field, Template

_SOMETHING = r"[^\s\x1c-\x1f]"  # what Python's strip() would leave


def merged(template: Template, columns: AbstractSet[str]) -> pl.Expr:
    """Return the merged `text` (String, never null) from columns named like the fields.

    A field that is not in `columns` takes its fallback, else nothing. For use in `with_columns`.
    """
    pieces = [
        pl.lit(piece) if isinstance(piece, str) else _filled(piece, columns) for piece in template.pieces
    ]
    return pl.concat_str(pieces or [pl.lit("")]).alias("text")


def missing(template: Template, columns: AbstractSet[str] | None = None) -> pl.Expr:
    """Return a Boolean: this recipient lacks a value of some field without fallback.

    With `columns` given, a field outside them is missing for everybody.
    """
    empty = [
        pl.lit(True) if columns is not None and name not in columns else _value(name).is_null()
        for name in template.needed
    ]
    return pl.any_horizontal(empty or [pl.lit(False)]).alias("missing")


def _filled(field: Field, columns: AbstractSet[str]) -> pl.Expr:
    fallback = pl.lit(field.fallback or "")
    return _value(field.name).fill_null(fallback) if field.name in columns else fallback


def _value(name: str) -> pl.Expr:
    """Return the column as text; null where it holds nothing but white space."""
    text = pl.col(name).cast(pl.String)
    return pl.when(text.str.contains(_SOMETHING)).then(text)
