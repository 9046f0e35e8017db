"""Campaign: what is due starts, is chosen, priced, reserved, cut into batches. A shift, or one campaign."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows import artifacts, timetable
from flows.steps import starting
from flows.steps.planning import plan
from flows.steps.toolbox import open_toolbox
from flows.tasks import step


@flow(name="campaign")
def campaign(campaign_id: int | None = None) -> list[int]:
    """Start and plan one campaign; without an id, whatever falls due during a shift. Returns the runs."""
    if campaign_id is None:
        timetable.work_shift("campaign", get_run_logger().info, tell=artifacts.of_plan)
        return []
    run_ids = start(campaign_id)
    for run_id in run_ids:
        choose_and_reserve(run_id)
    artifacts.of_plan(run_ids)
    return run_ids  # type: ignore[no-any-return]


@step("start what is due")
def start(campaign_id: int) -> list[int]:
    """Approve the run of a campaign that is due."""
    run_id = starting.start_campaign(campaign_id)
    return [run_id] if run_id else []


@step("choose the audience, price it, reserve the money")
def choose_and_reserve(run_id: int) -> str:
    """Build the set, freeze it, commit it with its money and batches; return the run's state."""
    return plan(open_toolbox(), run_id)
