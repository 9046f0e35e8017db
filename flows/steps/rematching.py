"""Receipts of messages that were not known when they came: judged again when ids arrive or a set is back."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from data import clock
from data.facts import receipts
from data.records import runs
from data.store import lake, operations
from flows.steps import matching
from flows.steps.lost_files import whole

RETRY_DAYS = 7
LOST_SET_EVERY = timedelta(minutes=1)  # nothing in the tables tells that somebody put a file back


def retry_unmatched() -> None:
    """Look again at receipts of unknown messages when newer submissions exist, or their set may be back; a
    file with more of them known replaces the old one.
    """
    now = clock.now()
    with operations.reading() as c:
        waiting = lake.to_rematch(c, since=now - timedelta(days=RETRY_DAYS), lost_sets=now - LOST_SET_EVERY)
    for path in waiting:
        _rematch(path)


def _rematch(path: str) -> None:
    now = clock.now()
    rows = whole(lake.lake_root() / path)
    if rows is None:
        return
    before = receipts.complete(rows)
    after = decided_anew(before)
    better = receipts.nobodys(after) != receipts.nobodys(before)
    written = receipts.write(after) if better else None
    with operations.writing() as c:
        if not lake.rematched(c, path, now=now, retire=better) or not written:
            return
        touched = runs.existing(c, after["run"].drop_nulls().unique().to_list())
        receipts.record(c, written, after, run_ids=touched, now=now)
        runs.touch_settlement(c, touched, at=now)


def decided_anew(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a file (data.facts.receipts.SCHEMA) with those that are still open judged again."""
    is_open = pl.col("verdict").is_in(list(receipts.OPEN)).fill_null(value=False)  # of old files: none
    asked = rows.filter(is_open).with_columns(
        run="ref_run", pos=pl.lit(None, pl.UInt32), forged=pl.lit(False)
    )
    told = matching.match(asked.drop("verdict", "ref_run"))
    whole = pl.concat([rows.filter(~is_open), told.select(rows.columns).cast(dict(rows.schema))])  # type: ignore[arg-type]
    assert whole.height == rows.height, "a receipt is never lost"
    return whole
