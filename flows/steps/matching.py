"""Which message a receipt speaks of: decided here and nowhere else; fold, evidence and refunds read the
verdict (data.facts.receipts).

The strongest name that a receipt carries decides alone: our reference, else the gateway's id. A weaker one
confirms or contradicts, and never stands in for a stronger one that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from data.facts.receipts import (
    CONTRADICTED,
    FORGED,
    GATEWAY_ID,
    MESSAGE_ID,
    OPEN,
    PARKED,
    REFERENCE,
    VERDICTS,
    WAITING,
)
from data.records import runs
from data.rules.references_columns import parse_refs, split_message_id_expr
from data.store import lake, operations
from flows.steps.lost_files import of_whole_files
from flows.steps.toolbox import Toolbox

_MATCHED = [MESSAGE_ID, REFERENCE, GATEWAY_ID]
_FOUND = pl.Schema({"gid": pl.String(), "found_run": pl.Int64(), "found_pos": pl.UInt32()})


def named(box: Toolbox, heard: pl.DataFrame) -> pl.DataFrame:
    """Give parsed receipts (gateways.gateway.RECEIPTS, gateway, received_at) the columns `run` and `pos`, as
    far as their own message ids and references claim them, and `forged`: the reference is none of ours.
    """
    by_id_run, by_id_pos = split_message_id_expr(pl.col("message_id"))
    ref = parse_refs(box.secret, heard["ref"])
    said = heard["ref"].is_not_null() & (heard["ref"] != "") if ref["run_id"].null_count() else pl.lit(False)
    return heard.with_columns(
        run=pl.coalesce(ref["run_id"], by_id_run),
        pos=pl.when(ref["run_id"].is_null()).then(by_id_pos.cast(pl.UInt32)),
        forged=said & ref["run_id"].is_null(),
    )


def match(rows: pl.DataFrame) -> pl.DataFrame:
    """Decide whose each receipt is (run, pos and forged as `named` gives them, gateway, to, gid).

    Returns the rows with `verdict`; run and pos stand only where a message is meant, `ref_run`, the run that
    a good reference names, only where the message may still be found.
    """
    rows = _by_gateway_id(_by_number(_of_carried_runs(rows)))
    if rows["verdict"].is_in(_MATCHED).all():  # as it nearly always is
        return rows.with_columns(ref_run=pl.lit(None, pl.Int64))
    mine, open_ = (pl.col("verdict").is_in(names) for names in (_MATCHED, list(OPEN)))
    return rows.with_columns(
        run=pl.when(mine).then("run"), pos=pl.when(mine).then("pos"), ref_run=pl.when(open_).then("ref_run")
    )


def _is(verdict: str) -> pl.Expr:
    return pl.lit(verdict, VERDICTS)


def _of_carried_runs(rows: pl.DataFrame) -> pl.DataFrame:
    """A reference speaks only of a run that its gateway carried; a number that looks like a message id of
    ours, but is of no such run or of no place in it, is not ours and claims nothing.
    """
    with operations.reading() as c:
        found = [runs.get(c, run_id) for run_id in runs.existing(c, _distinct(rows["run"]))]
    size = _of_run({run.id: run.n for run in found}, pl.Int64())
    carrier = _of_run({run.id: run.gateway for run in found}, pl.String())
    rows = rows.with_columns(carried=carrier == pl.col("gateway"))
    by_id = pl.col("pos").is_not_null()
    by_reference = pl.col("run").is_not_null() & ~by_id
    verdict = (
        pl.when("forged").then(_is(FORGED))
        .when(by_reference & pl.col("carried").is_null()).then(_is(PARKED))
        .when(by_reference & ~pl.col("carried")).then(_is(CONTRADICTED))
    )  # fmt: skip
    claims = by_reference | (pl.col("carried") & pl.col("pos").is_between(1, size))
    return rows.with_columns(
        verdict=verdict, ref_run=pl.when(by_reference).then("run"),
        run=pl.when(claims).then("run"), pos=pl.when(claims).then("pos"),
    ).drop("carried", "forged")  # fmt: skip


def _of_run(values: dict[int, Any], kind: pl.DataType) -> pl.Expr:
    return pl.col("run").replace_strict(values, default=None, return_dtype=kind)


def _distinct(values: pl.Series) -> list[int]:
    return values.drop_nulls().unique().to_list()


def _by_number(rows: pl.DataFrame) -> pl.DataFrame:
    """Reference and number: a number stands once in a set, so run and number name the place. A message id
    names it without; a number told besides must be the one that stands there.
    """
    claims = pl.col("verdict").is_null() & pl.col("run").is_not_null()
    asks = claims & pl.col("to").is_not_null()
    place, lost = _places(rows, _distinct(rows.filter(asks)["run"]))
    by_id = pl.col("pos").is_not_null()
    agrees = pl.col("place").is_not_null() & (~by_id | (pl.col("pos") == pl.col("place")))
    verdict = (
        pl.when(asks & agrees).then(pl.when(by_id).then(_is(MESSAGE_ID)).otherwise(_is(REFERENCE)))
        .when(asks & pl.col("run").is_in(lost) & pl.col("gid").is_null()).then(_is(WAITING))
        .when(asks & ~pl.col("run").is_in(lost)).then(_is(CONTRADICTED))
        .when(claims & by_id).then(_is(MESSAGE_ID))
        .otherwise("verdict")
    )  # fmt: skip
    rows = rows.with_columns(place=place)
    return rows.with_columns(verdict=verdict, pos=pl.coalesce("pos", "place")).drop("place")


def _places(rows: pl.DataFrame, run_ids: list[int]) -> tuple[pl.Series, list[int]]:
    """Return where in its run's set the number of each row stands, and the runs whose sets cannot be read."""
    if not run_ids:
        return pl.Series("place", [None], pl.UInt32).new_from_index(0, rows.height), []
    sets = _sets(run_ids)
    key = ["to"] if len(run_ids) == 1 else ["run", "to"]  # one run is the usual case, and half the work

    def standing(paths: Sequence[Path]) -> pl.DataFrame:
        places = _people(sets, paths).select(*key, place="pos")
        asked = rows.lazy().select("run", "to")
        return asked.join(places, on=key, how="left", maintain_order="left").select("place").collect()

    found, lost = of_whole_files(list(sets), standing)
    return found["place"], [run_id for path in lost for run_id in sets[path]]


