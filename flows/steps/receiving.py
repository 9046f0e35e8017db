"""Receipts: spool → facts, matched to their messages, in one transaction a pass (protocol.md 2.1a, 3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data import clock
from data.facts import receipts
from data.failpoints import failpoint
from data.records import arrivals, runs
from data.store import lake, operations, spool
from data.store.operations import Connection
from data.store.spool import Segment
from flows.steps import matching
from flows.steps.toolbox import Toolbox
from gateways.gateway import RECEIPTS

PASS_SEGMENTS_MAX = 200
STATUS_WORDS_MAX = 2**15
LOAD_BYTES = 256 * 2**20


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
    if stale := [one for one in found if one.name in done]:  # a crash came before their deletion
        spool.drop(*stale)
    return [segment for segment in found if segment.name not in done]


def _pass(box: Toolbox, found: list[Segment]) -> Drained:
    heard, refused, records = _hear(box, found)
    rows, duplicates = _distinct(box.without_tests(matching.match(box, heard)))
    written = receipts.write(rows) if rows.height else None
    unmatched = rows["run"].null_count()
    now = clock.now()
    failpoint("receipt.after_insert")
    with operations.writing() as c:
        if not arrivals.claim_segments(
            c, _segment_rows(found, records, Drained(rows.height, unmatched, duplicates)), now=now
        ):
            return Drained()  # another drain was quicker; its file counts, ours is an orphan
        if written:
            touched = rows["run"].drop_nulls().unique().to_list()
            known = runs.existing(c, touched)
            lake.record(c, written, run_ids=known, now=now, unmatched=unmatched)
            _ask_for_settlement(box, c, known, now)
        arrivals.quarantine(c, refused.to_dicts(), now=now)
        failpoint("receipt.inside")
    spool.drop(*found)
    return Drained(rows.height, unmatched, duplicates, refused.height)


def _ask_for_settlement(box: Toolbox, c: Connection, run_ids: list[int], now: datetime) -> None:
    runs.touch_settlement(c, run_ids, at=now + timedelta(seconds=box.settings.receipts.grace_seconds))


def _hear(box: Toolbox, found: list[Segment]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Read and parse segments load by load, so that their text is never in memory all at once.

    Returns the receipts, what nobody could read (segment, gateway, kind, body, why), and how many records
    each segment holds.
    """
    heard, refused, records = [], [], dict[str, int]()
    for load in _loads(found):
        raw = spool.read_all(load)
        names = {place: segment.name for place, segment in enumerate(load)}
        rows, strange = _parse(box, raw)
        heard.append(rows)
        segment = pl.col("file").replace_strict(names, return_dtype=pl.String)
        refused.append(strange.select(segment.alias("segment"), "gateway", "kind", "body", "why"))
        records |= {names[place]: count for place, count in raw.group_by("file").len().iter_rows()}
    return pl.concat(heard), pl.concat(refused), records


def _loads(found: list[Segment]) -> list[list[Segment]]:
    """Take segments together as long as they are small."""
    loads, bytes_ = list[list[Segment]](), LOAD_BYTES
    for segment in found:
        if bytes_ + segment.bytes > LOAD_BYTES:
            loads.append([])
            bytes_ = 0
        loads[-1].append(segment)
        bytes_ += segment.bytes
    return loads


def _parse(box: Toolbox, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let each gateway's own file read its bodies; what nobody can read goes to quarantine with a reason."""
    none = pl.lit(None, pl.Datetime("us", "UTC"))
    heard = [RECEIPTS.to_frame().with_columns(gateway=pl.lit(""), received_at=none).head(0)]
    refused = []
    for name, rows in _by_gateway(raw):
        gateway = box.gateways.get(name)
        readable = gateway is not None and rows["type"].ne(spool.POISONED).all()
        if gateway is None or not readable:
            refused.append(_quarantined(rows, "no such gateway, or not a record of the spool"))
            continue
        parsed = gateway.parse_receipts(rows["body"])
        arrived = _moments(rows["at"]).gather(parsed.frame["index"])
        heard.append(parsed.frame.with_columns(gateway=pl.lit(name), received_at=arrived))
        bad = rows[parsed.rejected["index"]].with_columns(why=parsed.rejected["why"])
        refused.append(bad.select("file", "gateway", "kind", "body", "why"))
    empty = raw.select("file", "gateway", "kind", "body", why=pl.lit("")).clear()
    return pl.concat(heard), pl.concat([empty, *refused])


def _moments(text: pl.Series) -> pl.Series:
    return text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)


def _by_gateway(raw: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Take records apart by their gateway; those of one gateway alone, the usual case, are not copied."""
    names = raw["gateway"].unique(maintain_order=True).to_list()
    return [(name, raw if len(names) == 1 else raw.filter(pl.col("gateway") == name)) for name in names]


def _quarantined(rows: pl.DataFrame, why: str) -> pl.DataFrame:
    return rows.select("file", "gateway", "kind", "body", why=pl.lit(why))


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Repeats within a pass are dropped and counted; across passes the highest rank makes them harmless.

    A matched receipt is its message, status and part; the others are all they say.
    """
    matched = pl.col("run").is_not_null()
    known, stray = (
        (rows.filter(matched), rows.filter(~matched)) if rows["run"].null_count() else (rows, rows.clear())
    )
    keys = _packed(known)
    if keys is None:
        known = known.unique(subset=["run", "pos", "status", "part"], keep="first", maintain_order=True)
    elif keys.n_unique() < keys.len():
        known = known.filter(keys.is_first_distinct())
    if stray.height:
        stray = stray.unique(subset=receipts.IDENTITY, keep="first", maintain_order=True)
    return pl.concat([known, stray]), rows.height - known.height - stray.height


def _packed(known: pl.DataFrame) -> pl.Series | None:
    """Pack what a matched receipt says into one number: pos 32 bits, status 15, part 16, and the run if there
    are several; None where the words of a stranger do not fit.
    """
    word = known["status"].cast(pl.Categorical).to_physical().cast(pl.Int64)
    if (word.max() or 0) >= STATUS_WORDS_MAX:  # type: ignore[operator]
        return None
    parts = known["part"].fill_null(0).cast(pl.Int64)
    key = known["pos"].cast(pl.Int64) * 2**31 + word * 2**16 + parts
    return key if known["run"].n_unique() <= 1 else known["run"].cast(pl.Int128) * 2**64 + key.cast(pl.Int128)


def _segment_rows(found: list[Segment], records: dict[str, int], done: Drained) -> list[dict[str, object]]:
    """Counts belong to the pass; its first segment carries them."""
    none = {"receipts": 0, "unmatched": 0, "duplicates": 0, "quarantined": 0}
    rows: list[dict[str, object]] = [
        {"name": s.name, "kind": s.kind, "records": records.get(s.name, 0), **none} for s in found
    ]
    rows[0] |= {"receipts": done.receipts, "unmatched": done.unmatched, "duplicates": done.duplicates}
    return rows
