"""What the steps of one pass need at hand: the gateways as they are configured now, the home's secret, the
limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from data.records import processes
from data.records import proofs as tested
from data.records.batches import Batch
from data.records.hours import opens_at
from data.records.lines import Line
from data.records.runs import Run
from data.rules import machine
from data.rules.references import TEST_RUN_ID
from data.rules.references_columns import parse_refs, split_message_id_expr
from data.settings import Settings, settings
from data.store import operations
from gateways import config, identity, proofs
from gateways.gateway import Capabilities, Gateway

Say = Callable[[str], None]
WINDOW_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Gateways by name, the secret that references are signed with, and the settings of this process."""

    gateways: dict[str, Gateway]
    secret: bytes
    settings: Settings
    marks: Mapping[str, str] = field(default_factory=dict)  # gateway → its fingerprint (gateways.identity)

    def mark(self, gateway: str) -> str:
        """Return the fingerprint of a gateway as it is configured now."""
        return self.marks.get(gateway, "")

    def without_tests(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Leave receipts of self-tests out of matched receipts (RECEIPTS, gateway, run): they are of no run,
        and neither strays to look into nor evidence for anybody's message.
        """
        if not rows["run"].null_count():
            return rows
        with operations.reading() as c:
            ids = tested.message_ids(c)
        return rows.filter(~_of_tests(rows, self.secret, ids))


def open_toolbox() -> Toolbox:
    """Read the gateways and the secret; a gateway that failed its self-test is run as G0."""
    with operations.reading() as c:
        found = config.load_settings(c)
        standing = proofs.standings(c, found)
        reached = config.reachable(c, found)
        secret = processes.secret(c)
    trusted = {name: proofs.as_proven(given, standing[name]) for name, given in reached.items()}
    gateways = {name: config.make(name, given) for name, given in trusted.items()}
    marks = {name: identity.fingerprint(secret, given) for name, given in found.items()}
    return Toolbox(gateways, secret, settings(), marks)


def _of_tests(rows: pl.DataFrame, secret: bytes, ids: list[tuple[str, str]]) -> pl.Series:
    """Say of each row whether it is a stray that speaks of a self-test: by reference, message id or (gateway,
    its id).
    """
    stray = pl.col("run").is_null()
    by_message, _ = split_message_id_expr(pl.col("message_id"))
    known = pl.DataFrame(ids, {"gateway": pl.String, "gid": pl.String}, orient="row").unique()
    asked = rows.select(
        pl.col("gateway", "gid").cast(pl.String),
        by_message=by_message,
        ref=pl.when(stray).then("ref"),
        stray=stray,
    )
    asked = asked.with_columns(by_ref=parse_refs(secret, asked["ref"])["run_id"]).join(
        known.with_columns(told=True), on=known.columns, how="left", maintain_order="left"
    )
    named = pl.any_horizontal(pl.col("by_message", "by_ref") == TEST_RUN_ID, "told")
    return asked.select(pl.col("stray") & named.fill_null(False))["stray"]


def may_resend(box: Toolbox, run: Run, batch: Batch, *, now: datetime) -> bool:
    """Say whether a batch with a missing answer may still be sent again under its reference (T9, G2)."""
    gateway = box.gateways.get(run.gateway)
    if gateway is None or batch.first_sent_at is None:
        return False
    able = gateway.capabilities
    window = timedelta(seconds=able.window_seconds) - resend_margin(able)
    return class_of(box, run, batch) == "G2" and now < batch.first_sent_at + window


def class_of(box: Toolbox, run: Run, batch: Batch) -> str:
    """Return the class by which a batch with a missing answer is treated at its gateway as it is now."""
    now = box.gateways[run.gateway].capabilities.gateway_class
    return machine.class_of(frozen=batch.gateway_class, now=now, same_gateway=is_same(box, run, batch))


def is_same(box: Toolbox, run: Run, batch: Batch) -> bool:
    """Say whether the batch's attempts were made at the gateway that is configured now."""
    return batch.fingerprint in (None, box.mark(run.gateway))


def resend_margin(able: Capabilities) -> timedelta:
    """Return how long before the end of a gateway's window the last resend begins: the call itself takes
    time.
    """
    return WINDOW_MARGIN + timedelta(seconds=able.deadline_seconds)


def may_start(run: Run, line: Line, *, now: datetime) -> bool:
    """Say whether a batch may start now: inside the line's hours, outside the campaign's quiet hours."""
    at = opens_at(run, line, now=now)
    return at is not None and at <= now
