"""Which message a receipt speaks of: by message id, else by reference and number, else by the gateway's
id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from data import clock
from data.facts import receipts, submissions
from data.records import runs
from data.rules.references_columns import parse_refs, split_message_id_expr
from data.store import lake, operations
from flows.steps.toolbox import Toolbox

_log = logging.getLogger("chapar.receipts")
RETRY_DAYS = 7


def named(box: Toolbox, heard: pl.DataFrame) -> pl.DataFrame:
    """Give parsed receipts (gateways.gateway.RECEIPTS, gateway, received_at) the columns run and pos,
    as far as their own ids and references say.
    """
    by_id_run, by_id_pos = split_message_id_expr(pl.col("message_id"))
    ref = parse_refs(box.secret, heard["ref"])
    return heard.with_columns(run=pl.coalesce(by_id_run, ref["run_id"]), pos=by_id_pos.cast(pl.UInt32))


def match(rows: pl.DataFrame) -> pl.DataFrame:
    """Complete run and pos of receipts that `named` has seen; null where nobody's message is meant."""
    return _by_gateway_id(_by_number(_known_runs_only(rows)))


def retry_unmatched() -> None:
    """Look again at receipts of unknown messages when newer submissions exist; a matched file replaces the
    old.
    """
    now = clock.now()
    with operations.reading() as c:
        waiting = lake.to_rematch(c, since=now - timedelta(days=RETRY_DAYS))
    for path in waiting:
        _rematch(path, now)


def _rematch(path: str, now: datetime) -> None:
    rows = _whole(lake.lake_root() / path)
    if rows is None:
        return
    matched = _by_gateway_id(rows)
    better = matched["run"].null_count() < rows["run"].null_count()
    written = receipts.write(matched) if better else None
    with operations.writing() as c:
        if not lake.rematched(c, path, now=now, retire=better) or not written:
            return
        touched = runs.existing(c, matched["run"].drop_nulls().unique().to_list())
        lake.record(c, written, run_ids=touched, now=now, unmatched=matched["run"].null_count())
        runs.touch_settlement(c, touched, at=now)


def _known_runs_only(rows: pl.DataFrame) -> pl.DataFrame:
    """A number that looks like a message id of ours but names no run, or no place in it, is not ours."""
    named = rows["run"].drop_nulls().unique().to_list()
    with operations.reading() as c:
        found = [runs.get(c, run_id) for run_id in runs.existing(c, named)]
    size = pl.col("run").replace_strict({run.id: run.n for run in found}, default=None, return_dtype=pl.Int64)
    carrier = pl.col("run").replace_strict(
        {run.id: run.gateway for run in found}, default=None, return_dtype=pl.String
    )
    inside = pl.col("pos").is_null() | pl.col("pos").is_between(1, size)
    return rows.with_columns(pl.when((carrier == pl.col("gateway")) & inside).then(pl.col("run", "pos")))


def _by_number(rows: pl.DataFrame) -> pl.DataFrame:
    """Reference and number: a number stands once in a set, so run and number name the place."""
    needs = pl.col("run").is_not_null() & pl.col("pos").is_null()
    asked = rows.filter(needs)["run"].unique().to_list()
    if not asked:
        return rows
    with operations.reading() as c:
        sets = {lake.lake_root() / str(runs.get(c, run_id).set_path): run_id for run_id in asked}
    key = ["to"] if len(asked) == 1 else ["run", "to"]  # one run is the usual case, and half the work
    place = _of_whole_files(
        list(sets), lambda paths: _places(rows, {path: sets[path] for path in paths}, key)
    )
    found = pl.when(needs).then(place["place"]).otherwise("pos")
    return rows.with_columns(pos=found).with_columns(run=pl.when(pl.col("pos").is_not_null()).then("run"))


def _places(rows: pl.DataFrame, sets: dict[Path, int], key: list[str]) -> pl.DataFrame:
    """Return the column place: where in its run's set the number of each row stands."""
    nobody = pl.LazyFrame(schema={"run": pl.Int64, "to": pl.UInt64, "place": pl.UInt32})
    known = [
        pl.scan_parquet(path).select(run=pl.lit(run_id, pl.Int64), to="msisdn", place="pos")
        for path, run_id in sets.items()
    ]
    places = pl.concat([nobody, *known])
    joined = (
        rows.lazy()
        .select("run", "to")
        .join(places.select(*key, "place"), on=key, how="left", maintain_order="left")
    )
    return joined.select("place").collect()


def _by_gateway_id(rows: pl.DataFrame) -> pl.DataFrame:
    """What is left is looked up among the ids that the gateway gave for messages of its runs."""
    lost = rows.filter(pl.col("run").is_null() & pl.col("gid").is_not_null())
    if lost.is_empty():
        return rows
    found = []
    for (name,), part in lost.partition_by("gateway", as_dict=True).items():
        with operations.reading() as c:
            paths = lake.paths(c, "submissions", run_ids=runs.of_gateway(c, str(name)))
        ids = part.lazy().select("gid").unique()
        kept = _of_whole_files([Path(path) for path in paths], partial(_known_ids, ids))
        found.append(kept.with_columns(gateway=pl.lit(str(name))))
    rows = rows.join(pl.concat(found), on=["gateway", "gid"], how="left", maintain_order="left")
    return rows.with_columns(run=pl.coalesce("run", "found_run"), pos=pl.coalesce("pos", "found_pos")).drop(
        "found_run", "found_pos"
    )


def _known_ids(ids: pl.LazyFrame, paths: list[Path]) -> pl.DataFrame:
    """Return gid, found_run, found_pos of ids that these submissions hold; one given twice names nobody."""
    if not paths:
        return submissions.SCHEMA.to_frame().select("gid", found_run="run", found_pos="pos")
    hits = pl.scan_parquet(paths).filter(pl.col("gid").is_not_null()).join(ids, on="gid", how="semi")
    return hits.select("gid", found_run="run", found_pos="pos").unique(subset=["gid"], keep="none").collect()


def _of_whole_files(paths: list[Path], ask: Callable[[list[Path]], pl.DataFrame]) -> pl.DataFrame:
    """Ask the files; a lost or damaged one, which the audit names, must not hold up what the others say."""
    try:
        return ask(paths)
    except (OSError, pl.exceptions.PolarsError):
        return ask([path for path in paths if _whole(path) is not None])


def _whole(path: Path) -> pl.DataFrame | None:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        _log.error("%s cannot be read: %s", path.name, error)
        return None
