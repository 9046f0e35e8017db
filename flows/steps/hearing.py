"""What people wrote: spool → rows, once each, in transactions of a few thousand with their effects.

Opt-out and opt-in words are obeyed here; everything else waits in its row for the inbox.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import accumulate

import polars as pl

from data import clock
from data.facts.written import last_writers
from data.failpoints import failpoint
from data.records import arrivals, inbound
from data.rules.msisdn_columns import parse_column
from data.rules.persian_columns import digits_expr, fold_expr
from data.rules.reserved_columns import bare_expr, reserved_expr
from data.settings import settings
from data.store import lake, operations, spool
from data.store.digests import sha256_column
from data.store.operations import Connection
from data.store.spool import Segment, SegmentUnreadableError
from flows.steps import obeying
from flows.steps.toolbox import Toolbox

_log = logging.getLogger("chapar.inbound")
PASS_SEGMENTS_MAX, PASS_BYTES = 200, 64 * 2**20
TEXT_CHARS_MAX, NAME_CHARS_MAX, GID_CHARS_MAX = 10_000, 40, 120
# The operator's time counts where it is no earlier and no later than this beside ours.
EARLIER, LATER = timedelta(hours=24), timedelta(seconds=60)
ANSWERS_WITHIN = timedelta(hours=72)  # of somebody's message, on a line that several share
LOOKS_THE_SAME = timedelta(seconds=120)  # of messages that have neither an id nor a time
_ROW = (
    "origin", "fingerprint", "gateway", "gid", "line", "line_id", "account_id", "sender", "msisdn", "text",
    "folded", "word", "duplicate", "received_at", "told_at", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What one drain, or several together, brought in."""

    inbound: int = 0  # messages entered
    duplicates: int = 0  # repetitions left out, and those that only look like one
    joined: int = 0  # parts of long messages put together
    quarantined: int = 0
    unknown_line: int = 0
    opted_out: int = 0  # people
    opted_in: int = 0

    def __add__(self, other: Heard) -> Heard:
        return Heard(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def drain(box: Toolbox) -> Heard:
    """Take in everything that is sealed now; a segment goes when all of it is entered."""
    total = Heard()
    while found := _next_segments():
        try:
            total += _pass(box, found)
        except SegmentUnreadableError as error:
            _log.error("set aside: %s", error)
            spool.set_aside(error.path)
        except FileNotFoundError:
            if _next_segments() == found:
                raise  # else another drain was quicker with some of them
    sweep()
    return total


def sweep() -> int:
    """Delete the segments that are drained; return how many."""
    _, done = _sealed()
    spool.drop(*done)
    return len(done)


def waiting() -> int:
    """Return how many sealed segments nobody drained yet."""
    return len(_sealed()[0])


def _next_segments() -> list[Segment]:
    fresh, _ = _sealed()
    fits = sum(1 for size in accumulate(one.bytes for one in fresh) if size <= PASS_BYTES)
    return fresh[: min(max(fits, 1), PASS_SEGMENTS_MAX)]


def _sealed() -> tuple[list[Segment], list[Segment]]:
    """The sealed segments, oldest first: those still to be drained and those that are."""
    found = spool.sealed("mo")
    with operations.reading() as c:
        names = arrivals.drained(c, [segment.name for segment in found])
    return [one for one in found if one.name not in names], [one for one in found if one.name in names]


def _pass(box: Toolbox, segments: list[Segment]) -> Heard:
    """Enter the messages of some segments; what was entered by a drain that died is left out by its place."""
    raw = spool.read(segments).with_columns(place=pl.int_range(pl.len(), dtype=pl.UInt32).over("file"))
    said, refused = _parse(box, raw, [segment.name for segment in segments])
    whole = lake.write(refused, "quarantine") if arrivals.too_much(refused) else None
    total = Heard(quarantined=refused.height)
    pieces = list(said.iter_slices(inbound.ROWS_MAX)) or [said]
    counts = raw.group_by("file").len()
    records = {segments[place].name: n for place, n in counts.iter_rows()}
    for piece in pieces:
        last = piece is pieces[-1]
        with operations.writing() as c:
            total += _enter(c, piece)
            failpoint("inbound.inside")
            if last and _claim(c, segments, records, total):
                arrivals.quarantine(c, refused.head(arrivals.ROWS_MAX).to_dicts(), now=clock.now())
                if whole:
                    lake.record(c, whole, run_ids=[], now=clock.now())
        failpoint("inbound.after_rows")
    return total


def _claim(c: Connection, segments: list[Segment], records: dict[str, int], done: Heard) -> bool:
    """Counts belong to the pass; its first segment carries them."""
    none = {"receipts": 0, "unmatched": 0, "duplicates": 0, "quarantined": 0}
    rows = [{"name": s.name, "kind": s.kind, "records": records.get(s.name, 0), **none} for s in segments]
    rows[0] |= {"quarantined": asdict(done)["quarantined"]}
    return arrivals.claim_segments(c, rows, now=clock.now())


def _parse(box: Toolbox, raw: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let each gateway's own file read its bodies; what nobody can read goes to quarantine with a reason."""
    segment = pl.col("file").replace_strict(dict(enumerate(names)), return_dtype=pl.String).alias("segment")
    raw = raw.with_columns(segment)
    heard, refused = [_SAID.to_frame()], [_REFUSED.to_frame()]
    for (name,), rows in raw.group_by("gateway", maintain_order=True):
        gateway = box.gateways.get(str(name))
        if gateway is None:
            why = "no such gateway" if name else "not a record of the spool"
            refused.append(_quarantined(rows.with_columns(why=pl.lit(why))))
            continue
        parsed = gateway.parse_inbound(rows["body"])
        place = rows[parsed.frame["index"]].select("segment", "file", "place", "gateway", received_at="at")
        said = pl.concat([parsed.frame, place], how="horizontal")
        heard.append(said.select(list(_SAID)).cast(dict(_SAID)))  # type: ignore[arg-type]
        bad = rows[parsed.rejected["index"]].with_columns(why=parsed.rejected["why"])
        refused.append(_quarantined(bad))
    messages = pl.concat(heard).sort("file", "place", maintain_order=True)
    nth = pl.int_range(pl.len()).over("file", "place")
    origin = pl.format("{}:{}:{}", "segment", "place", nth).alias("origin")
    return messages.with_columns(origin).drop("segment", "file", "place"), pl.concat(refused)


def _quarantined(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("segment", "gateway", pl.lit("mo").alias("kind"), "body", "why")


def _enter(c: Connection, said: pl.DataFrame) -> Heard:
    """Enter one piece and do what its words ask for, in the caller's transaction."""
    rows = _looking_the_same(c, _told_apart(_recognised(c, said)))
    once = rows.unique("fingerprint", keep="first", maintain_order=True).filter(
        pl.col("fingerprint").is_not_null()
    )
    rows = pl.concat([once, rows.filter(pl.col("fingerprint").is_null())]).sort("nth")
    entered = inbound.enter(c, rows.select(_ROW).to_dicts())
    fresh = rows.join(entered, on="origin", how="inner", maintain_order="left")
    again = said.height - fresh.height + int(fresh["duplicate"].sum())
    obeyed = obeying.obey(c, fresh.filter(~pl.col("duplicate")), now=clock.now())
    unknown = fresh["line_id"].null_count()
    if unknown:
        _log.warning("%d messages came to a number that is no line of their gateway", unknown)
    return Heard(
        inbound=fresh.height, duplicates=again, unknown_line=unknown, opted_out=obeyed.out,
        opted_in=obeyed.back,
    )  # fmt: skip


def _recognised(c: Connection, said: pl.DataFrame) -> pl.DataFrame:
    """Add what a message is: its line, its sender's number, its time, its word."""
    now, ours, told = clock.now(), pl.col("received_at"), pl.col("told_at")
    text = pl.col("text").str.replace_all("\0", "", literal=True).str.slice(0, TEXT_CHARS_MAX)
    rows = said.with_row_index("nth").with_columns(
        text, ours.fill_null(now), told_at="at", gid=pl.col("gid").str.slice(0, GID_CHARS_MAX),
        sender=pl.col("sender").str.slice(0, NAME_CHARS_MAX), line=pl.col("to").str.slice(0, NAME_CHARS_MAX),
        whole_gid="gid",
    )  # fmt: skip
    rows = rows.with_columns(
        at=pl.when(told.is_between(ours - EARLIER, ours + LATER)).then(told).otherwise(ours),
        msisdn=parse_column(rows["sender"], settings().region)["msisdn"],
        folded=fold_expr(pl.col("text")), word=reserved_expr(bare_expr(pl.col("text"))),
    )  # fmt: skip
    return _of_lines(c, rows, inbound.lines(c))


def _of_lines(c: Connection, rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """A line is known by its name, however the country code is written, and on its own gateway only."""
    keyed = lines.with_columns(key=_key(pl.col("name"))).unique(["gateway", "key"], keep="none")
    rows = rows.with_columns(key=_key(pl.col("line"))).join(
        keyed.select("gateway", "key", "line_id", "owner"), on=["gateway", "key"], how="left",
        maintain_order="left",
    ).with_columns(account_id="owner")  # fmt: skip
    ours = parse_column(lines["name"], settings().region)["msisdn"].drop_nulls()
    people = pl.when(~pl.col("msisdn").is_in(ours.implode())).then("msisdn")
    return _whose(c, rows.with_columns(people))


def _whose(c: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """On a shared line a message belongs to the account that last wrote to that number by it, else to the
    line's owner.
    """
    at_lines = rows.drop_nulls(["line_id", "msisdn"])
    writers = inbound.senders(c, at_lines["line_id"].unique().to_list())
    shared = writers.group_by("line_id").len().filter(pl.col("len") > 1)["line_id"].to_list()
    if not shared:
        return rows
    since = clock.now() - ANSWERS_WITHIN
    told = last_writers(c, shared, at_lines["msisdn"].unique(), since=since)
    found = rows.join(told, on=["line_id", "msisdn"], how="left", maintain_order="left")
    return found.with_columns(account_id=pl.coalesce("writer", "account_id")).drop("writer")


def _key(name: pl.Expr) -> pl.Expr:
    plain = digits_expr(name).str.to_lowercase().str.replace_all(r"[\s\-()]", "")
    return plain.str.replace(r"^(\+|00)?98", "").str.replace(r"^(\+|0+)", "")


def _told_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """By the gateway's id; else by sender, line, text and the gateway's second; else by nothing."""
    named = pl.format("id\x1f{}\x1f{}", "gateway", "whole_gid")
    timed = pl.format(
        "at\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}",
        "gateway",
        "line",
        "sender",
        pl.col("told_at").dt.epoch("s"),
        "text",
    )
    names = rows.select(pl.coalesce(named, timed).alias("name"))["name"]
    return rows.with_columns(fingerprint=sha256_column(names))


def _looking_the_same(c: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """Mark the later of two that differ in nothing and came within two minutes; both are kept."""
    same = ["line", "sender", "text"]
    bare = rows.filter(pl.col("fingerprint").is_null())
    if bare.is_empty():
        return rows.with_columns(duplicate=pl.lit(value=False))
    since = bare.select(pl.col("received_at").min()).item() - LOOKS_THE_SAME
    before = inbound.nameless(c, since=since).join(bare, on="origin", how="anti")
    seen = pl.concat([before, bare.select(before.columns)]).sort("received_at", maintain_order=True)
    close = pl.col("received_at").diff().over(same) <= LOOKS_THE_SAME
    told = seen.select("origin", duplicate=close.fill_null(value=False))
    return rows.join(told, on="origin", how="left", maintain_order="left").with_columns(
        pl.col("duplicate").fill_null(value=False)
    )


_SAID = pl.Schema(
    {
        "segment": pl.String(), "file": pl.UInt16(), "place": pl.UInt32(), "gateway": pl.String(),
        "gid": pl.String(), "sender": pl.String(), "to": pl.String(), "text": pl.String(),
        "at": inbound.MOMENT, "received_at": inbound.MOMENT,
    }
)  # fmt: skip
_REFUSED = pl.Schema(dict.fromkeys(("segment", "gateway", "kind", "body", "why"), pl.String()))
