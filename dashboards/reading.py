"""What pages read and ask for, as plain values: money, campaigns, runs, messages. Thin over `data`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data import clock
from data.facts import messages
from data.records import audit, batches, campaigns, ledger, listings, runs
from data.records import lines as line_records
from data.records.batches import Batch
from data.records.campaigns import Campaign
from data.records.ledger import Balances
from data.records.lines import Line
from data.records.listings import Filter
from data.records.runs import Run
from data.records.sessions import Viewer
from data.rules import msisdn, status
from data.settings import settings
from data.store import operations, population
from gateways import config, proofs
from gateways.proofs import Standing

__all__ = ["Filter", "Listed", "Report"]
FAILED = frozenset(status.FINAL - status.DELIVERED - {"suppressed", "cancelled"})
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign in a list."""

    id: int
    title: str
    kind: str
    text: str
    line: str
    state: str
    at: datetime
    recipients: int | None
    delivered: int
    cost_rials: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, and how many there are in all."""

    rows: list[Listed]
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign, its newest run if it has one, its line, and what became of its messages."""

    campaign: Campaign
    run: Run | None
    line: Line
    states: dict[str, int]
    operators: dict[str, int]
    open_batches: dict[str, int]
    charged_rials: int
    refunded_rials: int

    @property
    def net_rials(self) -> int:
        """What the campaign cost so far: charged, less what came back."""
        return self.charged_rials - self.refunded_rials

    @property
    def state(self) -> str:
        """The state that people see: of the run, else of the campaign."""
        return self.run.state if self.run else self.campaign.state

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in status.RUN_FINAL or (
            self.run is None and self.state in ("stopped", "ended", "rejected")
        )

    @property
    def delivered(self) -> int:
        """How many messages reached a phone."""
        return sum(many for state, many in self.states.items() if state in status.DELIVERED)


def balances(account_id: int) -> Balances:
    """Return an account's money."""
    with operations.reading() as c:
        return ledger.balances(c, account_id)


def lines(account_id: int) -> list[Line]:
    """Return an account's lines."""
    with operations.reading() as c:
        return line_records.of_account(c, account_id)


def standings() -> list[Standing]:
    """Return what each gateway's class is worth, by name; those that claim nothing are left out."""
    with operations.reading() as c:
        found = proofs.standings(c, config.load_settings(c))
    return [one for name, one in sorted(found.items()) if one.state != "nothing"]


def kinds(account_id: int) -> list[tuple[str, int]]:
    """Return the kinds an account has sent, with how many."""
    with operations.reading() as c:
        return listings.kinds(c, account_id)


def search(account_id: int, wanted: Filter, *, limit: int, offset: int = 0) -> Found:
    """Return one page of campaigns with their share of delivered messages."""
    with operations.reading() as c:
        found, total = listings.search(c, account_id, wanted, limit=limit, offset=offset)
        files = messages.sources(c, [row.run_id for row in found if row.run_id])
    counts = messages.state_counts(files, now=clock.now()) if files.sets else None
    delivered: dict[int, int] = {}
    if counts is not None:
        good = (
            counts.filter(pl.col("state").is_in(sorted(status.DELIVERED)))
            .group_by("run")
            .agg(pl.col("messages").sum())
        )
        delivered = dict(good.iter_rows())
    rows = [
        Listed(
            row.id,
            row.title,
            row.kind,
            row.text,
            row.line,
            row.state,
            row.at,
            row.recipients,
            delivered.get(row.run_id or 0, 0),
            row.cost_rials,
        )
        for row in found
    ]
    return Found(rows, total)


def filter_of(*, since: date | None = None, until: date | None = None, **more: Any) -> Filter:
    """Return a filter whose days are civil days of the installation, both inclusive."""
    return Filter(
        since=_midnight(since) if since else None, until=_midnight(until + DAY) if until else None, **more
    )


