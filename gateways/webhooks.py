"""Webhook bodies of the contract (decisions 22), read in columns: one object or a list of at most 1,000.

A body that does not parse is found by halving and rejected; its neighbours are not touched by it.
"""

from __future__ import annotations

import contextlib
import secrets

import polars as pl

from data.rules.distinct_columns import by_word
from data.store import json_columns
from gateways.gateway import INBOUND, REJECTED, Receipts

DECODE_SLICES = 8
RARER_MOMENTS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M")
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
    """Return the receipts in opened bodies, `index` and DLR_FIELDS; `rejected` ones go with those of them."""
    state = pl.col("status").map_batches(_state, return_dtype=pl.String).alias("state")
    frame = rows.select(
        "index", "ref", pl.lit(None, pl.Int64).alias("message_id"),
        pl.col("to").cast(pl.UInt64, strict=False), pl.col("id").alias("gid"), "status", state,
        pl.col("part").cast(pl.UInt16, strict=False), moment("at"),
    )  # fmt: skip
    named = pl.col("gid").is_not_null() | (pl.col("ref").is_not_null() & pl.col("to").is_not_null())
    return kept(
        frame, pl.col("status").is_not_null() & named, rejected, "no status, or nothing that names a message"
    )


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
    """Read an ISO-8601 moment as UTC (one without a zone is UTC); what cannot be read is null."""
    return pl.col(column).map_batches(_moments, return_dtype=pl.Datetime("us", "UTC"))


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
    """Return one row per object in the bodies with the row `index` of its body, and what was rejected.

    Where every body is one object, as most gateways post them, they are read in one go, which costs a quarter
    of what the envelopes of `_decoded` do.
    """
    frame = pl.DataFrame({"body": bodies.cast(pl.String)}).with_row_index("index").cast({"index": pl.UInt32})
    if not frame["body"].str.starts_with("{").all():
        frame = frame.with_columns(pl.col("body").str.strip_chars())
    alone = _alone(frame, shape)
    if alone is not None:
        return alone, NO_REJECTS
    listed = pl.when(pl.col("body").str.starts_with("{")).then(pl.format("[{}]", "body")).otherwise("body")
    frame = frame.with_columns(listed.alias("body"))
    lists = frame.filter(pl.col("body").str.starts_with("["))
    strange = frame.join(lists, on="index", how="anti").select(
        "index", pl.lit("neither an object nor a list").alias("why")
    )
    parts, bad = _decoded(lists, shape)
    rows = pl.concat(parts) if parts else pl.DataFrame(schema={"index": pl.UInt32, "rows": pl.List(shape)})
    rejected = pl.concat([strange.cast(dict(REJECTED)), pl.DataFrame(bad, schema=REJECTED, orient="row")])  # type: ignore[arg-type]
    return rows.filter(pl.col("rows").list.len() > 0).explode("rows").unnest("rows"), rejected


def _alone(frame: pl.DataFrame, shape: pl.Struct) -> pl.DataFrame | None:
    """Read bodies that are one object each; None where some is not, or does not parse."""
    body = frame.get_column("body")
    if body.is_empty() or not body.str.starts_with("{").all():
        return None
    found = json_columns.objects(body, [field.name for field in shape.fields])
    return None if found is None else found.with_columns(frame.get_column("index"))


def _decoded(frame: pl.DataFrame, shape: pl.Struct) -> tuple[list[pl.DataFrame], list[tuple[int, str]]]:
    """Decode all bodies in parallel; on failure halve until the poisoned ones stand alone.

    json_decode joins the rows of a column before it parses, so that a crafted body could end early and shift
    its neighbours; each body therefore goes in an envelope with its index under a name nobody can know.
    """
    if not frame.height:
        return [], []
    mark = secrets.token_hex(8)
    opening, middle = pl.lit('{"' + mark + '":'), pl.lit(',"rows":')
    envelope = pl.concat_str(opening, "index", middle, "body", pl.lit("}")).alias("body")
    decode = pl.col("body").str.json_decode(pl.Struct({mark: pl.UInt32, "rows": pl.List(shape)}))
    sealed = frame.select("index", envelope)
    waiting = list(sealed.iter_slices(max(1, -(-frame.height // DECODE_SLICES))))
    with contextlib.suppress(pl.exceptions.PolarsError):
        opened = pl.collect_all([piece.lazy().select("index", decode) for piece in waiting])
        if all(_unmoved(piece, mark) for piece in opened):
            return [_rows(piece) for piece in opened], []
    return _halved(waiting, decode, mark)


def _halved(
    waiting: list[pl.DataFrame], decode: pl.Expr, mark: str
) -> tuple[list[pl.DataFrame], list[tuple[int, str]]]:
    parts: list[pl.DataFrame] = []
    bad: list[tuple[int, str]] = []
    while waiting:
        piece, why = waiting.pop(0), "it ends before its end"
        try:
            opened = piece.select("index", decode)
            if opened.height == piece.height and _unmoved(opened, mark):
                parts.append(_rows(opened))
                continue
        except pl.exceptions.PolarsError as error:
            why = str(error).partition("\n")[0][:200]
        if piece.height == 1:
            bad.append((piece.item(0, "index"), f"not JSON of the contract: {why}"))
        else:
            half = piece.height // 2
            waiting[:0] = [piece[:half], piece[half:]]
    return parts, bad


def _unmoved(opened: pl.DataFrame, mark: str) -> bool:
    return opened.get_column("body").struct.field(mark).equals(opened.get_column("index"))


def _rows(opened: pl.DataFrame) -> pl.DataFrame:
    return opened.select("index", pl.col("body").struct.field("rows"))
