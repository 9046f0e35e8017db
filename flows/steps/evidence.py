"""Receipts as evidence: which messages of a batch without an answer are proved to have arrived (T7).

What proves a message also tells its state: a receipt that is taken for a message by its number alone is, in
the same transaction, made a receipt of that message, so that fold and refunds read what was charged for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from data.errors import Retryable
from data.facts import receipts
from data.records import runs
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.claiming import Claimed
from flows.steps.lost_files import of_whole_files

PROVES = pl.col("state").ne_missing("unknown")  # "I know none of that id" proves nothing
_TAKEN = pl.Schema({"path": pl.String(), "place": pl.UInt32(), "pos": pl.UInt32()})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The proven positions (UInt32) of a batch, and the files that take the place of those (relative paths)
    in which receipts became those of its messages.
    """

    positions: pl.Series
    instead: tuple[tuple[str, lake.Written, pl.DataFrame], ...] = ()

    def take(self, c: Connection, *, now: datetime) -> None:
        """Let the receipts be those of the messages; Retryable where another pass was quicker with a file."""
        for path, written, rows in self.instead:
            if not lake.rematched(c, path, now=now, retire=True):
                raise Retryable(
                    "other work has just moved the receipts of this batch; try again",
                    "کار دیگری همین حالا گزارش‌های این دسته را جابه‌جا کرد؛ دوباره تلاش کنید",
                )
            touched = runs.existing(c, rows["run"].drop_nulls().unique().to_list())
            receipts.record(c, written, rows, run_ids=touched, now=now)
            runs.touch_settlement(c, touched, at=now)


def gather(claimed: Claimed) -> Evidence:
    """Find what receipts prove of a batch: those matched to its messages, and those that tell only a number.

    The latter count where the receipt is nobody's so far and has no reference, came from this gateway since
    the first attempt, and no other open batch of the gateway holds the number.
    """
    with operations.reading() as c:
        matched = lake.paths(c, "receipts", run_ids=[claimed.run.id])
        stray = lake.paths_unmatched(c)
        rivals = lake.open_sets(c, gateway=claimed.run.gateway, except_batch=claimed.batch.id)
    known, _ = of_whole_files(_files(matched), partial(_of_run, claimed))
    heard, _ = of_whole_files(_files(stray), partial(_of_numbers, claimed, _alone(claimed, rivals)))
    taken = [_taken(Path(path), claimed.run.id, rows) for (path,), rows in heard.group_by("path")]
    return Evidence(pl.concat([known, heard["pos"]]).unique(), tuple(taken))


def _files(paths: Sequence[str]) -> list[Path]:
    return [Path(path) for path in paths]


def _of_run(claimed: Claimed, paths: Sequence[Path]) -> pl.Series:
    mine = pl.col("pos").is_in(claimed.rows["pos"].implode()) & (pl.col("run") == claimed.run.id)
    return receipts.scan(paths).filter(mine & PROVES).select("pos").unique().collect()["pos"]


def _alone(claimed: Claimed, rivals: Sequence[tuple[str, int, int]]) -> pl.LazyFrame:
    """Return pos and `to` of the batch's people to whom nothing else of this gateway is under way."""
    rows = claimed.rows.lazy().select("pos", to="msisdn")
    for path, first, n in rivals:
        rows = rows.join(pl.scan_parquet(path).slice(first - 1, n).select(to="msisdn"), on="to", how="anti")
    return rows


def _of_numbers(claimed: Claimed, people: pl.LazyFrame, paths: Sequence[Path]) -> pl.DataFrame:
    """Return path (of the file), place (in it, from 0) and pos of the receipts that are taken by number."""
    nobodys = (pl.col("verdict") == receipts.PARKED) & pl.col("ref_run").is_null()
    here = pl.col("gateway") == claimed.run.gateway
    heard = [
        receipts.scan([path]).with_row_index("place").with_columns(path=pl.lit(str(path)))
        .filter(nobodys & here & PROVES & (pl.col("received_at") >= claimed.batch.first_sent_at))
        .join(people, on="to", suffix="_of_batch").select("path", "place", pos="pos_of_batch")
        for path in paths
    ]  # fmt: skip
    return pl.concat([pl.LazyFrame(schema=_TAKEN), *heard]).collect()


def _taken(path: Path, run_id: int, rows: pl.DataFrame) -> tuple[str, lake.Written, pl.DataFrame]:
    """Write the file anew in which the taken rows (place, pos) are receipts of the run's messages."""
    before = receipts.complete(pl.read_parquet(path))
    mine = rows.select(pl.col("place"), taken="pos").unique("place")
    after = before.with_row_index("place").join(mine, on="place", how="left", maintain_order="left")
    is_taken = pl.col("taken").is_not_null()
    after = after.with_columns(
        run=pl.when(is_taken).then(run_id).otherwise("run"), pos=pl.coalesce("pos", "taken"),
        verdict=pl.when(is_taken).then(pl.lit(receipts.NUMBER, receipts.VERDICTS)).otherwise("verdict"),
    ).select(before.columns)  # fmt: skip
    return path.relative_to(lake.lake_root()).as_posix(), receipts.write(after), after
