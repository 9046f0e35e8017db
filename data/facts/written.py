"""Who wrote last to a number on a line that several accounts share: from the sets of its runs and what of
them was called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store import lake
from data.store.tables import batch, run

RUNS_MAX = 500  # of the newest, a question
WRITERS = pl.Schema({"line_id": pl.Int64(), "msisdn": pl.UInt64(), "writer": pl.Int64()})
_CALLS = pl.Schema(
    {
        "run": pl.Int64(), "line_id": pl.Int64(), "writer": pl.Int64(), "path": pl.String(),
        "pos_from": pl.Int64(), "n": pl.Int64(), "suppressed": pl.List(pl.Int64()),
        "at": pl.Datetime("us", "UTC"),
    }
)  # fmt: skip


def last_writers(
    c: Connection, line_ids: Sequence[int], numbers: pl.Series, *, since: datetime
) -> pl.DataFrame:
    """Return which account's message to each number on each line was called last: WRITERS.

    Answers to people's own messages count for nobody.
    """
    calls = _calls(c, line_ids, since)
    found = [_of_run(calls.filter(pl.col("run") == one), numbers) for one in calls["run"].unique()]
    if not found:
        return WRITERS.to_frame()
    newest = pl.concat(found).sort("at").unique(["line_id", "msisdn"], keep="last")
    return newest.select(list(WRITERS))


def _calls(c: Connection, line_ids: Sequence[int], since: datetime) -> pl.DataFrame:
    """The batches that were called since a moment, of the newest runs of these lines."""
    wrote = (batch.c.first_sent_at >= since, run.c.line_id.in_(list(line_ids)), run.c.purpose != "answer")
    runs = sa.select(run.c.id).join(batch, batch.c.run_id == run.c.id).where(*wrote).distinct()
    newest = runs.order_by(run.c.id.desc()).limit(RUNS_MAX).subquery()
    query = sa.select(
        run.c.id, run.c.line_id, run.c.account_id, run.c.set_path, batch.c.pos_from, batch.c.n,
        batch.c.suppressed, batch.c.first_sent_at,
    ).join(batch, batch.c.run_id == run.c.id)  # fmt: skip
    rows = c.execute(query.where(run.c.id.in_(sa.select(newest.c.id)), batch.c.first_sent_at >= since))
    return pl.DataFrame([tuple(row) for row in rows], schema=_CALLS, orient="row")


def _of_run(calls: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """Which of the numbers a run's calls held, and when."""
    path = lake.lake_root() / calls["path"][0]
    its = pl.scan_parquet(path).select(pl.col("pos").cast(pl.Int64), "msisdn")
    hit = its.filter(pl.col("msisdn").is_in(numbers.implode())).sort("pos").collect()
    placed = hit.join_asof(calls.sort("pos_from"), left_on="pos", right_on="pos_from", strategy="backward")
    inside = pl.col("pos") < pl.col("pos_from") + pl.col("n")
    left_out = pl.col("suppressed").list.contains(pl.col("pos")).fill_null(value=False)
    return placed.filter(inside & ~left_out).select("line_id", "msisdn", "writer", "at")
