"""Receipts: what gateways said became of messages, appended as they come; the fold decides (protocol.md
3.8).

Each carries the verdict on whose it is (flows/steps/matching): whatever reads receipts reads that, and
nobody judges a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final as Constant

import polars as pl
from sqlalchemy.engine import Connection

from data.store import lake

# Whose it is, by what: `run` and `pos` are set.
MESSAGE_ID: Constant = "message_id"
REFERENCE: Constant = "reference"
GATEWAY_ID: Constant = "gateway_id"
NUMBER: Constant = "number"  # of a batch whose answer was lost, decided at its horizon
# Of nobody, as far as is known: `run` and `pos` are null.
PARKED: Constant = "parked"  # looked at again when ids arrive
WAITING: Constant = "waiting"  # its message is named, but the set that would show it cannot be read now
CONTRADICTED: Constant = "contradicted"  # its names are of two messages; kept, and never anybody's
FORGED: Constant = "forged"  # its reference is not of our making; kept, and never anybody's
OPEN: Constant = (PARKED, WAITING)
VERDICTS: Constant = pl.Enum(
    [MESSAGE_ID, REFERENCE, GATEWAY_ID, NUMBER, PARKED, WAITING, CONTRADICTED, FORGED]
)

SCHEMA: pl.Schema = pl.Schema(
    {
        "run": pl.Int64(), "pos": pl.UInt32(), "gateway": pl.String(),
        "to": pl.UInt64(),
        "gid": pl.String(), "status": pl.String(), "state": pl.String(), "part": pl.UInt16(),
        "at": pl.Datetime("us", "UTC"), "received_at": pl.Datetime("us", "UTC"),
        "verdict": VERDICTS,
        "ref_run": pl.Int64(),  # the run that its reference names, as long as its message is not known
    }
)  # fmt: skip
IDENTITY = ["gateway", "run", "pos", "to", "gid", "status", "part", "verdict", "ref_run"]


@dataclass(frozen=True, slots=True)
class Nobodys:
    """How many receipts of a file are of no message: `unmatched` may find theirs (`waiting` for a set)."""

    unmatched: int = 0
    waiting: int = 0
    forged: int = 0
    contradicted: int = 0


def nobodys(rows: pl.DataFrame) -> Nobodys:
    """Count the rows (with `run` and `verdict`) of no message."""
    if not rows["run"].null_count():
        return Nobodys()
    said = rows.filter(pl.col("run").is_null())["verdict"].cast(pl.String)
    count = {name: int((said == name).sum()) for name in (*OPEN, FORGED, CONTRADICTED)}
    waiting = count[WAITING]
    return Nobodys(count[PARKED] + waiting, waiting, count[FORGED], count[CONTRADICTED])


def write(frame: pl.DataFrame) -> lake.Written:
    """Write one file of receipts; `run` and `pos` are null where the message is not known."""
    return lake.write(frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), "receipts")


def record(
    c: Connection, written: lake.Written, rows: pl.DataFrame, *, run_ids: Iterable[int], now: datetime
) -> None:
    """Make a file with these rows count, inside the caller's transaction."""
    said = nobodys(rows)
    lake.record(c, written, run_ids=run_ids, now=now, unmatched=said.unmatched, waiting=said.waiting)


def complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a file of any version in the present shape.

    Those of no message, of a file written before there were verdicts, are parked.
    """
    lacking = {name: kind for name, kind in SCHEMA.items() if name not in rows.columns}
    rows = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in lacking.items())
    old = pl.col("run").is_null() & pl.col("verdict").is_null()
    return rows.select(SCHEMA.names()).with_columns(
        verdict=pl.when(old).then(pl.lit(PARKED, VERDICTS)).otherwise(pl.col("verdict").cast(VERDICTS))
    )


def scan(paths: Sequence[str] | Sequence[Path]) -> pl.LazyFrame:
    """Return the rows of some files; columns that files of earlier versions lack are null."""
    files = [pl.LazyFrame(schema=SCHEMA), *(pl.scan_parquet(path) for path in paths)]
    return pl.concat(files, how="diagonal_relaxed")
