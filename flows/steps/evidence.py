"""Receipts as evidence: which messages of a batch without an answer are proved to have arrived (T7)."""

from __future__ import annotations

import polars as pl

from data.store import lake, operations
from flows.steps.claiming import Claimed


def proven_positions(claimed: Claimed) -> pl.Series:
    """Return the positions (UInt32) that a receipt speaks of: by our reference, else by number, line and
    time.

    A receipt without a reference counts only if it came between the first attempt and now, from this gateway,
    for a number that no other open batch of the gateway holds.
    """
    with operations.reading() as c:
        matched = lake.paths(c, "receipts", run_ids=[claimed.run.id])
        stray = lake.paths_unmatched(c)
        rivals = lake.open_sets(c, gateway=claimed.run.gateway, except_batch=claimed.batch.id)
    by_reference = _of_run(matched, claimed)
    by_number = _of_numbers(stray, claimed, rivals)
    return pl.concat([by_reference, by_number]).unique()


def _of_run(paths: list[str], claimed: Claimed) -> pl.Series:
    if not paths:
        return pl.Series("pos", [], pl.UInt32)
    mine = pl.col("pos").is_in(claimed.rows["pos"].implode()) & (pl.col("run") == claimed.run.id)
    return pl.scan_parquet(paths).filter(mine).select("pos").unique().collect()["pos"]


def _of_numbers(paths: list[str], claimed: Claimed, rivals: list[tuple[str, int, int]]) -> pl.Series:
    if not paths:
        return pl.Series("pos", [], pl.UInt32)
    heard = (
        pl.scan_parquet(paths)
        .filter(
            pl.col("run").is_null(),
            pl.col("gateway") == claimed.run.gateway,
            pl.col("received_at") >= claimed.batch.first_sent_at,
        )
        .select("to")
        .unique()
    )
    rows = claimed.rows.lazy().join(heard, left_on="msisdn", right_on="to", how="semi")
    for path, first, n in rivals:
        other = pl.scan_parquet(path).slice(first - 1, n).select("msisdn")
        rows = rows.join(other, on="msisdn", how="anti")
    return rows.select("pos").collect()["pos"]
