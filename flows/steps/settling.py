"""T2-T5: write what a group of calls was answered as one file of submissions and one transaction (2.1a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data import clock
from data.errors import Broken
from data.facts import submissions
from data.failpoints import failpoint
from data.records import batches, ledger, lines
from data.records.batches import Batch
from data.records.ledger import Entry
from data.rules import machine
from data.settings import settings
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.claiming import ACTOR, Claimed
from flows.steps.outcomes import (
    Charge,
    Dispatched,
    Ended,
    charges_of,
    closing_entries,
    facts_of,
    plain_results,
    retry_entry,
    unknown_entry,
)
from gateways.gateway import Outcome

ROUNDS_MAX = 5
ENDS: dict[machine.Move, tuple[str, str]] = {
    "accept": ("done", submissions.CHARGED),
    "fail": ("failed", "failed"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one attempt at a batch was answered; `attempt` False for a look-up or a person's word."""

    claimed: Claimed
    outcome: Outcome
    attempt: bool = True


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What the answers do if nothing changes underneath, and the facts that were written for it."""

    moves: dict[int, machine.Move]
    suppressed: dict[int, list[int] | None]
    charges: dict[int, Charge]
    written: lake.Written | None


class _ChangedUnderneath(Exception):
    """A batch moved between our look and our transaction; look again."""


def settle(answers: list[Answer]) -> Dispatched:
    """Carry out what the machine says to each answer, all in one transaction; all or nothing.

    Returns what it brought to its end: an answer that was lost or put off is nothing achieved.
    """
    trusting = all(answer.attempt for answer in answers)
    for _ in range(ROUNDS_MAX):
        foreseen = _foresee(answers, _as_claimed(answers) if trusting else _as_they_are(answers))
        try:
            with operations.writing() as c:
                _carry_out(c, answers, foreseen)
                failpoint("settle.inside")
        except _ChangedUnderneath:
            trusting = False
            continue
        failpoint("settle.after")
        return _achieved(answers, foreseen.moves)
    raise Broken(
        f"{len(answers)} answers could not be settled in {ROUNDS_MAX} rounds",
        f"{len(answers)} پاسخ در {ROUNDS_MAX} دور به سرانجام نرسید",
    )


def _achieved(answers: list[Answer], moves: dict[int, machine.Move]) -> Dispatched:
    ended = [answer for answer in answers if moves[answer.claimed.batch.id] in ENDS]
    results = [answer.outcome.results for answer in ended]
    accepted = sum(int(found["ok"].sum()) for found in results if found is not None)
    return Dispatched(len(ended), accepted)


def _as_claimed(answers: list[Answer]) -> dict[int, Batch]:
    """Nearly always a batch still stands as its claim left it; the transaction finds out where it does
    not.
    """
    return {answer.claimed.batch.id: answer.claimed.batch for answer in answers}


def _as_they_are(answers: list[Answer]) -> dict[int, Batch]:
    with operations.reading() as c:
        return {b.id: b for b in batches.of_ids(c, [a.claimed.batch.id for a in answers])}


def _foresee(answers: list[Answer], now_are: dict[int, Batch]) -> _Foreseen:
    """Decide on what is known so far, and write the facts that follow; they count only if it still holds."""
    moves = {a.claimed.batch.id: _decide(a, now_are[a.claimed.batch.id]) for a in answers}
    ended = [_ended(a, now_are[a.claimed.batch.id], moves[a.claimed.batch.id]) for a in answers]
    facts = facts_of([one for one in ended if one], at=clock.now()) if any(ended) else None
    charges = {} if facts is None else charges_of(facts)
    written = None if facts is None or facts.is_empty() else submissions.write(facts)
    return _Foreseen(moves, {b.id: b.suppressed for b in now_are.values()}, charges, written)


def _ended(answer: Answer, batch: Batch, move: machine.Move) -> Ended | None:
    if move not in ENDS:
        return None
    results, rows = answer.outcome.results, answer.claimed.rows
    if results is None:
        results = plain_results(rows["pos"], state=ENDS[move][1], code=answer.outcome.code)
    return Ended(batch, results, rows)


def _carry_out(c: Connection, answers: list[Answer], foreseen: _Foreseen) -> None:
    now, moves = clock.now(), foreseen.moves
    now_are = batches.still(c, _as_claimed(answers))
    same = {a.claimed.batch.id: _decide(a, now_are[a.claimed.batch.id]) for a in answers} == moves
    if not same or {b.id: b.suppressed for b in now_are.values()} != foreseen.suppressed:
        raise _ChangedUnderneath
    batches.answered(c, [_answered(a, now) for a in answers if a.attempt])
    entries: list[Entry] = []
    for answer in answers:
        batch = now_are[answer.claimed.batch.id]
        entries += _move(c, answer, batch, foreseen)
    for move, (state, _) in ENDS.items():
        ids = [key for key, made in moves.items() if made == move]
        batches.end(c, ids, to=state, now=now, expected=batches.OPEN)
    ledger.post(c, entries, actor=ACTOR, now=now)
    if foreseen.written:
        ended = {a.claimed.run.id for a in answers if moves[a.claimed.batch.id] in ENDS}
        lake.record(c, foreseen.written, run_ids=ended, now=now)


def _decide(answer: Answer, batch: Batch) -> machine.Move:
    mine = batch.state == "sending" and batch.token == answer.claimed.batch.token
    if not answer.attempt:  # a look-up speaks of every attempt so far, so none may have been made since
        mine = batch.state == "unknown" and batch.moves == answer.claimed.batch.moves
    amb, kind, sole = batch.amb and answer.attempt, answer.outcome.kind, _alone(answer, batch)
    if amb and not sole and answer.outcome.stops_line:
        kind = "rej"  # T4': no key or no credit now says nothing about the attempt whose answer was lost
    return machine.settle(state=batch.state, mine=mine, amb=amb, kind=kind, sole=sole)


def _alone(answer: Answer, batch: Batch) -> bool:
    """Whether this attempt was the last, and no other attempt's answer is missing."""
    claimed = answer.claimed.batch
    return answer.attempt and batch.attempt == claimed.attempt and not claimed.amb


