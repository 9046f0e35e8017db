"""Who may no longer be written to is left out of a batch inside its claim, and his money given back (P13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data import clock
from data.records import batches, ledger, suppression
from data.records.batches import Batch
from data.records.ledger import Entry
from data.records.runs import Run
from data.rules.purposes import Purpose
from data.store.operations import Connection

ACTOR = "dispatch"


@dataclass(frozen=True, slots=True)
class Leased:
    """A batch that was just claimed, its run, and who would be written to."""

    batch: Batch
    run: Run
    rows: pl.DataFrame


def leave_out(c: Connection, leased: Sequence[Leased]) -> dict[int, pl.DataFrame]:
    """Return by batch whom to write to; the numbers of all of them are looked up whole, once for every
    account, purpose and line.
    """
    asked: dict[tuple[int, Purpose, int], list[pl.Series]] = defaultdict(list)
    for one in leased:
        asked[_question(one.run)].append(one.rows["msisdn"])
    hit = {
        (who, stops, line_id): suppression.among(c, who, pl.concat(numbers), stops=stops, line_id=line_id)
        for (who, stops, line_id), numbers in asked.items()
    }
    return {one.batch.id: _without(c, one, hit[_question(one.run)]) for one in leased}


def _question(run: Run) -> tuple[int, Purpose, int]:
    return run.account_id, run.purpose, run.line_id


def _without(c: Connection, leased: Leased, hit: pl.DataFrame) -> pl.DataFrame:
    batch, rows = leased.batch, leased.rows
    if hit.is_empty():
        return rows
    hit = rows.join(hit, on="msisdn", how="semi")
    if hit.is_empty():
        return rows
    lower = int(hit["price_rials"].sum())
    held, available = ledger.held(leased.run.account_id), ledger.available(leased.run.account_id)
    key = f"batch:{batch.id}:suppressed:{batch.moves + 1}"
    entry = Entry(key, held, available, lower, batch.run_id, batch.id)
    ledger.post(c, [entry], actor=ACTOR, now=clock.now())
    left_out = sorted({*(batch.suppressed or []), *hit["pos"].to_list()})
    batches.suppress(c, batch.id, positions=left_out, amount_rials=batch.amount_rials - lower)
    return rows.join(hit, on="pos", how="anti", maintain_order="left")
