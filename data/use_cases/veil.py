"""What an account is told of its run before all of it was sent: the bounds it was promised, and what left.

Which of an account's own numbers, opt-outs or earlier sends are rented people is nobody's to find out for
nothing. A plan that is stopped before it sends costs nothing, so it tells nothing that was not told before
it; who sends all of a run has paid for the answer and is told everything, as the operator always is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from data.records.runs import Run, sent_whole
from data.rules import status
from data.rules.cells import merged_cells, small_cells
from data.rules.operators import OTHER
from data.settings import settings
from data.use_cases.floor import Case


def veiled(case: Case, one: Run) -> bool:
    """Say whether this viewer is told bounds of a run."""
    if case.who.account_id is None or one.bound is None:
        return False
    return not sent_whole(one.state, one.cancel_at)


def run_of(case: Case, one: Run) -> Run:
    """Return a run with the figures that this viewer may be told."""
    if case.who.account_id is None or one.bound is None:
        return one
    if not veiled(case, one):
        return replace(one, by_operator=_merged(one.by_operator or []))
    names = ("n", "parts", "cost_rials", "by_operator", "waterfall")
    return replace(one, **{name: one.bound[name] for name in names})


def open_bound(case: Case, one: Run) -> bool:
    """Say whether messages of a run may still leave of which this viewer is told a bound."""
    return veiled(case, one) and one.state not in status.RUN_FINAL and one.cancel_at is None


def spare(one: Run) -> tuple[int, int]:
    """Return by how many messages and rials the bound of a veiled run lies above what it is."""
    assert one.bound is not None
    return one.bound["n"] - one.n, one.bound["cost_rials"] - one.cost_rials


def at_most(case: Case, one: Run) -> bool:
    """Say whether the figures of a run are bounds for this viewer, so that it is said with them."""
    return veiled(case, one) and bool(one.bound and one.bound["at_most"])


def counts_of(case: Case, one: Run, counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts by state of what left; how many did not would tell how many there are."""
    if not veiled(case, one):
        return counts
    return counts.filter(pl.col("state").is_in(sorted(status.UNSENT)).not_())


def cells_of(case: Case, one: Run, operators: dict[str, int]) -> dict[str, int]:
    """Return messages by operator, those of few rented people put together."""
    if case.who.account_id is None or one.bound is None:
        return operators
    return merged_cells(operators, settings().privacy.min_cell)


def batches_of(case: Case, one: Run, waiting: dict[str, int]) -> dict[str, int | None]:
    """Return how many batches are open; how many wait to leave would tell how many people there are."""
    told: dict[str, int | None] = dict(waiting)
    return told | {"ready": None} if veiled(case, one) else told


def figures_of(case: Case, row: Any) -> tuple[int | None, int | None, int | None, bool]:
    """Return recipients, parts and price of a listed run, and whether they are bounds."""
    exact = row.recipients, row.parts, row.price_rials
    whole = sent_whole(row.run_state or "", row.cancel_at)
    if case.who.account_id is None or row.bound is None or whole:
        return (*exact, False)
    told = row.bound
    return told["n"], told["parts"], told["cost_rials"], bool(told["at_most"])


def _merged(shares: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return shares of a set by operator and language, those of operators with few people as one."""
    people: dict[str, int] = {}
    for share in shares:
        people[share["operator"]] = people.get(share["operator"], 0) + share["recipients"]
    hidden = small_cells(people, settings().privacy.min_cell)
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for share in shares:
        name = OTHER if share["operator"] in hidden else share["operator"]
        cell = told.setdefault((name, share["language"]), dict.fromkeys(share, 0))
        words = {"operator": name, "language": share["language"]}
        cell |= {key: cell[key] + share[key] for key in share if key not in words} | words
    return list(told.values())
