"""Answers that are owed become a run: one a line and drain, through the same set, reserve and batches as any.

They are taken in order until the money ends; the rest is not sent later, and the owner is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data import clock
from data.facts import recipients
from data.failpoints import failpoint
from data.records import audit, batches, campaigns, ledger, lines, replies, runs, suppression
from data.records.ledger import Entry, InsufficientCredit
from data.records.lines import Line
from data.rules.operators_columns import operator_column
from data.settings import settings
from data.store import lake, operations
from data.store.operations import Connection
from flows.steps.planning import cut
from flows.steps.toolbox import Toolbox
from targeting.orders import quote
from targeting.texts import checked

ACTOR = "reply"
TEXT = "{reply}"  # each person's own
ROUNDS_MAX = 20  # a number stands once in a set: who is owed two answers gets them in two runs
TOLD_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of the answers that were owed."""

    answered: int = 0
    no_credit: int = 0

    def __add__(self, other: Answered) -> Answered:
        return Answered(self.answered + other.answered, self.no_credit + other.no_credit)


@dataclass(frozen=True, slots=True)
class _Taken:
    """The answers of one run, with the columns of a set and `inbound_id`, and the file that freezes them."""

    rows: pl.DataFrame
    written: lake.Written


class _ChangedError(Exception):
    """Somebody else took these answers first: nothing is committed."""


def answer(box: Toolbox) -> Answered:
    """Make a run of what each line owes; a line whose gateway is not configured waits."""
    done = Answered()
    with operations.reading() as c:
        owing = [lines.get(c, line_id) for line_id in replies.waiting_lines(c)]
    for line in owing:
        for _ in range(ROUNDS_MAX if line.gateway in box.gateways else 0):
            more = _answer(box, line)
            done += more or Answered()
            if more is None:
                break
    return done


def _answer(box: Toolbox, line: Line) -> Answered | None:
    """One run of a line's answers; None when there is nothing to do or somebody else did it."""
    with operations.reading() as c:
        owed = replies.waiting(c, line.id).unique("msisdn", keep="first", maintain_order=True)
        if owed.is_empty():
            return None
        stopped = suppression.among(c, line.account_id, owed["msisdn"], stops="answer", line_id=line.id)
        free = ledger.balances(c, line.account_id).available
    frame = _priced(owed.join(stopped, on="msisdn", how="anti", maintain_order="left"), line)
    affordable = frame.filter(pl.col("price_rials").cum_sum() <= free)
    poor = frame.join(affordable, on="inbound_id", how="anti")
    chosen = affordable.select([pl.col(name).cast(kind) for name, kind in recipients.SCHEMA.items()])
    written = recipients.write_set(chosen) if chosen.height else None
    failpoint("reply.after_file")
    blocked = owed.join(stopped, on="msisdn", how="semi")["inbound_id"].to_list()
    try:
        with operations.writing() as c:
            _drop(c, line, blocked, poor["inbound_id"].to_list())
            if written:
                _commit(c, box, line, _Taken(affordable, written))
    except (_ChangedError, InsufficientCredit):
        return None  # the next tick looks anew
    return Answered(affordable.height, poor.height)


def _priced(owed: pl.DataFrame, line: Line) -> pl.DataFrame:
    """Return the set's columns and `inbound_id`, in the order in which people wrote."""
    region = settings().region
    people = owed.with_columns(operator=operator_column(pl.col("msisdn"), region), bank=pl.lit(value=False))
    made = quote.recipient_set(people.drop("inbound_id"), checked(TEXT), line.tariff)
    return made.with_columns(owed["inbound_id"])


def _drop(c: Connection, line: Line, blocked: list[int], poor: list[int]) -> None:
    now = clock.now()
    if replies.move(c, blocked, to="dropped", why="blacklist") != len(blocked):
        raise _ChangedError
    told = not poor or replies.lacked_credit(c, line.id, since=now - TOLD_AGAIN)
    if replies.move(c, poor, to="no_credit") != len(poor):
        raise _ChangedError
    if not told:
        audit.write(
            c, "reply.no_credit", actor=ACTOR, now=now, account_id=line.account_id, subject=line.name,
            detail={"answers": len(poor)},
        )  # fmt: skip


def _commit(c: Connection, box: Toolbox, line: Line, taken: _Taken) -> None:
    """All or nothing: run, answers taken, reserve, set, batches."""
    now, ids = clock.now(), taken.rows["inbound_id"].to_list()
    order = campaigns.standing(c, line.account_id, line.id, now=now)
    if order.state == "stopped":
        replies.move(c, ids, to="dropped", why="stopped")
        return
    run_id, fresh = runs.approve(c, order, line, key=f"reply:{min(ids)}", due_at=now, now=now)
    if not fresh or replies.move(c, ids, to="taken", run_id=run_id) != len(ids):
        raise _ChangedError
    _reserve(c, run_id, taken, now)
    lake.record(c, taken.written, run_ids=[run_id], now=now)
    batches.insert(c, cut(box, runs.get(c, run_id), taken.rows, now))
    failpoint("reply.inside")


def _reserve(c: Connection, run_id: int, taken: _Taken, now: datetime) -> None:
    run, rows, cost = runs.get(c, run_id), taken.rows, int(taken.rows["price_rials"].sum())
    totals = {"n": rows.height, "parts": int(rows["parts"].sum()), "cost_rials": cost, "held_rials": cost}
    names = {"set_path": taken.written.path, "set_sha256": taken.written.sha256, "waterfall": []}
    shares = quote.by_operator(rows)
    runs.move(
        c, run_id, to="running", expected=("approved",), started_at=now, by_operator=shares, **totals, **names
    )
    held, available = ledger.held(run.account_id), ledger.available(run.account_id)
    ledger.post(c, [Entry(f"run:{run_id}:hold", available, held, cost, run_id)], actor=ACTOR, now=now)
