"""The audit's own reading of the lake: states and sums of one run, written from the rules of docs/flows.md,
not from the product's fold.

Ranks, refunds and the order of the rules stand here a second time on purpose: what checks a computation must
not share its mistakes. An import contract keeps it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final as Constant

import polars as pl

# Weakest first. Between equals of a rank (rejected and cancelled, failed and expired) the later one is shown.
WORDS: Constant = (
    "queued", "submitted", "at_operator", "rejected", "cancelled", "blacklisted", "failed", "expired",
    "not_at_operator", "undelivered", "delivered",
)  # fmt: skip
PLACE: Constant = {"unknown": 0} | {word: place for place, word in enumerate(WORDS, 1)}
AT_OPERATOR, DELIVERED = PLACE["at_operator"], PLACE["delivered"]
DECIDED_BY_US: Constant = ("written_off", "suppressed", "cancelled")
GIVEN_BACK: Constant = {
    "send_base": ("blacklisted", "not_at_operator"),
    "delivery_base": (
        "blacklisted", "not_at_operator", "undelivered", "failed", "expired", "rejected",
    ),
}  # fmt: skip
_TOLD: Constant = {"run": pl.Int64(), "pos": pl.UInt32(), "to": pl.UInt64(), "gid": pl.String(),
                   "state": pl.String(), "part": pl.UInt16(), "verdict": pl.String()}  # fmt: skip
_ENDED: Constant = {
    "run": pl.Int64(), "pos": pl.UInt32(), "state": pl.String(), "gid": pl.String(),
    "at": pl.Datetime("us", "UTC"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Files:
    """What speaks of a run: its set, its submissions, its receipts (absolute paths), and where its batches of
    unknown outcome lie in the set (first position, how many).
    """

    run_id: int
    people: str
    submissions: Sequence[str]
    receipts: Sequence[str]
    unknown: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the lake says of a run: messages by state, money in rial, parts; and two faults that it may show:
    receipts that name another number or id than their message has, charges that nothing proves.
    """

    states: dict[str, int]
    charged_rials: int
    charged_parts: int
    refundable_rials: int
    absorbed_parts: int
    misplaced: int
    unproven: int


def refold(files: Files, *, policy: str, late: datetime) -> Sums:
    """Read a run again; `late`: what was submitted before then and never heard of again is unknown."""
    people = pl.scan_parquet(files.people).select("pos", "msisdn", "parts", "price_rials").collect()
    told, ended = _rows(files.receipts, _TOLD, files.run_id), _rows(files.submissions, _ENDED, files.run_id)
    submission = ended.select("pos", submission="state", id_given="gid", sent_at="at")
    rows = people.join(submission, on="pos", how="left").join(_place_of(told, people), on="pos", how="left")
    rows = rows.join(_positions(files.unknown), on="pos", how="left").with_columns(state=_state(late))
    paid = rows.filter(pl.col("submission") == "submitted")
    back = paid.filter(pl.col("state").is_in(GIVEN_BACK[policy]))
    return Sums(
        states=dict(rows.group_by("state").len().iter_rows()),
        charged_rials=int(paid["price_rials"].sum()),
        charged_parts=int(paid["parts"].sum()),
        refundable_rials=int(back["price_rials"].sum()),
        absorbed_parts=int(rows.filter(pl.col("state") == "delivered_uncharged")["parts"].sum()),
        misplaced=_misplaced(told, rows),
        unproven=paid.filter(pl.col("id_given").is_null()).join(told, on="pos", how="anti").height,
    )


def _rows(paths: Sequence[str], columns: dict[str, pl.DataType], run_id: int) -> pl.DataFrame:
    """Return those columns of the rows of one run; a column that an older file lacks is null."""
    files = [pl.LazyFrame(schema=columns), *(pl.scan_parquet(path) for path in paths)]
    every = pl.concat(files, how="diagonal_relaxed").filter(pl.col("run") == run_id)
    return every.select(list(columns)).cast(columns).collect()  # type: ignore[arg-type]


def _place_of(told: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return pos and place: the strongest word for the whole message, and for its parts together. A word that
    nobody knows, and a part that the message does not have, say nothing.
    """
    place = pl.col("state").replace_strict(PLACE, default=None, return_dtype=pl.Int32)
    known = told.select("pos", "part", place=place).drop_nulls("place")
    whole = known.filter(pl.col("part").is_null()).select("pos", "place")
    parts = (
        known.join(people.select("pos", "parts"), on="pos").filter(pl.col("part").is_between(1, "parts"))
        .group_by("pos", "part", "parts").agg(pl.col("place").max())
        .group_by("pos", "parts").agg(
            all=(pl.col("place") == DELIVERED).sum(),
            worst=pl.col("place").filter(pl.col("place").is_between(AT_OPERATOR + 1, DELIVERED - 1)).min(),
            slowest=pl.col("place").filter(pl.col("place") <= AT_OPERATOR).min(),
        )
    )  # fmt: skip
    together = (
        pl.when(pl.col("all") >= pl.col("parts")).then(DELIVERED)
        .when(pl.col("worst").is_not_null()).then("worst")
        .when(pl.col("all") > 0).then(AT_OPERATOR).otherwise("slowest")
    )  # fmt: skip
    both = pl.concat([whole, parts.select("pos", place=together.cast(pl.Int32))])
    return both.group_by("pos").agg(pl.col("place").max())


def _positions(ranges: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Return pos and `lost` of the positions in some ranges."""
    found = pl.DataFrame(list(ranges), {"first": pl.Int64, "n": pl.Int64}, orient="row")
    each = found.select(pos=pl.int_ranges("first", pl.col("first") + pl.col("n"))).explode("pos")
    return each.select(pl.col("pos").cast(pl.UInt32), lost=pl.lit(True)).drop_nulls("pos")


def _state(late: datetime) -> pl.Expr:
    """Say it in the order of the rules: delivered without a charge, decided by us, told, silent, open."""
    submission, place = pl.col("submission"), pl.col("place")
    least = submission.replace_strict(PLACE, default=-1, return_dtype=pl.Int32).fill_null(-1)
    word = place.replace_strict({place: word for word, place in PLACE.items()}, return_dtype=pl.String)
    return (
        pl.when((submission != "submitted") & (place == DELIVERED)).then(pl.lit("delivered_uncharged"))
        .when(submission.is_in(DECIDED_BY_US)).then(submission)
        .when(place > least).then(word)
        .when((submission == "submitted") & (pl.col("sent_at") < late)).then(pl.lit("unknown"))
        .when(submission.is_not_null()).then(submission)
        .when(pl.col("lost")).then(pl.lit("unknown"))
        .otherwise(pl.lit("queued"))
    )  # fmt: skip


def _misplaced(told: pl.DataFrame, rows: pl.DataFrame) -> int:
    """Count receipts that say another number than that of their message, or are its by an id that it was not
    given.
    """
    seen = told.join(rows.select("pos", "msisdn", "id_given"), on="pos", how="left")
    other_number = pl.col("to").is_not_null() & pl.col("to").ne_missing(pl.col("msisdn"))
    other_id = (pl.col("verdict") == "gateway_id") & pl.col("gid").ne_missing(pl.col("id_given"))
    return seen.filter(other_number | other_id).height
