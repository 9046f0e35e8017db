"""Plan and reserve: build the set, freeze it in the lake, then one transaction commits set, money and
batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data import clock
from data.errors import Refused
from data.facts import recipients
from data.failpoints import failpoint
from data.records import audit, batches, campaigns, doubt, holds, home, ledger, runs, slices, suppression
from data.records.campaigns import Campaign
from data.records.ledger import Entry, InsufficientCredit
from data.records.runs import Run
from data.rules import reasons
from data.rules.references import batch_ref
from data.settings import settings
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.toolbox import Toolbox
from gateways.gateway import Gateway
from targeting.orders import choosing
from targeting.orders.choosing import Set

ACTOR = "plan"
CHOICES_MAX = 5  # how often a set is chosen anew because another slice of its audience or series came between


def plan_due(box: Toolbox) -> list[int]:
    """Plan every approved run, and those whose planner died; return the ids of the runs planned now."""
    with operations.reading() as c:
        waiting = [run.id for run in runs.in_states(c, ("approved", "planning"))]
    for run_id in waiting:
        plan(box, run_id)
    return waiting


def plan(box: Toolbox, run_id: int) -> str:
    """Carry one run from approved to running, or to the reason why not; return the state it is in."""
    with operations.writing() as c:
        if runs.get(c, run_id).cancel_at:
            runs.move(c, run_id, to="cancelled", expected=("approved", "planning"), closed_at=clock.now())
        runs.move(c, run_id, to="planning", expected=("approved",))
        run = runs.get(c, run_id)
        order = campaigns.get(c, run.campaign_id, account_id=None)
        released_at = home.doubtful_since(c)
    if run.state != "planning":
        return run.state
    if released_at and run.created_at <= released_at:
        return _give_up(run, doubt.WHY, state="missed")
    for _ in range(CHOICES_MAX):
        try:
            _gateway(box, run)
            chosen, seen = _choose(run, order)
            failpoint("plan.inside")
        except Refused as refused:
            return _give_up(run, _both(refused))
        if chosen.frame.is_empty():
            return _give_up(run, "audience: nobody is left to write to; widen it", state="closed")
        written = recipients.write_set(chosen.frame)
        failpoint("plan.after_file")
        state = operations.transact(partial(_settled, box=box, run=run, plan=_Plan(chosen, seen, written)))
        if state != "planning":
            return state
    return "planning"  # the slices of this account never stood still; the next pass takes the run up


@dataclass(frozen=True, slots=True)
class _Plan:
    """A set that is written and waits for its money."""

    chosen: Set
    seen: int
    written: lake.Written


def _settled(c: Connection, box: Toolbox, run: Run, plan: _Plan) -> str:
    """Commit the plan unless another slice of its audience or series came between; return the run's state."""
    slices.lock(c, run.account_id)
    if slices.newest(c, plan.chosen.key) == plan.chosen.mark.seen:
        return _commit(c, box, run, plan)
    return runs.get(c, run.id).state  # not planning: another planner carried this very run on


def _choose(run: Run, order: Campaign) -> tuple[Set, int]:
    """Ages, places and opt-outs as they are today; the suppression id is read first, so nobody slips
    between.
    """
    with operations.reading() as c:
        seen = suppression.newest(c)
        scope = choosing.scope_of(c, order, today=civil_today())
    return choosing.choose(order, scope, run.tariff), seen


