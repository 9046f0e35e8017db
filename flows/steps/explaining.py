"""Why a number did or did not get a run's message, step by step, from the tables and the lake."""

from __future__ import annotations

from typing import Any

import polars as pl

from data import clock
from data.errors import Refused
from data.facts import messages
from data.records import batches, campaigns, runs, suppression
from data.records.runs import Run
from data.rules import reasons
from data.store import lake, operations
from data.use_cases.messages import money


def explain(number: int, run_id: int, *, account_id: int | None = None) -> list[dict[str, Any]]:
    """Return the steps: {step, say, at?}; raise Refused where there is no such run.

    An account is told of its own runs and its own numbers alone: of anybody else the answer is always the
    same, so that it says nothing about who is rented.
    """
    with operations.reading() as c:
        one = runs.find(c, run_id)
        if one is None or account_id not in (None, one.account_id):
            raise Refused(
                "run", f"there is no run {run_id}; `chapar campaign status ID` names the runs of a campaign",
                f"اجرایی با شمارهٔ {run_id} نیست؛ `chapar campaign status ID` اجراهای یک کارزار را می‌گوید",
            )  # fmt: skip
        order = campaigns.get(c, one.campaign_id, account_id=None)
    steps = [
        {"step": "run", "say": f"run {run_id} of campaign {order.id} is {one.state}", "at": one.created_at}
    ]
    if not one.set_path:
        why = reasons.plain(one.why) or "not planned yet"
        return [*steps, {"step": "set", "say": f"no set was built: {why}"}]
    if account_id is not None and one.bound is not None and not runs.sent_whole(one.state, one.cancel_at):
        return [*steps, {"step": "set", "say": "of single numbers it is told once all of the run was sent"}]
    place = pl.scan_parquet(lake.lake_root() / one.set_path).filter(pl.col("msisdn") == number).collect()
    if account_id is not None and (place.is_empty() or place["bank"][0]):
        return [*steps, {"step": "set", "say": "it is not among the numbers that you gave for this run"}]
    steps += _suppressed(number, one)
    if place.is_empty():
        return [*steps, {"step": "set", "say": _absent(one)}]
    row = place.row(0, named=True)
    said = f"position {row['pos']} of {one.n}, {row['parts']} parts, priced {row['price_rials']} rials"
    return [*steps, {"step": "set", "say": said}, *_batch(one, row["pos"]), *_message(one, number)]


def _absent(one: Run) -> str:
    cuts = ", ".join(f"{step['step']} −{step['removed']}" for step in one.waterfall or [] if step["removed"])
    return f"it is not in the set: it did not match, or was left out ({cuts or 'nobody was left out'})"


def _suppressed(number: int, one: Run) -> list[dict[str, Any]]:
    with operations.reading() as c:
        entries = suppression.history(c, number, account_id=one.account_id)
    return [
        {
            "step": "suppressed",
            "say": f"{entry['why']} ({entry['source']})" + (", lifted" if entry["lifted_at"] else ""),
            "at": entry["at"],
        }
        for entry in entries
    ]


def _batch(one: Run, pos: int) -> list[dict[str, Any]]:
    with operations.reading() as c:
        found = batches.of_ids(c, [runs.batch_at(c, one.id, pos)])[0]
        attempts = batches.attempts_of(c, found.id)
        notes = batches.evidence_of(c, found.id)
    steps = [
        {"step": "attempt",
        "say": f"attempt {a['n']}: {a['outcome'] or 'never heard of again'} {a['why'] or ''}".strip(),
         "at": a["claimed_at"]}
        for a in attempts
    ]  # fmt: skip
    steps += [{"step": "evidence", "say": f"{n['kind']}: {n['note']}", "at": n["at"]} for n in notes]
    if pos in (found.suppressed or []):
        steps.append(
            {"step": "left_out", "say": "opted out after the set was built; left out when it was claimed"}
        )
    return [*steps, {"step": "batch", "say": f"batch {found.seq} ({found.ref}) is {found.state}"}]


def _message(one: Run, number: int) -> list[dict[str, Any]]:
    with operations.reading() as c:
        found = messages.sources(c, [one.id])
    page = messages.page(found, offset=0, limit=1, now=clock.now(), number=number)
    row = page.with_columns(money(one)).row(0, named=True)
    told = [
        {
            "step": "receipt",
            "say": f"{heard['status']} → {heard['state'] or 'no change'}",
            "at": heard["received_at"],
        }
        for heard in messages.receipts_of(found, one.id, row["pos"]).iter_rows(named=True)
    ]
    paid = f"charged {row['charged_rials']:,}, refunded {row['refunded_rials']:,}"
    return [
        *told,
        {"step": "money", "say": f"its price is {row['price_rials']:,} rials; {paid}"},
        {"step": "message", "say": f"it is {row['state']}", "at": row["heard_at"] or row["sent_at"]},
    ]
