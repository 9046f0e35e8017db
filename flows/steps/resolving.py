"""T7-T10: what becomes of batches whose outcome is not known, by the class of their gateway."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from data import clock
from data.facts import submissions
from data.failpoints import failpoint
from data.records import batch_queue, batches, ledger, lines, processes, runs
from data.records.batches import Batch
from data.rules import machine, reasons
from data.store import lake, operations
from data.store.frozen import ChangedError
from flows.steps import evidence
from flows.steps.claiming import ACTOR, Claimed, rows_of
from flows.steps.evidence import Evidence
from flows.steps.outcomes import (
    Charge,
    Dispatched,
    Ended,
    charges_of,
    closing_entries,
    facts_of,
    plain_results,
    retry_entry,
)
from flows.steps.settling import Answer, settle
from flows.steps.toolbox import Toolbox, class_of, is_same, resend_margin
from gateways.gateway import Outcome

PASS_BATCHES_MAX = 200
LOOK_UP_EVERY = timedelta(seconds=30)
ELSEWHERE = "attempted at another address or account of this gateway: neither asked nor sent again"


def resolve_all(box: Toolbox) -> Dispatched:
    """Ask about, repeat, give up or write off what is unknown and due; return what came to its end."""
    now = clock.now()
    with operations.reading() as c:
        found = batch_queue.to_ask_about(c, now=now, limit=PASS_BATCHES_MAX)
        by_run = {run_id: runs.get(c, run_id) for run_id in {b.run_id for b in found}}
        by_line = {run.line_id: lines.get(c, run.line_id) for run in by_run.values()}
    done = Dispatched()
    for batch in found:
        run = by_run[batch.run_id]
        if run.gateway not in box.gateways:
            _look_again(batch, at=now + LOOK_UP_EVERY, why=f"the gateway {run.gateway} is not configured")
            continue
        try:
            rows = rows_of(run, batch)
        except ChangedError as changed:
            _look_again(batch, at=now + LOOK_UP_EVERY, why=reasons.both(changed.en, changed.fa))
            continue
        done += _resolve(box, Claimed(batch, run, by_line[run.line_id], rows, clock.monotonic()))
    return done


def _resolve(box: Toolbox, claimed: Claimed) -> Dispatched:
    facts = _facts(box, claimed)
    same = is_same(box, claimed.run, claimed.batch)
    if same and facts.gateway_class < (claimed.batch.gateway_class or "G2"):
        _fall(claimed.batch, to=facts.gateway_class)
    todo = machine.resolve(facts)
    if todo == "resend" and (claimed.run.cancel_at is not None or claimed.line.stopped_why is not None):
        todo = "look_up"
    failpoint("resolve.inside")
    if todo == "write_off":
        return _write_off(claimed)
    if todo == "look_up":
        return _look_up(box, claimed, facts)
    if todo == "resend":
        _resend(claimed.batch, why="sent again under the same reference", proof=False)
    else:
        blind = facts.gateway_class == "G0" and same
        at = facts.horizon_at if blind else facts.now + LOOK_UP_EVERY
        _look_again(claimed.batch, at=at, why=claimed.batch.why if same else ELSEWHERE)
    return Dispatched()


def _fall(batch: Batch, *, to: str) -> None:
    """Its gateway promises less than when it was attempted: what it promised then is doubtful for good."""
    with operations.writing() as c:
        batch_queue.fall(c, batch.id, to=to)


def _look_again(batch: Batch, *, at: datetime, why: str | None) -> None:
    with operations.writing() as c:
        batches.look_again(c, batch.id, at=at, why=why or "")


def _facts(box: Toolbox, claimed: Claimed) -> machine.Unknown:
    batch = claimed.batch
    able = box.gateways[claimed.run.gateway].capabilities
    assert batch.first_sent_at, batch.id
    assert batch.quiet_at, batch.id
    assert batch.horizon_at, batch.id
    return machine.Unknown(
        gateway_class=class_of(box, claimed.run, batch),
        now=clock.now(),
        first_sent_at=batch.first_sent_at,
        quiet_at=batch.quiet_at,
        horizon_at=batch.horizon_at,
        window=timedelta(seconds=able.window_seconds),
        margin=resend_margin(able),
        tries=batch.tries,
        tries_max=box.settings.dispatch.tries_max,
        fenced=batch.owner is None or processes.is_gone(batch.owner),
        memory=None if able.lookup_seconds is None else timedelta(seconds=able.lookup_seconds),
    )


def _look_up(box: Toolbox, claimed: Claimed, facts: machine.Unknown) -> Dispatched:
    gateway = box.gateways[claimed.run.gateway]
    failpoint("resolve.before_lookup")
    batch = claimed.batch
    outcome = gateway.look_up(claimed.outgoing())
    found = None if outcome is None else _found(outcome)
    todo = machine.after_look_up(facts, found=found, policy=claimed.run.unknown_policy)
    said = outcome.why if outcome else "this gateway cannot be asked"
    if todo == "believe" and outcome:
        return settle([Answer(claimed, outcome, attempt=False)])
    if todo == "resend" and claimed.run.cancel_at is None:
        _resend(batch, why="the gateway does not know it", proof=True)
    elif todo == "resend" or todo == "fail":
        return settle_failed(claimed, why=said)
    else:
        at = max(clock.now() + LOOK_UP_EVERY, min(facts.quiet_at, clock.now() + 10 * LOOK_UP_EVERY))
        _look_again(batch, at=at, why=said)
    return Dispatched()


def _found(outcome: Outcome) -> bool | None:
    """Whether it is there: whoever names every message knows the batch, also where each was refused."""
    if outcome.kind == "ok" or (outcome.kind == "rej" and outcome.results is not None):
        return True
    return False if outcome.kind == "rej" and outcome.code == "not_found" else None


def _resend(batch: Batch, *, why: str, proof: bool) -> None:
    """T9: with proof that nothing arrived the mark of lost answers goes; the same reference needs no
    proof.
    """
    with operations.writing() as c:
        now_is = batches.locked(c, [batch.id])[batch.id]
        if not _still(now_is, batch):
            return
        run = runs.get(c, batch.run_id)
        entry = retry_entry(now_is, run.account_id)
        ledger.post(c, [entry], actor=ACTOR, now=clock.now())
        batches.to_ready(c, batch.id, ready_at=clock.now(), why=why, moves=1, forget=proof)
        batches.note(c, batch.id, kind="lookup" if proof else "late_answer", text=why, now=clock.now())


def _still(now_is: Batch, seen: Batch) -> bool:
    """Whether it is unknown in the way it was when we looked: what we learned is of no later attempt."""
    return now_is.state == "unknown" and now_is.moves == seen.moves


def settle_failed(claimed: Claimed, *, why: str) -> Dispatched:
    """T8: certainly not there, and not to be sent again."""
    return _end(claimed, plain_results(claimed.rows["pos"], state="failed"), to="failed", why=why)


def _write_off(claimed: Claimed) -> Dispatched:
    """T10, and T7 at the horizon: what receipts prove is charged, the rest is given back and shown as
    such.
    """
    found = evidence.gather(claimed)
    positions = claimed.rows["pos"]
    is_proven = positions.is_in(found.positions.implode())
    results = pl.concat(
        [
            plain_results(positions.filter(is_proven), state=submissions.CHARGED),
            plain_results(positions.filter(~is_proven), state="written_off"),
        ]
    )
    to = "done" if is_proven.any() else "written_off"
    return _end(claimed, results, to=to, why="decided at the horizon", proof=found)


def _end(
    claimed: Claimed, results: pl.DataFrame, *, to: str, why: str, proof: Evidence | None = None
) -> Dispatched:
    facts = facts_of([Ended(claimed.batch, results, claimed.rows)], at=clock.now())
    charge = charges_of(facts).get(claimed.batch.id, Charge())
    written = submissions.write(facts)
    with operations.writing() as c:
        now_is = batches.locked(c, [claimed.batch.id])[claimed.batch.id]
        if not _still(now_is, claimed.batch):
            return Dispatched()
        entries = closing_entries(claimed.run, now_is, charge)
        batches.end(c, [now_is.id], to=to, now=clock.now(), expected=("unknown",), why=why)
        ledger.post(c, entries, actor=ACTOR, now=clock.now())
        lake.record(c, written, run_ids=[claimed.run.id], now=clock.now())
        if proof:
            proof.take(c, now=clock.now())
    return Dispatched(1, int(results["ok"].sum()))
