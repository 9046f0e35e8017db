"""What an account sent before that bears on an audience: read from the records and the sets in the lake."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from data.records import slices
from data.records.slices import Key, Past
from data.rules.persian import fold
from data.store import lake, operations
from data.store.operations import Connection
from targeting.scope import History


def reader(
    account_id: int, series: str | None, *, campaign_id: int | None = None
) -> Callable[[str], History]:
    """Return how to read what an account sent, by the key of an audience; None stands for no series.

    Runs of the campaign that asks do not count as its round: a recurring campaign writes to the same people
    each time. They do count as its series, which was named so that nobody gets it twice.
    """

    def read(audience_hash: str) -> History:
        with operations.reading() as c:
            return _history(c, key_of(account_id, audience_hash, series), campaign_id)

    return read


def key_of(account_id: int, audience_hash: str, series: str | None) -> Key:
    """Return what the slices of an audience and of a series, however its name is written, are known by."""
    return Key(account_id, audience_hash, fold(series) if series else None)


def _history(c: Connection, key: Key, campaign_id: int | None) -> History:
    """Return who had the series or the open round, and how far it went."""
    found = slices.past(c, key)
    if not found:
        return History(seen=slices.newest(c, key))
    skipped = slices.never_sent(c, {one.run_id for one in found})
    rounds = [one for one in found if one.in_round]
    walked = [one for one in found if one.in_key and one.in_series] if key.series else rounds
    others = [one for one in rounds if one.campaign_id != campaign_id]
    keys = [one.last_key for one in walked if one.last_key is not None]
    return History(
        series=_numbers([one for one in found if one.in_series], skipped) if key.series else None,
        round=_numbers(others, skipped) if rounds else None,
        reached=max(keys, default=None),
        row=max((one.next_row for one in walked), default=1),
        own=any(one.own for one in found),
        own_rows=sum(_own(one) for one in found if one.own),
        seen=slices.newest(c, key),
    )  # fmt: skip


def _numbers(sent: list[Past], skipped: dict[int, list[tuple[int, int]]]) -> pl.DataFrame:
    """Return `msisdn` of the sets of these slices, without whom a stopped run never came to."""
    frames = [_set(one, skipped.get(one.run_id, [])) for one in sent if one.set_path]
    if not frames:
        return pl.DataFrame(schema={"msisdn": pl.UInt64})
    return pl.concat(frames).unique().collect()


def _own(one: Past) -> int:
    """Return how many own numbers stand in the set of a slice."""
    if not one.set_path:
        return 0
    mine = pl.scan_parquet(lake.lake_root() / one.set_path).filter(~pl.col("bank"))
    return int(mine.select(pl.len()).collect().item())


def _set(one: Past, skipped: list[tuple[int, int]]) -> pl.LazyFrame:
    people = pl.scan_parquet(lake.lake_root() / str(one.set_path))
    if not skipped:
        return people.select("msisdn")
    spans = pl.LazyFrame(skipped, schema={"first": pl.UInt32, "last": pl.UInt32}, orient="row")
    placed = people.select("pos", "msisdn").sort("pos").join_asof(
        spans, left_on="pos", right_on="first", strategy="backward"
    )  # fmt: skip
    return placed.filter((pl.col("pos") <= pl.col("last")).fill_null(False).not_()).select("msisdn")
