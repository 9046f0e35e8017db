"""What people wrote: spool to rows, opt-outs obeyed, answers queued. A shift."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows import timetable


@flow(name="inbound")
def inbound() -> int:
    """Take in what people wrote for a shift; return how many messages there were."""
    return timetable.work_shift("inbound", get_run_logger().info)
