"""Carrying one campaign to its end inside one process: receiver and simulator beside it if need be
(decisions 24).
"""

from __future__ import annotations

from typing import Any

from data import clock
from data.errors import Broken, Refused
from data.records import campaigns, ledger, lines, runs
from data.rules import reasons, status
from data.settings import settings
from data.store import operations
from data.use_cases import reports
from data.use_cases.floor import OPERATOR, Who
from flows import terminal
from flows.steps import dispatching, holding, planning, receiving, refunding, starting
from flows.steps.company import Company
from flows.steps.following import Retrying, settle_refunds
from flows.steps.toolbox import open_toolbox

EXIT_RETRYABLE = 3
NAP_SECONDS = 0.2
NEVER = "never"
OPEN_STATES = ("queued", "submitted", "at_operator", "unknown")


def run_to_its_end(
    campaign_id: int, *, wait: float | None, viewer: Who = OPERATOR
) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Start, plan, dispatch and follow the receipts until all is final or nothing more comes; return what
    the viewer may be told.
    """
    with operations.reading() as c:
        campaigns.get(c, campaign_id, account_id=None)
    if held := holding.told():
        return {"campaign_id": campaign_id, **held}, holding.EXIT_HELD
    with Company():
        run_id = starting.start_campaign(campaign_id, viewer)
        if not run_id:
            return _not_due(campaign_id, viewer)
        planning.plan(open_toolbox(), run_id)
        waiting = _follow(run_id, settings().receipts.idle_seconds if wait is None else wait, viewer)
    told = reports.report(viewer, campaign_id).to_json()
    if held := holding.told():
        return told | held, holding.EXIT_HELD
    _say_why_not(run_id)
    if waiting == NEVER:
        terminal.say("the line's hours lie in the quiet hours: mend the line's hours, or stop the campaign")
        return told, EXIT_RETRYABLE
    if waiting:
        return told | {"waiting_until": waiting}, EXIT_RETRYABLE
    with operations.reading() as c:
        ready = runs.open_batches(c, [run_id])["ready"]
    if ready:
        with operations.reading() as c:
            why = _stopped_why(c, runs.get(c, run_id))
        if why:
            terminal.say(f"the line is stopped ({why}); mend it, then: chapar line resume")
            return told | {"line_stopped": why}, EXIT_RETRYABLE
    if told["run_state"] == "refused_funds":
        with operations.reading() as c:
            run = runs.get(c, run_id)
            lacking = ledger.lacking(c, run.account_id, run.held_rials)
        raise Refused("credit", lacking.en, lacking.fa)
    return told


def _say_why_not(run_id: int) -> None:
    """Raise what keeps a run from being sent until it is mended: Refused by the plan, Broken after it."""
    with operations.reading() as c:
        run = runs.get(c, run_id)
    if run.state == "cancelled" and run.cancel_at is None and run.why:
        field, _, mend = reasons.plain(run.why).partition(": ")
        raise Refused(field, mend, reasons.say(run.why, "fa").removeprefix(f"{field}: "))
    if run.state == "paused" and run.why != reasons.BY_A_PERSON:
        raise Broken(
            f"run {run.id} is paused: {reasons.plain(run.why)}; then resume it",
            f"اجرای {run.id} نگه داشته شده است: {reasons.say(run.why or '', 'fa')}؛ سپس ادامه دهید",
        )


def _not_due(campaign_id: int, viewer: Who) -> tuple[dict[str, Any], int]:
    told = reports.report(viewer, campaign_id).to_json()
    terminal.say("nothing of this campaign is due now")
    return told, EXIT_RETRYABLE


def _follow(run_id: int, idle_seconds: float, viewer: Who) -> Any:
    """Work until the run is over and its receipts are in; return when it goes on, if it must wait for its
    hours, or NEVER.
    """
    total = _recipients(run_id, viewer)
    bar, sent, retrying = terminal.Progress("messages handed over"), 0, Retrying(run_id)

    def progress(count: int) -> None:
        nonlocal sent
        sent += count
        bar(min(sent, total), total)

    heard_at = clock.monotonic()
    while True:
        box = open_toolbox()
        dispatching.tick(box, progress=progress)
        retrying.tell()
        if receiving.drain(box).receipts:
            heard_at = clock.monotonic()
        refunding.settle_due()
        if waiting := dispatching.waiting_until(run_id):
            return waiting
        if dispatching.never(run_id):
            return NEVER
        if holding.is_held():
            return None
        over = _is_over(run_id)
        if over and (clock.monotonic() - heard_at > idle_seconds or _all_final(run_id)):
            settle_refunds(run_id)
            return None
        clock.sleep(NAP_SECONDS)


def _recipients(run_id: int, viewer: Who) -> int:
    return reports.run(viewer, run_id).run.n


def _is_over(run_id: int) -> bool:
    """Whether every batch came to an end, or the run never got that far."""
    with operations.reading() as c:
        run = runs.get(c, run_id)
        if run.state in status.RUN_FINAL or run.state == "paused" or _only_waiting(c, run_id):
            return True
        return bool(_stopped_why(c, run)) and not runs.open_batches(c, [run_id])["sending"]


def _stopped_why(c: Any, run: runs.Run) -> str | None:
    """Why the run's line sends nothing until somebody resumes it, or None."""
    return lines.get(c, run.line_id).stopped_why


def _only_waiting(c: Any, run_id: int) -> bool:
    """Unknown outcomes of a blind gateway stay open until their horizon; a command does not wait two days."""
    still = runs.open_batches(c, [run_id])
    return still["ready"] == still["sending"] == 0 and still["unknown"] > 0


def _all_final(run_id: int) -> bool:
    states = reports.run(OPERATOR, run_id).states
    return not any(states.get(state) for state in OPEN_STATES)
