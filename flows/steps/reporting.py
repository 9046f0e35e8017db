"""What is told of a run: its totals and its messages by state, in the words of `rules.status`."""

from __future__ import annotations

from typing import Any

from data import clock
from data.facts import messages
from data.records import campaigns, ledger, runs
from data.records.runs import Run
from data.store import operations

NO_RUN: dict[str, Any] = {  # nobody is chosen before a run is planned: there are no figures, not figures of 0
    "run_id": None, "recipients": None, "parts": None, "cost_rials": None, "charged_rials": 0,
    "refunded_rials": 0, "net_rials": 0, "refunds_at": None, "messages": {},
}  # fmt: skip


def campaign_report(campaign_id: int, *, account_id: int | None = None) -> dict[str, Any]:
    """Return the campaign with its newest run and every earlier one (cli.md)."""
    with operations.reading() as c:
        order = campaigns.get(c, campaign_id, account_id=account_id)
        found = runs.of_campaign(c, campaign_id)
    newest = run_report(found[0]) if found else NO_RUN
    return {
        "campaign_id": order.id, "title": order.title, "kind": order.kind, "campaign_state": order.state,
        "next_due_at": order.next_due_at, **newest, "state": found[0].state if found else order.state,
        "runs": [{"run_id": run.id, "occurrence": run.occurrence_key, "state": run.state} for run in found],
    }  # fmt: skip


def run_report(run: Run) -> dict[str, Any]:
    """Return a run's figures: money charged and given back, messages by state and operator, open batches.

    `refunds_at` says when what the receipts brought is settled next; None when it is.
    """
    with operations.reading() as c:
        found = messages.sources(c, [run.id])
        open_batches = runs.open_batches(c, [run.id])
        refunded = ledger.refunded(c, run.id)
        refunds_at = runs.get(c, run.id).settle_at
    counts = messages.state_counts(found, now=clock.now())
    charged = int(counts["charged_rials"].sum())
    by_state = dict(counts.group_by("state").agg(messages.total("messages")).sort("state").iter_rows())
    return {
        "run_id": run.id, "state": run.state, "why": run.why, "recipients": run.n, "parts": run.parts,
        "cost_rials": run.cost_rials, "charged_rials": charged, "refunded_rials": refunded,
        "net_rials": charged - refunded, "refunds_at": refunds_at,
        "messages": by_state, "waterfall": run.waterfall, "by_operator": run.by_operator,
        "open": open_batches,
    }  # fmt: skip
