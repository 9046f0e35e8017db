"""Dispatch: lost batches recovered, due ones claimed, called, settled. A shift, or until one run is over."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows import timetable
from flows.steps import following
from flows.tasks import step
from flows.terminal import Progress


@flow(name="dispatch")
def dispatch(run_id: int | None = None) -> int:
    """Send what is due: until the run is over, or for a shift. Returns the messages handed over."""
    if run_id is None:
        return timetable.work_shift("dispatch", get_run_logger().info)
    return send_all(run_id)  # type: ignore[no-any-return]


@step("hand the messages over")
def send_all(run_id: int) -> int:
    """The dispatch loop is one task: batches, calls and settlements are rows, not tasks."""
    return following.send_all(run_id, progress=Progress("messages handed over"))
