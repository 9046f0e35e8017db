"""Prices in columns; agrees with `pricing.price` row by row."""

from __future__ import annotations

import polars as pl

from data.rules.pricing import Tariff


def price_expr(tariff: Tariff) -> pl.Expr:
    """Return the price in rials (Int64) of a message from columns `parts` and `ucs2`."""
    part = pl.when(pl.col("ucs2")).then(tariff.price_rials).otherwise(tariff.latin_price_rials)
    return (pl.col("parts").cast(pl.Int64) * part.cast(pl.Int64)).alias("price_rials")


def cost_expr(tariff: Tariff) -> pl.Expr:
    """Return what the gateway bills us (Int64 rials) from the column `parts`."""
    return (pl.col("parts").cast(pl.Int64) * tariff.cost_rials).alias("cost_rials")
