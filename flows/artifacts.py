"""What a flow run leaves to be looked at in the Prefect pages, in Persian and English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.steps import telling


def of_plan(run_ids: Iterable[int]) -> None:
    """Leave the audience waterfall and the price table of runs that were planned."""
    for run in map(telling.run_of, run_ids):
        _table(f"run-{run.id}-audience", telling.waterfall(run), "گام‌های گزینش مخاطب · audience waterfall")
        _table(f"run-{run.id}-cost", telling.cost(run), "بها به ریال · price in rials")


def of_deliveries(run_ids: Iterable[int]) -> None:
    """Leave the delivery summary of runs."""
    for run in map(telling.run_of, run_ids):
        create_markdown_artifact(
            telling.delivery_markdown(run), key=f"run-{run.id}-deliveries",
            description="خلاصهٔ تحویل · delivery summary",
        )  # fmt: skip


def of_figures(key: str, figures: dict[str, Any], description: str) -> None:
    """Leave a table of names and figures."""
    _table(key, [{"what": name, "figure": str(figure)} for name, figure in figures.items()], description)


def _table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    if rows:
        create_table_artifact(rows, key=key, description=description)
