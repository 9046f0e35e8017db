"""SHA-256 of texts in columns."""

from __future__ import annotations

import polars as pl

from data.store import engine


def sha256_column(texts: pl.Series) -> pl.Series:
    """Return the digest of each text's UTF-8 as 64 hexadecimal digits; null stays null."""
    con = engine.connect()
    try:
        con.register("told", texts.alias("text").to_frame().with_row_index("place"))
        digests: pl.DataFrame = con.sql("SELECT sha256(text) AS digest FROM told ORDER BY place").pl()
    finally:
        con.close()
    return digests["digest"].cast(pl.String)
