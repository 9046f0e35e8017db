"""Receipts: spool → facts, matched to their messages, in one transaction a pass (protocol.md 2.1a, 3.8)."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

import polars as pl

from data import clock
from data.facts import receipts
from data.failpoints import failpoint
from data.records import arrivals, runs
from data.rules.references_columns import message_id_expr
from data.store import lake, operations, spool
from data.store.operations import Connection
from data.store.spool import Segment, SegmentUnreadableError
from flows.steps import matching
from flows.steps.toolbox import Toolbox
from gateways.gateway import RECEIPTS, Gateway, Receipts

_log = logging.getLogger("chapar.receipts")
PASS_SEGMENTS_MAX = 200
PASS_BYTES = 512 * 2**20  # the receipts of a pass are in memory together
STATUS_WORDS_MAX = 2**14
LOAD_BYTES = 128 * 2**20
LOADS_AT_ONCE = 2


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
    """Drain everything that is sealed now; each pass is one file and one transaction.

    The segments stay until the next drain deletes them while it reads: the disk takes longer to delete than
    we do to settle, and a segment is known as drained by its name.
    """
    total = Drained()
    with ThreadPoolExecutor(1, "sweeper") as beside:
        swept = beside.submit(sweep)
        while found := _next_segments():
            try:
                total += _pass(box, found)
            except SegmentUnreadableError as error:
                _log.error("set aside: %s", error)
                spool.set_aside(error.path)
            except FileNotFoundError:
                if _next_segments() == found:
                    raise  # else another drain was quicker with some of them
        matching.retry_unmatched()
    try:
        swept.result()
    except OSError as error:  # what was drained is drained; the next sweep tries again
        _log.error("drained segments could not be deleted: %s", error)
    return total


def sweep() -> int:
    """Delete the segments that are drained; return how many."""
    _, done = _sealed()
    spool.drop(*done)
    return len(done)


def waiting() -> int:
    """Return how many sealed segments nobody drained yet."""
    fresh, _ = _sealed()
    return len(fresh)


def _next_segments() -> list[Segment]:
    """The oldest sealed segments that were not drained yet, at most a pass full."""
    fresh, _ = _sealed()
    sizes = accumulate(segment.bytes for segment in fresh)
    fits = sum(1 for size in sizes if size <= PASS_BYTES)
    return fresh[: min(max(fits, 1), PASS_SEGMENTS_MAX)]


def _sealed() -> tuple[list[Segment], list[Segment]]:
    """The sealed segments, oldest first: those still to be drained and those that are."""
    found = spool.sealed("dlr")
    with operations.reading() as c:
        names = arrivals.drained(c, [segment.name for segment in found])
    done = [segment for segment in found if segment.name in names]
    return [segment for segment in found if segment.name not in names], done


def _pass(box: Toolbox, found: list[Segment]) -> Drained:
    heard, refused, records = _hear(box, found)
    rows, duplicates = _distinct(box.without_tests(matching.match(heard)))
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
    return Drained(rows.height, unmatched, duplicates, refused.height)


def _ask_for_settlement(box: Toolbox, c: Connection, run_ids: list[int], now: datetime) -> None:
    runs.touch_settlement(c, run_ids, at=now + timedelta(seconds=box.settings.receipts.grace_seconds))


def _hear(box: Toolbox, found: list[Segment]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Read and parse segments load by load, so that their text is never in memory all at once; two loads side
    by side, for what follows the reading keeps one core busy.

    Returns the receipts, what nobody could read (segment, gateway, kind, body, why), and how many records
    each segment holds.
    """
    heard, refused, records = [], [], dict[str, int]()
    loads = _loads(found)
    with ThreadPoolExecutor(LOADS_AT_ONCE) as pool:
        said = list(pool.map(lambda load: _hear_load(box, load), loads))
    for load, (files, rows, strange) in zip(loads, said, strict=True):
        names = {place: segment.name for place, segment in enumerate(load)}
        heard.append(rows)
        segment = pl.col("file").replace_strict(names, return_dtype=pl.String)
        kind = pl.lit("dlr").alias("kind")
        refused.append(strange.select(segment.alias("segment"), "gateway", kind, "body", "why"))
        records |= {names[place]: count for place, count in files.value_counts().iter_rows()}
    return pl.concat(heard), pl.concat(refused), records