def _move(c: Connection, answer: Answer, batch: Batch, foreseen: _Foreseen) -> list[Entry]:
    """Do what is particular to one batch and return its postings."""
    claimed, outcome, now = answer.claimed, answer.outcome, clock.now()
    move = foreseen.moves[batch.id]
    if outcome.stops_line:
        lines.stop(c, claimed.line.id, outcome.why, now=now)
    if move in ENDS:
        return closing_entries(claimed.run, batch, foreseen.charges.get(batch.id, Charge()))
    if move == "ready":
        return _wait(c, answer, batch)
    if move == "unknown":
        failpoint("unknown.inside")
        look_at = now + timedelta(seconds=settings().dispatch.back_off_seconds)
        lost, frozen = outcome.kind == "amb", now - (batch.lease_until or now)
        batches.to_unknown(
            c, batch.id, why=outcome.why, lost=lost, ended=True, look_at=look_at, frozen=frozen
        )
        return [unknown_entry(batch, claimed.run.account_id)]
    batches.note(c, batch.id, kind="late_answer", text=f"{outcome.kind}: {outcome.why}", now=now)
    return []


def _wait(c: Connection, answer: Answer, batch: Batch) -> list[Entry]:
    """T3: back in the queue; where its owner had been given up the money comes back from aside with it."""
    outcome, late = answer.outcome, batch.state == "unknown"
    at = clock.now() + back_off(outcome, batch.attempt - 1)
    batches.to_ready(c, batch.id, ready_at=at, why=outcome.why, moves=int(late), forget=late)
    return [retry_entry(batch, answer.claimed.run.account_id)] if late else []


def back_off(outcome: Outcome, attempts: int) -> timedelta:
    """Return how long to wait after a call that was not sent: what the gateway asked, else doubling."""
    limits = settings().dispatch
    if outcome.retry_after_seconds is not None:
        return timedelta(seconds=outcome.retry_after_seconds)
    return timedelta(
        seconds=min(limits.back_off_seconds * 2 ** min(attempts, 20), limits.back_off_max_seconds)
    )


def _answered(answer: Answer, now: datetime) -> dict[str, object]:
    outcome, batch = answer.outcome, answer.claimed.batch
    return {
        "b_batch": batch.id, "b_n": batch.attempt, "b_outcome": outcome.kind, "b_status": outcome.http_status,
        "b_bytes": outcome.bytes, "b_why": outcome.why[:500], "b_head": outcome.body_head, "b_at": now,
    }  # fmt: skip
