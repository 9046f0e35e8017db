"""Numbers as providers in Iran write them: dialled from inside the country, or in any of several writings."""

from __future__ import annotations

import polars as pl


def dialled() -> pl.Expr:
    """Our number, `msisdn`, as `dialled`: as it is dialled in Iran (09…); any other country's with 00."""
    text = pl.col("msisdn").cast(pl.String)
    local = pl.concat_str(pl.lit("0"), text.str.slice(2))
    abroad = pl.concat_str(pl.lit("00"), text)
    return pl.when(text.str.starts_with("98")).then(local).otherwise(abroad).alias("dialled")


def msisdn_of(column: str) -> pl.Expr:
    """A number in any of the forms it is written in, as digits 98…"""
    text = pl.col(column).str.strip_prefix("+").str.strip_prefix("00")
    local = pl.when(text.str.starts_with("0")).then("98" + text.str.slice(1)).otherwise(text)
    return pl.when(local.str.len_chars() == 10).then("98" + local).otherwise(local)
