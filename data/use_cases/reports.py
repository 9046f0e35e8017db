"""What is told of campaigns: one in full, a list of them, the figures of days.

Money has four words: the price is what a run may cost (reserved for it), charged is what was taken for the
messages that a gateway accepted, refunded what came back, net what the run did cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.errors import Refused
from data.facts import glance, messages
from data.records import campaigns, hours, ledger, lines, listings, runs
from data.records.campaigns import Campaign
from data.records.lines import Line
from data.records.listings import Filter
from data.records.runs import Run
from data.rules import kinds as kinds_of_send
from data.rules import reasons, status
from data.rules.persian import listed
from data.settings import settings
from data.use_cases import veil, whose
from data.use_cases.figures import Found, Listed, Money
from data.use_cases.floor import Case, question

__all__ = ["Filter", "Found", "Listed", "Money", "daily", "days", "kinds", "report", "run", "search"]
FAILED = frozenset(status.FINAL - status.DELIVERED - {"suppressed", "cancelled"})
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RunReport:
    """One occurrence: what became of its messages, by state and by operator, and its money."""

    run: Run
    states: dict[str, int]
    operators: dict[str, int]
    open_batches: dict[str, int | None]  # None: not told before all of the run was sent
    money: Money
    opens_at: datetime | None  # when what is ready may leave: now, or when its hours come; None: never
    never: bool  # something is ready, and the line's hours lie in the quiet hours
    at_most: bool  # recipients, parts and price are bounds until all of it was sent
    veiled: bool  # nothing is told of single messages before that

    @property
    def delivered(self) -> int:
        """How many messages reached a phone."""
        return sum(many for state, many in self.states.items() if state in status.DELIVERED)

    def to_json(self) -> dict[str, Any]:
        """Return the figures of the run as commands print them."""
        one = self.run
        return {
            "run_id": one.id, "run_state": one.state, "why": reasons.plain(one.why) or None,
            "recipients": one.n, "parts": one.parts,
            **self.money.to_json(), "messages": dict(sorted(self.states.items())),
            "waterfall": one.waterfall, "by_operator": one.by_operator, "open": self.open_batches,
            "opens_at": self.opens_at, "never": self.never, **({"at_most": True} if self.at_most else {}),
        }  # fmt: skip


# Nobody is chosen before a run is planned: there are no figures, not figures of 0.
NO_RUN: dict[str, Any] = {
    "run_id": None, "run_state": None, "recipients": None, "parts": None, "cost_rials": None,
    "price_rials": None, "charged_rials": 0, "refunded_rials": 0, "net_rials": 0, "refunds_at": None,
    "messages": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign, its line, every run of it, newest first; in full the newest, or the one asked for."""

    campaign: Campaign
    line: Line
    runs: tuple[Run, ...]
    newest: RunReport | None

    @property
    def run(self) -> Run | None:
        """The run that is told in full."""
        return self.newest.run if self.newest else None

    @property
    def next_at(self) -> datetime | None:
        """When the next occurrence is due; None where none is to come."""
        return self.campaign.next_due_at

    @property
    def state(self) -> str:
        """The one state that people see first."""
        run_state = self.runs[0].state if self.runs else None
        return status.shown(self.campaign.state, self.next_at is not None, run_state)

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        ended = all(one.state in status.RUN_FINAL for one in self.runs)
        return ended and self.next_at is None and (bool(self.runs) or self.campaign.state in campaigns.OVER)

    @property
    def is_moving(self) -> bool:
        """Whether a run of it is under way, so that figures change by themselves."""
        return not self.runs or any(one.state not in status.RUN_FINAL for one in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Return the document of `campaign report`; `state` is the campaign's, `run_state` the newest run's.
        """
        order = self.campaign
        return {
            "campaign_id": order.id, "title": order.title, "kind": order.kind, "state": order.state,
            "campaign_state": order.state, "next_at": self.next_at, "next_due_at": self.next_at,
            "held_rials": order.held_rials,
            **(self.newest.to_json() if self.newest else NO_RUN),
            "runs": [
                {"run_id": one.id, "state": one.state, "at": one.due_at, "occurrence": one.occurrence_key}
                for one in self.runs
            ],
        }  # fmt: skip


@question("campaign.report")
def report(case: Case, campaign_id: int, *, run_id: int | None = None) -> Report:
    """Return everything about one campaign of the account, and of a run of it; any other is unknown."""
    order = campaigns.get(case.c, campaign_id, account_id=case.who.account_id)
    its = tuple(runs.of_campaign(case.c, campaign_id))
    if run_id is not None and run_id not in (one.id for one in its):
        raise Refused(
            "run", f"there is no run {run_id} of campaign {campaign_id}",
            f"کارزار {campaign_id} اجرایی با شمارهٔ {run_id} ندارد",
        )  # fmt: skip
    shown = next((one for one in its if run_id in (None, one.id)), None)
    told = tuple(veil.run_of(case, one) for one in its)
    newest = _of_run(case, shown) if shown else None
    return Report(order, lines.get(case.c, order.line_id), told, newest)


@question("run.report")
def run(case: Case, run_id: int) -> RunReport:
    """Return one occurrence of a campaign of the account."""
    found = runs.find(case.c, run_id)
    if found is None or case.who.account_id not in (None, found.account_id):
        raise Refused(
            "run", f"there is no run {run_id}; `chapar campaign status ID` names the runs of a campaign",
            f"اجرایی با شمارهٔ {run_id} نیست؛ `chapar campaign status ID` اجراهای یک کارزار را می‌گوید",
        )  # fmt: skip
    return _of_run(case, found)


@question("campaign.search")
def search(case: Case, wanted: Filter, *, limit: int, offset: int = 0) -> Found:
    """Return one page of campaigns, newest first, with what was delivered and what it cost."""
    _refuse_unknown(wanted)
    owner = whose.owner(case, wanted.account)
    rows, total = listings.search(case.c, owner, wanted, limit=limit, offset=offset)
    ids = [row.run_id for row in rows if row.run_id]
    counts = _counts(case, ids)
    good = counts.filter(pl.col("state").is_in(sorted(status.DELIVERED)))
    delivered, charged = _by_run(good, "messages"), _by_run(counts, "charged_rials")
    refunded = ledger.refunded_of(case.c, ids)
    money = _Sums(charged, refunded)
    return Found([_listed(case, row, delivered, money) for row in rows], total)


def _refuse_unknown(wanted: Filter) -> None:
    """A filter that nothing can ever match is a slip, and is told as one."""
    states = {*status.CAMPAIGN_STATES, *status.RUN_STATES}
    for field, value, known in (("kind", wanted.kind, kinds_of_send.KINDS), ("state", wanted.state, states)):
        if value is not None and value not in known:
            choices, choices_fa = ", ".join(sorted(known)), listed(sorted(known))
            raise Refused(field, f"use one of {choices}", f"یکی از این‌ها را بنویسید: {choices_fa}")


@question("campaign.kinds")
def kinds(case: Case) -> list[tuple[str, int]]:
    """Return the kinds the account has sent, with how many, most first."""
    return listings.kinds(case.c, case.who.account_id)


@question("campaign.daily")
def daily(case: Case, number: int) -> pl.DataFrame:
    """Return day, delivered, failed, sent, received for each of the last civil days, oldest first."""
    zone = settings().timezone
    first = case.now.astimezone(ZoneInfo(zone)).date() - (number - 1) * DAY
    ids = listings.runs_since(case.c, case.who.account_id, _midnight(first) - DAY)
    files = messages.sources(case.c, ids)
    if files.sets:
        found = glance.by_day(files, zone=zone, now=case.now)
    else:
        found = pl.DataFrame(schema={"day": pl.Date, "state": pl.String, "messages": pl.Int64})
    many = pl.col("messages")
    counted = found.group_by("day").agg(
        delivered=many.filter(pl.col("state").is_in(sorted(status.DELIVERED))).sum(),
        failed=many.filter(pl.col("state").is_in(sorted(FAILED))).sum(),
        sent=many.filter(pl.col("state").is_in(sorted(status.UNSENT)).not_()).sum(),
    )
    frame = pl.DataFrame({"day": [first + n * DAY for n in range(number)]}, schema={"day": pl.Date})
    return frame.join(counted, on="day", how="left").fill_null(0).with_columns(received=pl.lit(0))


def days(*, since: date | None = None, until: date | None = None, **more: Any) -> Filter:
    """Return a filter whose days are civil days of the installation, both inclusive."""
    return Filter(
        since=_midnight(since) if since else None, until=_midnight(until + DAY) if until else None, **more
    )


def _of_run(case: Case, exact: Run) -> RunReport:
    one, counts = veil.run_of(case, exact), veil.counts_of(case, exact, _counts(case, [exact.id]))
    money = Money(
        one.cost_rials, int(counts["charged_rials"].sum()), ledger.refunded(case.c, one.id), one.settle_at
    )
    waiting = runs.open_batches(case.c, [one.id])
    ready, line = bool(waiting["ready"]), lines.get(case.c, one.line_id)
    opens_at = hours.opens_at(one, line, now=case.now) if ready else None
    states, operators = _sums(counts, "state"), _sums(counts, "operator")
    return RunReport(
        one, states, veil.cells_of(case, exact, operators), veil.batches_of(case, exact, waiting), money,
        opens_at, ready and opens_at is None, veil.at_most(case, exact), veil.veiled(case, exact),
    )  # fmt: skip


def _counts(case: Case, run_ids: Iterable[int]) -> pl.DataFrame:
    files = messages.sources(case.c, run_ids)
    return glance.state_counts(files, now=case.now) if files.sets else pl.DataFrame(schema=_COUNTS)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What was taken and given back, by run."""

    charged: dict[int, int]
    refunded: dict[int, int]


def _listed(case: Case, row: listings.Listed, delivered: dict[int, int], sums: _Sums) -> Listed:
    key, (recipients, parts, price, at_most) = row.run_id or 0, veil.figures_of(case, row)
    charged, refunded = sums.charged.get(key, 0), sums.refunded.get(key, 0)
    money = None if price is None else Money(price, charged, refunded)
    return Listed(
        row.id, row.title, row.kind, row.text, row.line, row.account, row.state, row.run_state, row.at,
        row.next_at, recipients, parts, delivered.get(key, 0), money, at_most,
    )  # fmt: skip


def _by_run(counts: pl.DataFrame, column: str) -> dict[int, int]:
    return dict(counts.group_by("run").agg(messages.total(column)).iter_rows())


def _sums(counts: pl.DataFrame, column: str) -> dict[str, int]:
    grouped = counts.group_by(column).agg(messages.total("messages"))
    return dict(grouped.sort("messages", column, descending=[True, False]).iter_rows())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings().timezone)).astimezone(UTC)


_COUNTS = {
    "run": pl.Int64, "state": pl.String, "operator": pl.String, "messages": pl.Int64,
    "charged_rials": pl.Int64,
}  # fmt: skip
