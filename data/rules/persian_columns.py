"""Persian text in columns; agrees with `persian.fold` and `persian.digits` row by row."""

from __future__ import annotations

import polars as pl

from data.rules.persian import DIGITS_ARABIC, DIGITS_ASCII, DIGITS_PERSIAN, DROPPED, LETTERS, SPACES

_DIGITS = dict(zip(DIGITS_PERSIAN + DIGITS_ARABIC, DIGITS_ASCII * 2, strict=True))


def fold_expr(text: pl.Expr) -> pl.Expr:
    """Return the folded text (String); null stays null."""
    plain = text.cast(pl.String).str.normalize("NFKC").str.replace_all(DROPPED, "").str.to_lowercase()
    return plain.str.replace_many(LETTERS | _DIGITS).str.replace_all(SPACES, " ").str.strip_chars(" ")


def digits_expr(text: pl.Expr) -> pl.Expr:
    """Return the text with Persian and Arabic digits as ASCII."""
    return text.cast(pl.String).str.replace_many(_DIGITS)
