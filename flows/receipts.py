"""Receipts: spool to facts, states and money. A shift, or until one run's receipts are in."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows import artifacts, timetable
from flows.steps import following
from flows.tasks import step
from flows.terminal import Progress


@flow(name="receipts")
def receipts(run_id: int | None = None) -> int:
    """Bring receipts in: until the run's are all there or none came for a while, or for a shift."""
    if run_id is not None:
        heard = hear_all(run_id)
        artifacts.of_deliveries([run_id])
        return heard  # type: ignore[no-any-return]
    before = following.settled_so_far()
    heard = timetable.work_shift("receipts", get_run_logger().info)
    artifacts.of_deliveries(following.changed_since(before))
    return heard


@step("bring in the receipts")
def hear_all(run_id: int) -> int:
    """Drain the spool until every message is final, or nothing came for `receipts.idle_seconds`."""
    return following.hear_all(run_id, progress=Progress("receipts"))
