"""T1: claim a group of batches in one committed transaction, before any socket opens (protocol.md 2.6)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from data import clock
from data.facts import recipients
from data.failpoints import failpoint
from data.records import batches, ledger, lines, processes, runs, suppression
from data.records.batches import Batch
from data.records.ledger import Entry
from data.records.lines import Line
from data.records.runs import Run
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.toolbox import Toolbox, may_resend, may_start
from gateways.gateway import Outgoing

ACTOR = "dispatch"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is ours under its token; `rows` are the recipients left after suppression."""

    batch: Batch
    run: Run
    line: Line
    rows: pl.DataFrame
    committed_at: float  # monotonic seconds

    @property
    def left_out(self) -> pl.DataFrame | None:
        """Who was in an earlier call of this batch, whose answer is missing, and is not in this one; else
        None.
        """
        if not self.batch.suppressed or not self.batch.amb:
            return None
        assert self.run.set_path, self.run.id
        path = lake.lake_root() / self.run.set_path
        rows = recipients.window(path, pos_from=self.batch.pos_from, n=self.batch.n)
        return rows.filter(pl.col("pos").is_in(self.batch.suppressed))

    def outgoing(self) -> Outgoing:
        """What the gateway is given, to send or to look up."""
        messages = self.rows.select("pos", "msisdn", "text", "parts")
        return Outgoing(self.batch.ref, self.batch.run_id, self.line.name, messages, self.left_out)


@dataclass(frozen=True, slots=True)
class _Candidate:
    batch: Batch
    run: Run
    line: Line
    rows: pl.DataFrame


def claim(box: Toolbox, *, limit: int) -> list[Claimed]:
    """Claim up to `limit` due batches of running runs inside their hours; commits before it returns."""
    candidates = _candidates(box, limit)
    if not candidates:
        return []
    with operations.writing() as c:
        taken = _take(c, box, _still_allowed(box, candidates))
        left = _leave_out_suppressed(c, taken, candidates)
        fresh = {batch.id: batch for batch in taken}
        if any(rows.height < candidates[key].rows.height for key, rows in left.items()):
            fresh = batches.locked(c, left)
        failpoint("claim.before_commit")
    failpoint("claim.after_commit")
    at = clock.monotonic()
    return [
        Claimed(fresh[key], candidates[key].run, candidates[key].line, rows, at) for key, rows in left.items()
    ]


def _still_allowed(box: Toolbox, candidates: dict[int, _Candidate]) -> dict[int, _Candidate]:
    """The clock is read inside the transaction: waiting for the database may have taken us past closing
    time.
    """
    now = clock.now()
    return {
        key: one
        for key, one in candidates.items()
        if may_start(one.run, one.line, now=now)
        and (not one.batch.amb or may_resend(box, one.run, one.batch, now=now))
    }


def rows_of(run: Run, batch: Batch) -> pl.DataFrame:
    """Return the recipients of a batch without the positions that were left out."""
    assert run.set_path, run.id
    rows = recipients.window(lake.lake_root() / run.set_path, pos_from=batch.pos_from, n=batch.n)
    return rows.filter(~pl.col("pos").is_in(batch.suppressed)) if batch.suppressed else rows


def _candidates(box: Toolbox, limit: int) -> dict[int, _Candidate]:
    now = clock.now()
    with operations.reading() as c:
        open_runs = {
            run.id: (run, line)
            for run in runs.in_states(c, ("running",))
            if run.cancel_at is None and run.gateway in box.gateways
            for line in (lines.get(c, run.line_id),)
            if line.stopped_why is None and may_start(run, line, now=now)
        }
        room = _room(c, box, open_runs)
        free = [run_id for run_id, (_, line) in open_runs.items() if room[line.id] > 0]
        found = batches.due(c, free, now=now, limit=limit) if free else []
    chosen = {}
    for batch in found:
        run, line = open_runs[batch.run_id]
        if room[line.id] > 0:
            room[line.id] -= 1
            chosen[batch.id] = _Candidate(batch, run, line, rows_of(run, batch))
    return chosen


def _room(c: Connection, box: Toolbox, open_runs: dict[int, tuple[Run, Line]]) -> dict[int, int]:
    """How many more calls each line may have in flight; a blind gateway gets one at a time."""
    busy = batches.sending_by_line(c)
    return {
        line.id: box.gateways[run.gateway].capabilities.in_flight - busy.get(line.id, 0)
        for run, line in open_runs.values()
    }


def _take(c: Connection, box: Toolbox, candidates: dict[int, _Candidate]) -> list[Batch]:
    """Batches of one gateway share a token: with the batch's id it names one attempt."""
    taken = []
    for name in sorted({candidate.run.gateway for candidate in candidates.values()}):
        seen = [candidate.batch for candidate in candidates.values() if candidate.run.gateway == name]
        able = box.gateways[name].capabilities
        limits = box.settings.dispatch
        by = batches.Claim(
            token=secrets.token_hex(16),
            owner=processes.this_process(),
            now=clock.now(),
            lease=timedelta(seconds=able.deadline_seconds * limits.lease_factor),
            quiet=timedelta(seconds=able.deadline_seconds + able.quiet_seconds),
            horizon=timedelta(hours=limits.horizon_hours),
        )
        taken += batches.claim(c, seen, by)
    return taken


def _leave_out_suppressed(
    c: Connection, taken: list[Batch], candidates: dict[int, _Candidate]
) -> dict[int, pl.DataFrame]:
    """Who opted out after a set was built is left out here, inside the claim (P13, decisions 13)."""
    runs_here = {one.run.id: one.run for one in candidates.values()}
    newer = {
        run.id: suppression.numbers(c, run.account_id, after=run.suppression_seen)
        for run in runs_here.values()
    }
    return {batch.id: _without(c, batch, candidates[batch.id], newer[batch.run_id]) for batch in taken}


def _without(c: Connection, batch: Batch, candidate: _Candidate, newer: pl.DataFrame) -> pl.DataFrame:
    run, rows = candidate.run, candidate.rows
    if batch.suppressed != candidate.batch.suppressed:  # somebody else held it between our look and our claim
        rows = rows_of(run, batch)
    hit = rows if newer.is_empty() else rows.join(newer, on="msisdn", how="semi")
    if newer.is_empty() or hit.is_empty():
        return rows
    lower = int(hit["price_rials"].sum())
    key, held, available = f"batch:{batch.id}:suppressed:{batch.moves + 1}", ledger.held, ledger.available
    entry = Entry(key, held(run.account_id), available(run.account_id), lower, run.id, batch.id)
    ledger.post(c, [entry], actor=ACTOR, now=clock.now())
    left_out = sorted({*(batch.suppressed or []), *hit["pos"].to_list()})
    batches.suppress(c, batch.id, positions=left_out, amount_rials=batch.amount_rials - lower)
    return rows.join(hit, on="pos", how="anti", maintain_order="left")
