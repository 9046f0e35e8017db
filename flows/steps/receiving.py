"""Receipts: spool → facts, matched to their messages, in one transaction a pass (protocol.md 2.1a, 3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy.engine import Connection

from data import clock
from data.facts import receipts
from data.failpoints import failpoint
from data.records import arrivals, runs
from data.store import lake, operations, spool
from data.store.spool import Segment
from flows.steps import matching
from flows.steps.toolbox import Toolbox
from gateways.gateway import RECEIPTS

PASS_SEGMENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass, or several together, brought in."""

    receipts: int = 0
    unmatched: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def drain(box: Toolbox) -> Drained:
    """Drain everything that is sealed now; each pass is one file and one transaction."""
    total = Drained()
    while found := _next_segments():
        total += _pass(box, found)
    matching.retry_unmatched()
    return total


def _next_segments() -> list[Segment]:
    """The oldest sealed segments that were not drained yet, at most a pass full; drained ones are swept."""
    found = spool.sealed("dlr")[:PASS_SEGMENTS_MAX]
    with operations.reading() as c:
        done = arrivals.drained(c, [segment.name for segment in found])
    for segment in found:
        if segment.name in done:
            spool.drop(segment)  # a crash came between the commit and the deletion
    return [segment for segment in found if segment.name not in done]


def _pass(box: Toolbox, found: list[Segment]) -> Drained:
    raw = pl.concat([spool.read(s).with_columns(segment=pl.lit(s.name)) for s in found]).with_row_index(
        "place"
    )
    heard, refused = _parse(box, raw)
    rows, duplicates = _distinct(matching.match(box, heard))
    written = receipts.write(rows) if rows.height else None
    unmatched = rows["run"].null_count()
    now = clock.now()
    failpoint("receipt.after_insert")
    with operations.writing() as c:
        if not arrivals.claim_segments(
            c, _segment_rows(found, raw, Drained(rows.height, unmatched, duplicates)), now=now
        ):
            return Drained()  # another drain was quicker; its file counts, ours is an orphan
        if written:
            touched = rows["run"].drop_nulls().unique().to_list()
            known = runs.existing(c, touched)
            lake.record(c, written, run_ids=known, now=now, unmatched=unmatched)
            _ask_for_settlement(box, c, known, now)
        arrivals.quarantine(c, refused.to_dicts(), now=now)
        failpoint("receipt.inside")
    for segment in found:
        spool.drop(segment)
    return Drained(rows.height, unmatched, duplicates, refused.height)


def _ask_for_settlement(box: Toolbox, c: Connection, run_ids: list[int], now: datetime) -> None:
    runs.touch_settlement(c, run_ids, at=now + timedelta(seconds=box.settings.receipts.grace_seconds))


def _parse(box: Toolbox, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let each gateway's own file read its bodies; what nobody can read goes to quarantine with a reason."""
    heard = [RECEIPTS.to_frame().with_columns(gateway=pl.lit(""), received_at=pl.lit("")).head(0)]
    refused = []
    for (name,), rows in raw.partition_by("gateway", as_dict=True, maintain_order=True).items():
        gateway = box.gateways.get(str(name))
        readable = gateway is not None and rows["type"].ne(spool.POISONED).all()
        if gateway is None or not readable:
            refused.append(_quarantined(rows, "no such gateway, or not a record of the spool"))
            continue
        parsed = gateway.parse_receipts(rows["body"])
        arrived = rows["at"].gather(parsed.frame["index"])
        heard.append(parsed.frame.with_columns(gateway=pl.lit(str(name)), received_at=arrived))
        bad = rows[parsed.rejected["index"]].with_columns(why=parsed.rejected["why"])
        refused.append(bad.select("segment", "gateway", "kind", "body", "why"))
    frame = pl.concat(heard).with_columns(
        received_at=pl.col("received_at").str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    )
    empty = pl.DataFrame(schema=dict.fromkeys(("segment", "gateway", "kind", "body", "why"), pl.String))
    return frame, pl.concat([empty, *refused])


def _quarantined(rows: pl.DataFrame, why: str) -> pl.DataFrame:
    return rows.select("segment", "gateway", "kind", "body", why=pl.lit(why))


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Repeats within a pass are dropped and counted; across passes the highest rank makes them harmless.

    A matched receipt is its message, status and part, packed into one 128-bit number; the others are all
    they say.
    """
    matched = pl.col("run").is_not_null()
    word = pl.col("status").cast(pl.Categorical).to_physical().cast(pl.Int128)
    part = pl.col("part").fill_null(0).cast(pl.Int128)
    key = pl.col("run").cast(pl.Int128) * 2**64 + pl.col("pos").cast(pl.Int128) * 2**32 + word * 2**16 + part
    known, stray = (
        (rows.filter(matched), rows.filter(~matched)) if rows["run"].null_count() else (rows, rows.clear())
    )
    keys = known.select(key=key)["key"]
    if keys.n_unique() < keys.len():
        known = known.filter(keys.is_first_distinct())
    if stray.height:
        stray = stray.unique(subset=receipts.IDENTITY, keep="first", maintain_order=True)
    return pl.concat([known, stray]), rows.height - known.height - stray.height


def _segment_rows(found: list[Segment], raw: pl.DataFrame, done: Drained) -> list[dict[str, object]]:
    """Counts belong to the pass; its first segment carries them."""
    records = dict(raw.group_by("segment").len().iter_rows())
    none = {"receipts": 0, "unmatched": 0, "duplicates": 0, "quarantined": 0}
    rows: list[dict[str, object]] = [
        {"name": s.name, "kind": s.kind, "records": records.get(s.name, 0), **none} for s in found
    ]
    rows[0] |= {"receipts": done.receipts, "unmatched": done.unmatched, "duplicates": done.duplicates}
    return rows