def _commit(c: Connection, box: Toolbox, run: Run, plan: _Plan) -> str:
    """All or nothing: lake_file, batches, reserve, running; without credit only refused_funds (decisions
    16).
    """
    now, chosen = clock.now(), plan.chosen
    order = campaigns.get(c, run.campaign_id, account_id=None, lock=True)
    price = chosen.promise.quote.cost_rials  # what its account was told, and no less than the set costs
    hold = Entry(
        f"run:{run.id}:hold", ledger.available(run.account_id), ledger.held(run.account_id), price, run.id
    )
    totals = {
        "n": chosen.frame.height, "parts": int(chosen.frame["parts"].sum()),
        "cost_rials": int(chosen.frame["price_rials"].sum()), "held_rials": price,
        "bound": chosen.promise.to_row(),
    }  # fmt: skip
    if not runs.move(
        c, run.id, to="running", expected=("planning",), started_at=now, **totals, **_identity(plan)
    ):
        return runs.get(c, run.id).state  # another planner was quicker; our file stays an orphan
    holds.release(c, order.id, actor=ACTOR, now=now)  # the run's own reserve takes its place
    try:
        with c.begin_nested():
            ledger.post(c, [hold], actor=ACTOR, now=now)
    except InsufficientCredit as lacking:
        why = reasons.both(lacking.en, lacking.fa)
        runs.move(c, run.id, to="refused_funds", expected=("running",), why=why, closed_at=now,
                  set_path=None, set_sha256=None)  # fmt: skip
        campaigns.end(c, run.campaign_id)
        _cover_next(c, order, price, now=now)
        return "refused_funds"
    lake.record(c, plan.written, run_ids=[run.id], now=now)
    batches.insert(c, cut(box, run, chosen.frame, now))
    _remember(c, run, plan, now=now)
    _cover_next(c, order, price, now=now)
    return "running"


def _cover_next(c: Connection, order: Campaign, cost: int, *, now: datetime) -> None:
    """Hold for the next occurrence what this one takes; what cannot be held now is tried at every start."""
    campaigns.quote(c, order.id, cost)
    if order.next_due_at is not None and order.next_due_at > now:
        holds.take_if_there(c, order.id, cost, actor=ACTOR, now=now)


def _remember(c: Connection, run: Run, plan: _Plan, *, now: datetime) -> None:
    """Keep what was taken of the set, and log where people get it again because the order says so."""
    chosen, mark = plan.chosen, plan.chosen.mark
    taken = slices.Taken(
        chosen.key, chosen.row, chosen.frame.height,
        last_key=mark.last_key, begins=mark.begins, own=chosen.own,
    )  # fmt: skip
    slices.take(c, run, taken, now=now)
    if mark.repeated:
        audit.write(
            c, "slice.again", actor=ACTOR, now=now, account_id=run.account_id, subject=str(run.id),
            detail={"people": mark.repeated},
        )  # fmt: skip


def _identity(plan: _Plan) -> dict[str, Any]:
    chosen = plan.chosen
    return {
        "set_path": plan.written.path, "set_sha256": plan.written.sha256, "snapshot": chosen.snapshot,
        "by_operator": chosen.by_operator, "waterfall": chosen.waterfall,
        "audience_hash": chosen.key.audience_hash,
        "suppression_seen": plan.seen,
    }  # fmt: skip


def _gateway(box: Toolbox, run: Run) -> Gateway:
    gateway = box.gateways.get(run.gateway)
    if gateway is None:
        raise Refused(
            "line.gateway", f"the gateway {run.gateway!r} is not configured; see docs/gateways.md",
            f"درگاه «{run.gateway}» تنظیم نشده است",
        )  # fmt: skip
    return gateway


def cut(box: Toolbox, run: Run, frame: pl.DataFrame, now: datetime) -> list[dict[str, Any]]:
    """One row per gateway call: the set cut into ranges of the gateway's bulk size."""
    bulk = _gateway(box, run).capabilities.bulk
    ranges = (
        frame.lazy()
        .group_by(seq=(pl.col("pos") - 1) // bulk, maintain_order=True)
        .agg(pos_from=pl.col("pos").first(), n=pl.len(), amount_rials=pl.col("price_rials").sum())
        .collect()
    )
    return [
        row | {"run_id": run.id, "ref": batch_ref(box.secret, run.id, row["seq"]), "ready_at": now}
        for row in ranges.iter_rows(named=True)
    ]


def _both(refused: Refused) -> str:
    return reasons.both(f"{refused.field}: {refused.en}", refused.fa)


def _give_up(run: Run, why: str, *, state: str = "cancelled") -> str:
    with operations.writing() as c:
        if runs.move(c, run.id, to=state, expected=("planning",), why=why, closed_at=clock.now()):
            holds.release_if_over(c, run.campaign_id, actor=ACTOR, now=clock.now())
            campaigns.end(c, run.campaign_id)
        return runs.get(c, run.id).state


def civil_today() -> date:
    """Return the day it is now where the home's schedules live; ages are counted on it."""
    return clock.now().astimezone(ZoneInfo(settings().timezone)).date()
