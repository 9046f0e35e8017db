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
from data.store.operations import Connection

ACTOR = "dispatch"


@dataclass(frozen=True, slots=True)
class Leased:
    """A batch that was just claimed, whose account pays it, and who would be written to."""

    batch: Batch
    account_id: int
    rows: pl.DataFrame


def leave_out(c: Connection, leased: Sequence[Leased]) -> dict[int, pl.DataFrame]:
    """Return by batch whom to write to; the numbers of all of them are looked up whole, once an account."""
    asked: dict[int, list[pl.Series]] = defaultdict(list)
    for one in leased:
        asked[one.account_id].append(one.rows["msisdn"])
    hit = {who: suppression.among(c, who, pl.concat(numbers)) for who, numbers in asked.items()}
    return {one.batch.id: _without(c, one, hit[one.account_id]) for one in leased}


def _without(c: Connection, leased: Leased, hit: pl.DataFrame) -> pl.DataFrame:
    batch, rows = leased.batch, leased.rows
    if hit.is_empty():
        return rows
    hit = rows.join(hit, on="msisdn", how="semi")
    if hit.is_empty():
        return rows
    lower = int(hit["price_rials"].sum())
    held, available = ledger.held(leased.account_id), ledger.available(leased.account_id)
    key = f"batch:{batch.id}:suppressed:{batch.moves + 1}"
    entry = Entry(key, held, available, lower, batch.run_id, batch.id)
    ledger.post(c, [entry], actor=ACTOR, now=clock.now())
    left_out = sorted({*(batch.suppressed or []), *hit["pos"].to_list()})
    batches.suppress(c, batch.id, positions=left_out, amount_rials=batch.amount_rials - lower)
    return rows.join(hit, on="pos", how="anti", maintain_order="left")
