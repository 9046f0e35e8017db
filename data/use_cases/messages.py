"""The single messages of a run: a page of them with their money, and the trace of who took them away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from data.errors import Refused
from data.facts import messages
from data.records import runs
from data.records.runs import Run
from data.rules import msisdn, status
from data.settings import settings
from data.use_cases import veil
from data.use_cases.floor import Case, question, use_case


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for among the messages of a run: a state, and a number as somebody typed it."""

    state: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages as rows (pos, number, operator, parts, price_rials, charged_rials, refunded_rials, state,
    sent_at, heard_at, gid), and how many there are in all.
    """

    rows: list[dict[str, Any]]
    total: int


@question("message.page")
def page(case: Case, run_id: int, wanted: Wanted, *, offset: int, limit: int) -> Page:
    """Return one page of a run's messages, rented numbers masked; a number looked for is an own one.

    Beside rented people nothing is told of single messages before all of the run was sent.
    """
    one = _run(case, run_id)
    number = _number(wanted.number)
    if veil.veiled(case, one):
        return Page([], 0)
    files = messages.sources(case.c, [run_id])
    if not files.sets or number == 0:
        return Page([], 0)
    rented = case.who.is_operator or number is None
    asked: dict[str, Any] = {"state": wanted.state, "number": number, "rented": rented}
    total = messages.matching(files, now=case.now, **asked)
    found = messages.page(files, offset=offset, limit=limit, now=case.now, **asked)
    rows = found.with_columns(money(one)).iter_rows(named=True)
    return Page([row | {"number": shown(row["msisdn"], bank=row["bank"])} for row in rows], total)


@use_case("message.export", right="export")
def export(case: Case, run_id: int) -> int:
    """Write down who takes a run's messages away (R16.8); return the run's id."""
    one = _run(case, run_id)
    case.note(run_id, account_id=one.account_id)
    return one.id


def shown(number: int, *, bank: bool) -> str:
    """Return a number as its owner may see it: rented ones are masked (R16.9)."""
    return msisdn.mask(number) if bank else msisdn.show(number)


def money(one: Run) -> list[pl.Expr]:
    """Return what a message was charged, and what of it the line's rule gives back, from its folded row."""
    accepted = pl.col("submission") == "submitted"
    charged = pl.when(accepted).then("price_rials").otherwise(0)
    back = pl.col("state").is_in(sorted(status.REFUNDABLE[one.tariff.refund_policy]))
    return [charged.alias("charged_rials"), pl.when(back).then(charged).otherwise(0).alias("refunded_rials")]


def _run(case: Case, run_id: int) -> Run:
    found = runs.find(case.c, run_id)
    if found is None or case.who.account_id not in (None, found.account_id):
        raise Refused("run", f"there is no run {run_id}", f"اجرایی با شمارهٔ {run_id} نیست")
    return found


def _number(typed: str) -> int | None:
    """Return the number that is looked for; None for any, 0 for one that cannot exist."""
    if not typed.strip():
        return None
    try:
        return msisdn.parse(typed, settings().region)
    except msisdn.NumberRefused:
        return 0
