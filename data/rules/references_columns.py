"""References in columns: a drain sees each batch's reference thousands of times and parses it once."""

from __future__ import annotations

import polars as pl

from data.rules.distinct_columns import by_word
from data.rules.references import POS_LIMIT, parse_ref


def parse_refs(secret: bytes, refs: pl.Series) -> pl.DataFrame:
    """Return columns `run_id` Int64 and `seq` Int64, a row for each of `refs`; null where it is not ours."""

    def parsed(distinct: pl.Series) -> pl.DataFrame:
        said = [parse_ref(secret, ref) or (None, None) for ref in distinct]
        return pl.DataFrame(said, schema={"run_id": pl.Int64, "seq": pl.Int64}, orient="row")

    return by_word(refs.cast(pl.String), parsed)


def message_id_expr(run_id: pl.Expr, pos: pl.Expr) -> pl.Expr:
    """Return the message id (Int64) of columns run_id and pos."""
    return run_id.cast(pl.Int64) * POS_LIMIT + pos.cast(pl.Int64)


def split_message_id_expr(value: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the expressions of run_id and pos (Int64) of message ids; null where it is none of ours."""
    wide = value.cast(pl.Int64, strict=False)
    ours = wide > 0  # no 63-bit integer is past the last run
    return pl.when(ours).then(wide // POS_LIMIT), pl.when(ours).then(wide % POS_LIMIT)
