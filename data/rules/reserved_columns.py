"""Reserved words in columns; agrees with `reserved.reserved` row by row."""

from __future__ import annotations

import polars as pl

from data.rules.persian_columns import fold_expr
from data.rules.reserved import MEANING, SIGNS


def bare_expr(text: pl.Expr) -> pl.Expr:
    """Return the folded text without the signs around it (String)."""
    return fold_expr(text).str.strip_chars(SIGNS)


def reserved_expr(bare: pl.Expr) -> pl.Expr:
    """Return stop, start, help or null of a column that `bare_expr` made."""
    return bare.replace_strict(MEANING, default=None, return_dtype=pl.String)
