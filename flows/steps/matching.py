"""Which message a receipt speaks of: by message id, else by reference and number, else by the gateway's
id.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from data import clock
from data.facts import receipts
from data.records import runs
from data.rules.references_columns import parse_refs, split_message_id_expr
from data.store import lake, operations
from flows.steps.toolbox import Toolbox

RETRY_DAYS = 7


def named(box: Toolbox, heard: pl.DataFrame) -> pl.DataFrame:
    """Give parsed receipts (gateways.gateway.RECEIPTS, gateway, received_at) the columns run, pos and
    batch_seq, as far as their own ids and references say.
    """
    by_id_run, by_id_pos = split_message_id_expr(pl.col("message_id"))
    ref = parse_refs(box.secret, heard["ref"])
    return heard.with_columns(
        run=pl.coalesce(by_id_run, ref["run_id"]), pos=by_id_pos.cast(pl.UInt32), batch_seq=ref["seq"]
    )


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
    rows = pl.read_parquet(lake.lake_root() / path)
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
    sizes = pl.DataFrame(
        [(run.id, run.n, run.gateway) for run in found],
        schema={"run": pl.Int64, "size": pl.Int64, "carrier": pl.String}, orient="row",
    )  # fmt: skip
    inside = pl.col("pos").is_null() | pl.col("pos").is_between(1, pl.col("size"))
    joined = rows.join(sizes, on="run", how="left", maintain_order="left")
    ours = (pl.col("carrier") == pl.col("gateway")) & inside
    return joined.with_columns(pl.when(ours).then(pl.col("run", "pos", "batch_seq")).name.keep()).drop(
        "size", "carrier"
    )


def _by_number(rows: pl.DataFrame) -> pl.DataFrame:
    """Reference and number: a number stands once in a set, so run and number name the place."""
    needs = pl.col("run").is_not_null() & pl.col("pos").is_null()
    asked = rows.filter(needs)["run"].unique().to_list()
    if not asked:
        return rows
    with operations.reading() as c:
        paths = {run_id: lake.lake_root() / str(runs.get(c, run_id).set_path) for run_id in asked}
    key = ["to"] if len(asked) == 1 else ["run", "to"]  # one run is the usual case, and half the work
    nobody = pl.LazyFrame(schema={"run": pl.Int64, "to": pl.UInt64, "place": pl.UInt32})
    places = pl.concat([
        nobody,
        *(
            pl.scan_parquet(path).select(run=pl.lit(run_id, pl.Int64), to="msisdn", place="pos")
            for run_id, path in paths.items()
            if path.exists()  # a set that is lost, which the audit says, must not hold up the others
        ),
    ])
    place = (
        rows.lazy()
        .select("run", "to")
        .join(places.select(*key, "place"), on=key, how="left", maintain_order="left")
    )
    found = pl.when(needs).then(place.collect()["place"]).otherwise("pos")
    return rows.with_columns(pos=found).with_columns(run=pl.when(pl.col("pos").is_not_null()).then("run"))


def _by_gateway_id(rows: pl.DataFrame) -> pl.DataFrame:
    """What is left is looked up among the ids that the gateway gave for messages of its runs."""
    lost = rows.filter(pl.col("run").is_null() & pl.col("gid").is_not_null())
    if lost.is_empty():
        return rows
    found = []
    for (name,), part in lost.partition_by("gateway", as_dict=True).items():
        with operations.reading() as c:
            paths = lake.paths(c, "submissions", run_ids=runs.of_gateway(c, str(name)))
        if paths:
            ids = part.lazy().select("gid").unique()
            hits = pl.scan_parquet(paths).filter(pl.col("gid").is_not_null()).join(ids, on="gid", how="semi")
            kept = hits.select("gid", found_run="run", found_pos="pos", gateway=pl.lit(str(name)))
            found.append(kept.unique(subset=["gid"], keep="none").collect())  # an id given twice names nobody
    if not found:
        return rows
    rows = rows.join(pl.concat(found), on=["gateway", "gid"], how="left", maintain_order="left")
    return rows.with_columns(run=pl.coalesce("run", "found_run"), pos=pl.coalesce("pos", "found_pos")).drop(
        "found_run", "found_pos"
    )
