"""Receipts: spool → facts, matched to their messages, in one transaction a pass (protocol.md 2.1a, 3.8)."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
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
from flows.steps import matching, rematching
from flows.steps.toolbox import Toolbox
from gateways.gateway import RECEIPTS, Gateway, Receipts

_log = logging.getLogger("chapar.receipts")
PASS_SEGMENTS_MAX = 200
PASS_BYTES = 512 * 2**20
LOAD_BYTES = 64 * 2**20
LOADS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass, or several together, brought in."""

    receipts: int = 0
    unmatched: int = 0
    duplicates: int = 0
    quarantined: int = 0
    forged: int = 0
    contradicted: int = 0

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
        rematching.retry_unmatched()
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


def _pass(box: Toolbox, waiting: list[Segment]) -> Drained:
    heard, refused, records = _hear(box, waiting)
    found = [segment for segment in waiting if segment.name in records]
    rows, duplicates = _distinct(box.without_tests(matching.match(heard)))
    written = receipts.write(rows) if rows.height else None
    whole = _kept_whole(refused)
    none = receipts.nobodys(rows)
    done = Drained(rows.height, none.unmatched, duplicates, refused.height, none.forged, none.contradicted)
    now = clock.now()
    failpoint("receipt.after_insert")
    with operations.writing() as c:
        if not arrivals.claim_segments(c, _segment_rows(found, records, done), now=now):
            return Drained()  # another drain was quicker; its files count, ours are orphans
        if written:
            touched = rows["run"].drop_nulls().unique().to_list()
            known = runs.existing(c, touched)
            receipts.record(c, written, rows, run_ids=known, now=now)
            _ask_for_settlement(box, c, known, now)
        if whole:
            lake.record(c, whole, run_ids=[], now=now)
        arrivals.quarantine(c, refused.head(arrivals.ROWS_MAX).to_dicts(), now=now)
        failpoint("receipt.inside")
    return done


def _kept_whole(refused: pl.DataFrame) -> lake.Written | None:
    """Write what is too much or too long for the table of quarantined bodies to the lake."""
    return lake.write(refused, "quarantine") if arrivals.too_much(refused) else None


def _ask_for_settlement(box: Toolbox, c: Connection, run_ids: list[int], now: datetime) -> None:
    runs.touch_settlement(c, run_ids, at=now + timedelta(seconds=box.settings.receipts.grace_seconds))


def _hear(box: Toolbox, waiting: list[Segment]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Read and parse segments load by load, so that their text is never in memory all at once, until the pass
    holds enough; two loads side by side, for what follows the reading keeps one core busy.

    Returns the receipts, what nobody could read (segment, gateway, kind, body, why), and how many records
    each segment that was read holds.
    """
    heard, refused, records, held = [], [], dict[str, int](), 0

    def hear(load: list[Segment]) -> tuple[pl.Series, pl.DataFrame, pl.DataFrame] | None:
        nonlocal held
        if held >= box.settings.receipts.drain_rows:
            return None
        said = _hear_load(box, load)
        held += said[1].height
        return said

    loads = _loads(waiting)
    with ThreadPoolExecutor(LOADS_AT_ONCE) as pool:
        answers = list(pool.map(hear, loads))
    for load, said in zip(loads, answers, strict=True):
        if said is None:
            break
        files, rows, strange = said
        names = {place: segment.name for place, segment in enumerate(load)}
        heard.append(rows)
        segment = pl.col("file").replace_strict(names, return_dtype=pl.String)
        kind = pl.lit("dlr").alias("kind")
        refused.append(strange.select(segment.alias("segment"), "gateway", kind, "body", "why"))
        records |= dict.fromkeys(names.values(), 0)
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
        if gateway is None:
            refused.append(_quarantined(rows, "no such gateway" if name else "not a record of the spool"))
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
    parts = [raw]
    if "opened" in raw.columns and raw["opened"].null_count():
        is_open = pl.col("opened").is_not_null()
        parts = [raw.filter(is_open), raw.filter(~is_open).drop("opened")]
    return [one for part in parts for one in _by_gateway(part)]


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
    known = rows.filter(matched).unique(
        subset=["run", "pos", "status", "part"], keep="first", maintain_order=True
    )
    stray = rows.filter(~matched).unique(subset=receipts.IDENTITY, keep="first", maintain_order=True)
    return pl.concat([known, stray]), rows.height - known.height - stray.height


def _named_twice(matched: pl.DataFrame) -> bool:
    message = matched.select(message_id_expr(pl.col("run"), pl.col("pos"))).to_series()
    return message.n_unique() < message.len()


def _segment_rows(found: list[Segment], records: dict[str, int], done: Drained) -> list[dict[str, object]]:
    """Counts belong to the pass; its first segment carries them."""
    none = asdict(Drained())
    rows: list[dict[str, object]] = [
        {"name": s.name, "kind": s.kind, "records": records.get(s.name, 0), **none} for s in found
    ]
    rows[0] |= asdict(done)
    return rows