def daily(account_id: int, days: int) -> pl.DataFrame:
    """Return day, delivered, failed, received for each of the last `days` civil days, oldest first."""
    today = clock.now().astimezone(ZoneInfo(settings().timezone)).date()
    first = today - (days - 1) * DAY
    with operations.reading() as c:
        files = messages.sources(c, listings.runs_since(c, account_id, _midnight(first) - DAY))
    frame = pl.DataFrame({"day": [first + n * DAY for n in range(days)]}, schema={"day": pl.Date})
    zone = settings().timezone
    found = (
        messages.by_day(files, zone=zone, now=clock.now())
        if files.sets
        else pl.DataFrame(schema={"day": pl.Date, "state": pl.String, "messages": pl.Int64})
    )
    counted = found.group_by("day").agg(
        pl.col("messages").filter(pl.col("state").is_in(sorted(status.DELIVERED))).sum().alias("delivered"),
        pl.col("messages").filter(pl.col("state").is_in(sorted(FAILED))).sum().alias("failed"),
        pl.col("messages").sum().alias("sent"),
    )
    return frame.join(counted, on="day", how="left").fill_null(0).with_columns(received=pl.lit(0))


def report(account_id: int, campaign_id: int) -> Report:
    """Return everything about one campaign of this account; others are refused as unknown."""
    with operations.reading() as c:
        found = campaigns.get(c, campaign_id, account_id=account_id)
        run = next(iter(runs.of_campaign(c, campaign_id)), None)
        line = line_records.get(c, found.line_id)
        files = messages.sources(c, [run.id] if run else [])
        waiting = runs.open_batches(c, [run.id]) if run else {}
        refunded = ledger.refunded(c, run.id) if run else 0
    counts = messages.state_counts(files, now=clock.now()) if files.sets else None
    charged = 0 if counts is None else int(counts["charged_rials"].sum())
    states, operators = _sums(counts, "state"), _sums(counts, "operator")
    return Report(found, run, line, states, operators, waiting, charged, refunded)


def message_page(
    run_id: int, *, offset: int, limit: int, state: str | None, number: str
) -> tuple[list[dict[str, Any]], int]:
    """Return one page of messages, rented numbers masked, and how many there are in all."""
    wanted = _number(number)
    with operations.reading() as c:
        files = messages.sources(c, [run_id])
    if not files.sets or wanted == 0:
        return [], 0
    now = clock.now()
    total = messages.matching(files, now=now, state=state, number=wanted)
    page = messages.page(files, offset=offset, limit=limit, now=now, state=state, number=wanted)
    return [
        row | {"number": shown(row["msisdn"], bank=row["bank"])} for row in page.iter_rows(named=True)
    ], total


def shown(number: int, *, bank: bool) -> str:
    """Return a number as its owner may see it: rented ones are masked (R16.9)."""
    return msisdn.mask(number) if bank else msisdn.show(number)


def unknown_batches(run_id: int) -> list[Batch]:
    """Return the batches of a run whose outcome is not known."""
    with operations.reading() as c:
        return batches.in_state(c, "unknown", run_id=run_id)


def note_export(viewer: Viewer, run_id: int) -> None:
    """Write down who took a run's messages away (R16.8)."""
    with operations.writing() as c:
        audit.write(
            c,
            "export.messages",
            actor=f"user:{viewer.user.username}",
            now=clock.now(),
            account_id=viewer.account.id,
            subject=str(run_id),
        )


def has_population() -> bool:
    """Say whether a population is published."""
    return population.current() is not None


def state_label(state: str, language: str) -> str:
    """Return the word for the state of a run or campaign."""
    persian, english = status.RUN_LABELS.get(state) or status.CAMPAIGN_LABELS[state]
    return persian if language == "fa" else english


def _number(typed: str) -> int | None:
    """Return the number that is looked for; None for any, 0 for one that cannot exist."""
    if not typed.strip():
        return None
    try:
        return msisdn.parse(typed, settings().region)
    except msisdn.NumberRefused:
        return 0


def _sums(counts: pl.DataFrame | None, column: str) -> dict[str, int]:
    if counts is None:
        return {}
    grouped = (
        counts.group_by(column)
        .agg(pl.col("messages").sum())
        .sort("messages", column, descending=[True, False])
    )
    return dict(grouped.iter_rows())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings().timezone)).astimezone(UTC)