def _hear_load(box: Toolbox, load: list[Segment]) -> tuple[pl.Series, pl.DataFrame, pl.DataFrame]:
    """Return the file of each record, the receipts, named, and what nobody could read.

    Opened on the way where all is as it should be; what is refused goes to quarantine as it came, so that a
    load with anything strange in it is read as text.
    """
    fields = {name: gateway.receipt_fields for name, gateway in box.gateways.items()}
    raw = spool.read_opened(load, fields)
    if raw is not None:
        rows, strange = _parse(box, raw)
        if not strange["body"].null_count():
            return raw["file"], matching.named(box, rows), strange
    raw = spool.read(load)
    rows, strange = _parse(box, raw)
    return raw["file"], matching.named(box, rows), strange


def _loads(found: list[Segment]) -> list[list[Segment]]:
    """Take segments together as long as they are small."""
    loads, bytes_ = list[list[Segment]](), 0
    for segment in found:
        if not loads or bytes_ + segment.bytes > LOAD_BYTES:
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
    for name, rows in _apart(raw):
        gateway = box.gateways.get(name)
        readable = gateway is not None and ("type" not in rows or rows["type"].ne(spool.POISONED).all())
        if gateway is None or not readable:
            refused.append(_quarantined(rows, "no such gateway, or not a record of the spool"))
            continue
        parsed = _read_by(gateway, rows)
        arrived = rows["at"].gather(parsed.frame["index"])
        heard.append(parsed.frame.with_columns(gateway=pl.lit(name), received_at=arrived))
        bad = rows[parsed.rejected["index"]].with_columns(why=parsed.rejected["why"])
        refused.append(bad.select("file", "gateway", "body", "why"))
    empty = raw.select("file", "gateway", "body", why=pl.lit("")).clear()
    return pl.concat(heard), pl.concat([empty, *refused])


def _apart(raw: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Take records apart by their gateway, the opened ones from those that are text; what is all of a kind,
    the usual case, is not copied.
    """
    kinds = [raw]
    if "opened" in raw.columns and raw["opened"].null_count():
        is_open = pl.col("opened").is_not_null()
        kinds = [raw.filter(is_open), raw.filter(~is_open).drop("opened")]
    return [part for kind in kinds for part in _by_gateway(kind)]


def _by_gateway(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    names = rows["gateway"].head(1).to_list()
    if rows["gateway"].eq(names[0] if names else "").all():
        return [(name, rows) for name in names]
    return [(str(name), part) for (name,), part in rows.group_by("gateway", maintain_order=True)]


def _read_by(gateway: Gateway, rows: pl.DataFrame) -> Receipts:
    if "opened" not in rows.columns:
        return gateway.parse_receipts(rows["body"])
    opened = rows["opened"].struct.unnest().select(gateway.receipt_fields)
    return gateway.receipts_of(opened.with_row_index("index"))


def _quarantined(rows: pl.DataFrame, why: str) -> pl.DataFrame:
    return rows.select("file", "gateway", "body", why=pl.lit(why))


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Repeats within a pass are dropped and counted; across passes the highest rank makes them harmless.

    A matched receipt is its message, status and part; the others are all they say.
    """
    if not rows["run"].null_count() and not _named_twice(rows):
        return rows, 0
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


def _named_twice(matched: pl.DataFrame) -> bool:
    message = matched.select(message_id_expr(pl.col("run"), pl.col("pos"))).to_series()
    return message.n_unique() < message.len()


def _packed(known: pl.DataFrame) -> pl.Series | None:
    """Pack what a matched receipt says into one number: pos 32 bits, status 14, part 17 (none is not part 0),
    and the run if there are several; None where the words of a stranger do not fit.
    """
    word = known["status"].cast(pl.Categorical(pl.Categories.random())).to_physical().cast(pl.Int64)
    if (word.max() or 0) >= STATUS_WORDS_MAX:  # type: ignore[operator]
        return None
    parts = (known["part"].cast(pl.Int64) + 1).fill_null(0)
    key = known["pos"].cast(pl.Int64) * 2**31 + word * 2**17 + parts
    return key if known["run"].n_unique() <= 1 else known["run"].cast(pl.Int128) * 2**64 + key.cast(pl.Int128)


def _segment_rows(found: list[Segment], records: dict[str, int], done: Drained) -> list[dict[str, object]]:
    """Counts belong to the pass; its first segment carries them."""
    none = {"receipts": 0, "unmatched": 0, "duplicates": 0, "quarantined": 0}
    rows: list[dict[str, object]] = [
        {"name": s.name, "kind": s.kind, "records": records.get(s.name, 0), **none} for s in found
    ]
    rows[0] |= {"receipts": done.receipts, "unmatched": done.unmatched, "duplicates": done.duplicates}
    return rows