def _sets(run_ids: list[int]) -> dict[Path, list[int]]:
    """Return the files of the sets of runs; two runs to the very same people share one."""
    sets = dict[Path, list[int]]()
    with operations.reading() as c:
        for run_id in run_ids:
            sets.setdefault(lake.lake_root() / str(runs.get(c, run_id).set_path), []).append(run_id)
    return sets


def _people(sets: dict[Path, list[int]], paths: Sequence[Path]) -> pl.LazyFrame:
    """Return run, pos and number (`to`) of whom the sets in `paths` hold."""
    nobody = pl.LazyFrame(schema={"run": pl.Int64, "pos": pl.UInt32, "to": pl.UInt64})
    some = [
        pl.scan_parquet(path).select(pl.lit(run_id, pl.Int64).alias("run"), "pos", to="msisdn")
        for path in paths
        for run_id in sets[path]
    ]
    return pl.concat([nobody, *some])


def _by_gateway_id(rows: pl.DataFrame) -> pl.DataFrame:
    """What is left is looked up among the ids that the gateway gave for messages of its runs; the run that a
    reference names, and the number, must be those of the message found. Where a set cannot be read the number
    is unknown, and an id of the very run that a reference names is enough.
    """
    left = rows.filter(pl.col("verdict").is_null() & pl.col("gid").is_not_null())
    if left.is_empty():
        return rows.with_columns(pl.col("verdict").fill_null(_is(PARKED)))
    rows = rows.join(_known(left), on=["gateway", "gid"], how="left", maintain_order="left")
    other_run = pl.col("run").is_not_null() & (pl.col("run") != pl.col("found_run"))
    verdict = (
        pl.when(pl.col("verdict").is_not_null()).then("verdict")
        .when(pl.col("found_run").is_null()).then(
            pl.when(pl.col("run").is_not_null() & pl.col("to").is_not_null()).then(_is(WAITING))
            .otherwise(_is(PARKED))
        )
        .when(other_run).then(_is(CONTRADICTED))
        .when(pl.col("to").is_null() | (pl.col("to") == pl.col("number"))).then(_is(GATEWAY_ID))
        .when(pl.col("number").is_null() & pl.col("run").is_not_null()).then(_is(GATEWAY_ID))
        .when(pl.col("number").is_null()).then(_is(WAITING))
        .otherwise(_is(CONTRADICTED))
    )  # fmt: skip
    here = pl.col("verdict").is_null()
    return rows.with_columns(
        verdict=verdict,
        run=pl.when(here).then("found_run").otherwise("run"),
        pos=pl.when(here).then("found_pos").otherwise("pos"),
    ).drop("found_run", "found_pos", "number")


def _known(left: pl.DataFrame) -> pl.DataFrame:
    """Return gateway, gid, found_run and found_pos of the ids that are known, and the number that stands
    there if any receipt tells one; null where its set cannot be read.
    """
    found = [_FOUND.to_frame().with_columns(gateway=pl.lit(""))]
    for (name,), part in left.partition_by("gateway", as_dict=True).items():
        with operations.reading() as c:
            paths = lake.paths(c, "submissions", run_ids=runs.of_gateway(c, str(name)))
        ids = part.lazy().select("gid").unique()
        kept, _ = of_whole_files([Path(path) for path in paths], partial(_known_ids, ids))
        found.append(kept.with_columns(gateway=pl.lit(str(name))))
    known = pl.concat(found)
    if left["to"].null_count() == left.height:
        return known.with_columns(number=pl.lit(None, pl.UInt64))
    sets = _sets(_distinct(known["found_run"]))
    places = known.lazy().select(run="found_run", pos="found_pos").unique()
    numbers, _ = of_whole_files(
        list(sets), lambda paths: _people(sets, paths).join(places, on=["run", "pos"], how="semi").collect()
    )
    numbers = numbers.rename({"run": "found_run", "pos": "found_pos", "to": "number"})
    return known.join(numbers, on=["found_run", "found_pos"], how="left")


def _known_ids(ids: pl.LazyFrame, paths: Sequence[Path]) -> pl.DataFrame:
    """Return gid, found_run, found_pos of ids that these submissions hold; one given twice names nobody."""
    if not paths:
        return _FOUND.to_frame()
    hits = pl.scan_parquet(list(paths)).filter(pl.col("gid").is_not_null()).join(ids, on="gid", how="semi")
    return hits.select("gid", found_run="run", found_pos="pos").unique(subset=["gid"], keep="none").collect()
