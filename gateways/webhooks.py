"""Webhook bodies of the contract (decisions 22), read in columns: one object or a list of at most 1,000.

A body that is neither is rejected; its neighbours are not touched by it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from data.rules import msisdn_columns
from data.rules.distinct_columns import by_word
from data.settings import settings
from data.store import json_columns
from gateways.gateway import INBOUND, REJECTED, Receipts

RARER_MOMENTS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M")
CENTURY = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
FULL_NUMBER = 10**11  # what is shorter lacks its country code
STATES = {
    "QUEUED": "queued",
    "ACCEPTED": "submitted",
    "ENROUTE": "at_operator",
    "REJECTED": "rejected",
    "BLOCKED": "blacklisted",
    "EXPIRED": "expired",
    "UNDELIVERABLE": "undelivered",
    "DELIVERED": "delivered",
}
DLR_FIELDS = ("id", "ref", "to", "status", "part", "at")
_DLR = pl.Struct(dict.fromkeys(DLR_FIELDS, pl.String))
NO_REJECTS = pl.DataFrame(schema=REJECTED)
_MO = pl.Struct(dict.fromkeys(("id", "from", "to", "text", "at"), pl.String))


def receipts(bodies: pl.Series) -> Receipts:
    """Return the receipts in raw bodies; one without a status or any name of its message is rejected."""
    return receipts_of(*exploded(bodies, _DLR))


def receipts_of(rows: pl.DataFrame, rejected: pl.DataFrame = NO_REJECTS) -> Receipts:
    """Return the receipts in opened bodies, `index` and DLR_FIELDS; `rejected` ones go with those of them.

    A part that is told but is no number is rejected: taken for none it would speak of the whole message.
    """
    state = pl.col("status").map_batches(_state, return_dtype=pl.String).alias("state")
    frame = rows.select(
        "index", "ref", pl.lit(None, pl.Int64).alias("message_id"),
        pl.lit(_number(rows["to"])), pl.col("id").alias("gid"), "status", state,
        pl.col("part").cast(pl.UInt16, strict=False), moment("at"),
    )  # fmt: skip
    named = pl.col("gid").is_not_null() | (pl.col("ref").is_not_null() & pl.col("to").is_not_null())
    part = pl.lit(rows["part"].is_null() | frame["part"].is_not_null())
    why = "no status, nothing that names a message, or a part that is no number"
    return kept(frame, pl.col("status").is_not_null() & named & part, rejected, why)


def _number(to: pl.Series) -> pl.Series:
    """Read numbers as the contract has them; one in another writing of the same number is that number."""
    numbers = to.cast(pl.UInt64, strict=False)
    odd = to.is_not_null() & (numbers.is_null() | (numbers < FULL_NUMBER))
    if not odd.any():
        return numbers
    read = msisdn_columns.parse_column(to.filter(odd), settings().region)["msisdn"]
    return numbers.scatter(odd.arg_true(), read.fill_null(numbers.filter(odd)))


def _state(status: pl.Series) -> pl.Series:
    def known(words: pl.Series) -> pl.DataFrame:
        upper = words.str.to_uppercase()
        return upper.replace_strict(STATES, default=None, return_dtype=pl.String).to_frame()

    return by_word(status, known).to_series()


def inbound(bodies: pl.Series) -> Receipts:
    """Return the inbound messages in raw bodies; one without sender, receiver or text is rejected."""
    rows, rejected = exploded(bodies, _MO)
    frame = rows.select(
        "index", pl.col("id").alias("gid"), pl.col("from").alias("sender"), "to", "text", moment("at")
    ).cast(dict(INBOUND))  # type: ignore[arg-type]
    good = pl.all_horizontal(pl.col("sender", "to", "text").is_not_null())
    return kept(frame, good, rejected, "no sender, receiver or text")


def moment(column: str) -> pl.Expr:
    """Read an ISO-8601 moment as UTC (one without a zone is UTC); what cannot be read, or lies in another
    century, is null.
    """
    read = pl.col(column).map_batches(_moments, return_dtype=pl.Datetime("us", "UTC"))
    return pl.when(read.is_between(*CENTURY)).then(read).alias(column)


def _moments(text: pl.Series) -> pl.Series:
    """The whole form first; the rarer ones only where it did not do."""
    full = text.str.to_datetime("%+", time_unit="us", strict=False).dt.convert_time_zone("UTC")
    if full.null_count() == text.null_count():
        return full
    frame = pl.DataFrame({"full": full, "text": text})
    rarer = [
        pl.col("text").str.to_datetime(form, time_unit="us", strict=False).dt.replace_time_zone("UTC")
        for form in RARER_MOMENTS
    ]
    return frame.select(pl.coalesce("full", *rarer)).to_series()


def kept(frame: pl.DataFrame, good: pl.Expr, rejected: pl.DataFrame, why: str) -> Receipts:
    """Keep the good rows; the bodies of the others are rejected, once each."""
    whole = frame.select(good.fill_null(value=False).all()).item()
    if whole and rejected.is_empty():
        return Receipts(frame, rejected)
    bad = frame.filter(~good).select("index").unique().with_columns(pl.lit(why).alias("why"))
    return Receipts(frame.filter(good), pl.concat([rejected, bad.cast(dict(REJECTED))]).sort("index"))  # type: ignore[arg-type]


def exploded(bodies: pl.Series, shape: pl.Struct) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one row per object in the bodies with the row `index` of its body, and what was rejected."""
    return json_columns.exploded(bodies, [field.name for field in shape.fields])


def shaped(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Add the columns that this gateway does not tell, in the order of the schema."""
    absent = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(schema.names()).cast(dict(schema))  # type: ignore[arg-type]
