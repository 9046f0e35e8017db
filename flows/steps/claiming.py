"""T1: claim a group of batches in one committed transaction, before any socket opens (protocol.md 2.6)."""

from __future__ import annotations

import logging
import math
import secrets
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from data import clock
from data.facts import recipients
from data.failpoints import failpoint
from data.records import audit, batch_queue, batches, home, lines, processes, runs
from data.records.batches import Batch
from data.records.lines import Line
from data.records.runs import Run
from data.rules import reasons
from data.store import operations
from data.store.frozen import ChangedError
from data.store.operations import Connection
from flows.steps.leaving_out import ACTOR, Leased, leave_out
from flows.steps.toolbox import Toolbox, may_resend, may_start
from gateways.gateway import Outgoing

__all__ = ["ACTOR", "Claimed", "claim", "rows_of"]
_log = logging.getLogger("chapar.dispatch")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is ours under its token; `rows` are the recipients left after suppression."""

    batch: Batch
    run: Run
    line: Line
    rows: pl.DataFrame
    began_at: float  # monotonic seconds, read before the lease was written: what it fences counts from here

    @property
    def left_out(self) -> pl.DataFrame | None:
        """Who was in an earlier call of this batch, whose answer is missing, and is not in this one; else
        None.
        """
        if not self.batch.suppressed or not self.batch.amb:
            return None
        rows = _window(self.run, self.batch)
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
    """Claim up to `limit` due batches of running runs inside their hours; commits before it returns.

    A home that is held claims nothing; another writes outside itself that it claimed, before any call.

    The time of a call runs from before the transaction: others count the lease from what is written there,
    and whoever is frozen between the two must find himself too late.
    """
    candidates = _candidates(box, limit)
    if not candidates:
        return []
    began_at = clock.monotonic()
    with operations.writing() as c:
        seen = home.standing(c, now=clock.now())
        if seen.held:
            return []
        taken = _take(c, box, _still_allowed(box, candidates))
        turn = home.take_turn(c, seen, now=clock.now()) if taken else None
        left = leave_out(
            c,
            [
                Leased(batch, candidates[batch.id].run, _rows_now(batch, candidates[batch.id]))
                for batch in taken
            ],
        )
        fresh = {batch.id: batch for batch in taken}
        if any(rows.height < candidates[key].rows.height for key, rows in left.items()):
            fresh = batches.locked(c, left)
        failpoint("claim.before_commit")
    failpoint("claim.after_commit")
    if turn is not None and not home.tell_outside(turn):
        began_at = -math.inf  # a copy of this home sends: no call is in time any more
    return [
        Claimed(fresh[key], candidates[key].run, candidates[key].line, rows, began_at)
        for key, rows in left.items()
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
    """Return the recipients of a batch without the positions that were left out.

    Raises frozen.ChangedError where the run's set is not the one that was planned.
    """
    rows = _window(run, batch)
    return rows.filter(~pl.col("pos").is_in(batch.suppressed)) if batch.suppressed else rows


def _window(run: Run, batch: Batch) -> pl.DataFrame:
    assert run.set_path, run.id
    assert run.set_sha256, run.id
    return recipients.window(run.set_path, run.set_sha256, pos_from=batch.pos_from, n=batch.n)


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
        found = _due(c, [open_runs[run_id][0] for run_id in free], limit)
    chosen, halted = dict[int, _Candidate](), set[int]()
    for batch in found:
        run, line = open_runs[batch.run_id]
        if room[line.id] <= 0 or run.id in halted:
            continue
        try:
            chosen[batch.id] = _Candidate(batch, run, line, rows_of(run, batch))
            room[line.id] -= 1
        except ChangedError as changed:
            halted.add(run.id)
            _halt(run, changed)
    return {key: one for key, one in chosen.items() if one.run.id not in halted}


def _halt(run: Run, changed: ChangedError) -> None:
    """Nothing is sent on the strength of a set that is not the one that was planned and paid for."""
    _log.error("run %d is paused: %s", run.id, changed.en)
    with operations.writing() as c:
        if runs.halt(c, run.id, why=reasons.both(changed.en, changed.fa)):
            audit.write(
                c, "run.halt", actor=ACTOR, now=clock.now(), account_id=run.account_id, subject=str(run.id),
                detail={"why": changed.en},
            )  # fmt: skip


def _due(c: Connection, free: list[Run], limit: int) -> list[Batch]:
    """Answers to people's own messages go before everything else."""
    found: list[Batch] = []
    for urgent in (True, False):
        asked = [run.id for run in free if (run.purpose == "answer") is urgent]
        left = limit - len(found)
        found += batches.due(c, asked, now=clock.now(), limit=left) if asked and left else []
    return found


def _room(c: Connection, box: Toolbox, open_runs: dict[int, tuple[Run, Line]]) -> dict[int, int]:
    """How many more calls each line may have in flight; a blind gateway gets one at a time."""
    busy = batch_queue.sending_by_line(c)
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
            fingerprint=box.mark(name),
            gateway_class=able.gateway_class,
        )
        taken += batches.claim(c, seen, by)
    return taken


def _rows_now(batch: Batch, candidate: _Candidate) -> pl.DataFrame:
    if batch.suppressed != candidate.batch.suppressed:  # somebody else held it between our look and our claim
        return rows_of(candidate.run, batch)
    return candidate.rows
