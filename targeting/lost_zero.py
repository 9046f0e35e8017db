"""Numbers that lost their leading zero, as spreadsheets do it: read all the same, and told of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data.rules.persian import digits

if TYPE_CHECKING:
    import polars as pl  # hundreds of milliseconds: a short list of numbers is checked without it

_LOST = {"IR": r"^9[0-9]{9}$"}  # region → a whole national number without its 0
_BETWEEN = r"[\s\-]"
CODE = "lost_zero"
EN = "numbers that came without their leading zero and were mended: {n}"
FA = "شماره‌هایی که صفر آغازین نداشتند و اصلاح شدند: {n}"


def lost_zero(text: str, region: str) -> bool:
    """Whether a text that was read as a number lacks its zero."""
    pattern = _LOST.get(region)
    return bool(pattern and re.match(pattern, re.sub(_BETWEEN, "", digits(text))))


def lost_zero_expr(text: pl.Expr, region: str) -> pl.Expr:
    """Say the same of a column."""
    import polars as pl

    from data.rules.persian_columns import digits_expr

    pattern = _LOST.get(region)
    if not pattern:
        return pl.lit(value=False)
    return digits_expr(text).str.replace_all(_BETWEEN, "").str.contains(pattern)
