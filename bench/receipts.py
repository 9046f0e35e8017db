"""1 M receipts from the spool to facts, states and postings, against Polars reading the same JSON lines."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from bench import shop

RECEIPTS = 1_000_000
SEGMENTS = 4
ROUNDS = 5
REACH = 3.0


def run() -> dict[str, Any]:
    """One planned and dispatched run of 1 M, then its receipts, one webhook body each, in mixed order."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="chapar-bench-") as home:
            run_id = _sent(home)
            paths = _fill_spool(run_id)
            theirs.append(_timed(lambda paths=paths: [pl.read_ndjson(path) for path in paths]))
            ours.append(_timed(lambda run_id=run_id: _drain(run_id)))
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "what": f"{RECEIPTS:,} receipts: spool, facts, states, postings",
        "against": "Polars reading the same JSON lines",
        "ours": f"{mine:.2f} s", "theirs": f"{bare:.2f} s", "ratio": mine / bare,
        "reach": f"<= {REACH}", "ok": mine / bare <= REACH,
    }  # fmt: skip


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _drain(run_id: int) -> None:
    """What a shift does: facts, then states folded and refunds posted.

    It deletes the segments while it reads the next ones, which here never come.
    """
    from data.records import runs
    from data.store import operations
    from flows.steps import receiving, refunding
    from flows.steps.toolbox import open_toolbox

    done = receiving.drain(open_toolbox())
    assert (done.receipts, done.unmatched) == (RECEIPTS, 0), done
    with operations.reading() as c:
        before = runs.get(c, run_id).settlements
    assert refunding.settle_due() == 1
    with operations.reading() as c:
        assert runs.get(c, run_id).settlements == before + 1


def _sent(home: str) -> int:
    """A run of 1 M whose batches the simulator accepted."""
    import os

    os.environ["CHAPAR_RECEIPTS__GRACE_SECONDS"] = "0"
    from flows.steps import dispatching
    from flows.steps.toolbox import open_toolbox

    simulator = shop.simulator(Path(home) / "simulator")
    try:
        shop.open_home(home)
        run_id = shop.open_shop(simulator, RECEIPTS)
        assert dispatching.tick(open_toolbox()).messages == RECEIPTS
    finally:
        simulator.stop()
    from flows.steps import refunding

    refunding.settle_due()
    return run_id


def _fill_spool(run_id: int) -> list[Path]:
    """Write the receipts as sealed segments, as a receiver would have."""
    from data.records import batches, runs
    from data.store import lake, operations, spool

    with operations.reading() as c:
        path = runs.get(c, run_id).set_path
        refs = {batch.seq: batch.ref for batch in batches.of_run(c, run_id)}
    ref = pl.DataFrame(
        {"seq": list(refs), "ref": list(refs.values())}, schema={"seq": pl.UInt32, "ref": pl.String}
    )
    rows = pl.read_parquet(lake.lake_root() / str(path), columns=["pos", "msisdn"])
    rows = rows.with_columns(seq=((pl.col("pos") - 1) // shop.BULK).cast(pl.UInt32)).join(ref, on="seq")
    lost = pl.when(pl.col("pos") % 20 == 0).then(pl.lit("UNDELIVERABLE"))
    status = lost.when(pl.col("pos") % 50 == 1).then(
        pl.lit("BLOCKED")
    ).otherwise(pl.lit("DELIVERED"))  # fmt: skip
    body = pl.concat_str(
        pl.lit('{"id":"'), "pos", pl.lit('","ref":"'), "ref", pl.lit('","to":"'), "msisdn",
        pl.lit('","status":"'),
        status, pl.lit('","at":"2026-11-22T10:00:00Z"}'),
    )  # fmt: skip
    lines = rows.sample(fraction=1.0, shuffle=True, seed=1).select(
        at=pl.lit("2026-11-22T10:00:01.000000+00:00"), gateway=pl.lit("sim"), kind=pl.lit("dlr"),
        type=pl.lit("application/json"), body=body,
    )  # fmt: skip
    paths = []
    for place, part in enumerate(lines.iter_slices(RECEIPTS // SEGMENTS)):
        paths.append(spool.folder() / f"dlr-20261122T10000{place}-bench-1-{place}.seg")
        part.write_ndjson(paths[-1])
    return paths
