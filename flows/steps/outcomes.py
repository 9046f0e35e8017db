"""What ended batches say in columns: submissions rows of a whole group at once, and the money that
follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data.facts import submissions
from data.records import ledger
from data.records.batches import Batch
from data.records.doubt import aside_entry as unknown_entry
from data.records.ledger import Entry
from data.records.runs import Run
from gateways.gateway import RESULTS

__all__ = [
    "Charge", "Dispatched", "Ended", "charges_of", "closing_entries", "facts_of", "plain_results",
    "retry_entry", "unknown_entry",
]  # fmt: skip
PRICES = ("pos", "parts", "price_rials")


@dataclass(frozen=True, slots=True)
class Ended:
    """A batch that comes to its end: `results` (gateway.RESULTS) of the recipients in `rows` (pos, parts,
    price_rials).
    """

    batch: Batch
    results: pl.DataFrame
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Charge:
    """What of a batch the gateway accepted: rial and parts."""

    rials: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What was achieved: batches that came to their end, and messages a gateway accepted."""

    batches: int = 0
    messages: int = 0

    def __add__(self, other: Dispatched) -> Dispatched:
        return Dispatched(self.batches + other.batches, self.messages + other.messages)


def plain_results(positions: pl.Series, *, state: str, code: str | None = None) -> pl.DataFrame:
    """Return results in which every message has the same state."""
    n = positions.len()
    return pl.DataFrame(
        {
            "pos": positions.cast(pl.UInt32), "ok": [state == submissions.CHARGED] * n, "gid": [None] * n,
            "code": [code] * n, "state": [state] * n,
        },
        schema=RESULTS,
    )  # fmt: skip


def facts_of(ended: Sequence[Ended], *, at: datetime) -> pl.DataFrame:
    """Return the submissions of a group of batches, with parts and price_rials beside them.

    A position left out of a later attempt may have been accepted in an earlier one whose answer came late:
    its money was given back already, so it is written off, and a receipt makes it "delivered, not charged".
    """
    facts = _with_prices(ended)
    if any(one.batch.suppressed for one in ended):
        facts = _left_out(facts, ended)
    moment = pl.lit(at).cast(pl.Datetime("us", "UTC"))
    runs = {one.batch.id: one.batch.run_id for one in ended}
    if len(set(runs.values())) == 1:
        return facts.with_columns(run=pl.lit(next(iter(runs.values())), pl.Int64), at=moment)
    return facts.with_columns(run=pl.col("batch").replace_strict(runs, return_dtype=pl.Int64), at=moment)


def _with_prices(ended: Sequence[Ended]) -> pl.DataFrame:
    """Put parts and price beside the results; nearly always both stand in the same order, and nothing is
    joined.
    """
    rows = _with_batch(ended, [one.results for one in ended])
    prices = _with_batch(ended, [one.rows for one in ended])
    if rows["pos"].equals(prices["pos"]) and rows["batch"].equals(prices["batch"]):
        return rows.with_columns(prices["parts"], prices["price_rials"])
    return rows.join(prices.select("batch", *PRICES), on=["batch", "pos"], how="left", maintain_order="left")


def charges_of(facts: pl.DataFrame) -> dict[int, Charge]:
    """Return what was accepted of each batch that had anything accepted."""
    sums = (
        facts.filter(pl.col("state") == submissions.CHARGED)
        .group_by("batch")
        .agg(pl.col("price_rials").sum(), pl.col("parts").cast(pl.Int64).sum())
    )
    return {batch: Charge(rials, parts) for batch, rials, parts in sums.iter_rows()}


def closing_entries(run: Run, batch: Batch, charge: Charge) -> list[Entry]:
    """Capture what was accepted, its cost, and release the rest, from the pot the money lies in (2.3)."""
    key = f"batch:{batch.id}"
    assert 0 <= charge.rials <= batch.amount_rials, (key, charge, batch.amount_rials)
    pot = (ledger.unknown if batch.state == "unknown" else ledger.held)(run.account_id)
    cost, back = charge.parts * run.tariff.cost_rials, batch.amount_rials - charge.rials
    return [
        Entry(f"{key}:capture", pot, ledger.REVENUE, charge.rials, run.id, batch.id),
        Entry(f"{key}:cost", f"cogs:{run.gateway}", f"payable:{run.gateway}", cost, run.id, batch.id),
        Entry(f"{key}:release", pot, ledger.available(run.account_id), back, run.id, batch.id),
    ]


def retry_entry(batch: Batch, account_id: int) -> Entry:
    """Bring a batch's money back where it waits to be sent."""
    held, unknown = ledger.held(account_id), ledger.unknown(account_id)
    key = f"batch:{batch.id}:retry:{batch.moves + 1}"
    return Entry(key, unknown, held, batch.amount_rials, batch.run_id, batch.id)


def _with_batch(ended: Sequence[Ended], frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Stack frames and say of each row which batch it is of, once for all rather than frame by frame."""
    ids = np.repeat([one.batch.id for one in ended], [frame.height for frame in frames])
    return pl.concat(frames).with_columns(pl.Series("batch", ids, dtype=pl.Int64))


def _left_out(facts: pl.DataFrame, ended: Sequence[Ended]) -> pl.DataFrame:
    out = pl.DataFrame(
        [(one.batch.id, pos) for one in ended for pos in one.batch.suppressed or []],
        schema={"batch": pl.Int64, "pos": pl.UInt32},
        orient="row",
    )
    late = facts.join(out, on=["batch", "pos"], how="semi").select(
        "batch", "pos", late=pl.col("state") == submissions.CHARGED
    )
    facts = facts.join(late, on=["batch", "pos"], how="left", maintain_order="left").with_columns(
        state=pl.when(pl.col("late")).then(pl.lit("written_off")).otherwise("state")
    )
    missing = out.join(late, on=["batch", "pos"], how="anti").with_columns(
        state=pl.lit("suppressed"), ok=pl.lit(False)
    )
    return pl.concat([facts.drop("late"), missing], how="diagonal")
