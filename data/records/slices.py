"""Slices that were sent: by the key of their audience and their series, so that the next one begins behind
them and nobody is written to twice (R1.14, R16.15).

Slices of one key stand in rounds. A slice is remembered by the order key of the last person looked at: that
is the same place in every population of this home, while rows are told anew by each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.records.runs import Run, sent_whole
from data.store.tables import account, batch, slice_taken
from data.store.tables import run as run_table

s = slice_taken.c


@dataclass(frozen=True, slots=True)
class Key:
    """What makes slices one sequence: the account, the hash of the audience, the folded name of a series."""

    account_id: int
    audience_hash: str
    series: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A slice that is sent now: from which row on, how many, the order key of the last person looked at."""

    key: Key
    row: int
    taken: int
    last_key: int | None
    begins: bool  # a round
    own: bool  # some of the audience are own numbers


@dataclass(frozen=True, slots=True)
class Past:
    """A slice that was sent before, and the set it sent to."""

    id: int
    run_id: int
    campaign_id: int
    in_round: bool  # the open round of this key
    in_key: bool  # of this key, in whatever round
    in_series: bool
    next_row: int  # as it was told when it was sent
    last_key: int | None  # None: sent by a version that did not remember it
    own: bool  # its set tells of own numbers: they stand in it, or were left out of it before all was sent
    set_path: str | None


def take(c: Connection, run: Run, taken: Taken, *, now: datetime) -> None:
    """Remember a slice when its run begins; the caller holds `lock`."""
    opened = _round(c, taken.key)
    c.execute(
        sa.insert(slice_taken).values(
            account_id=run.account_id, audience_hash=taken.key.audience_hash, snapshot=run.snapshot,
            series=taken.key.series, row=taken.row, taken=taken.taken, run_id=run.id, at=now, own=taken.own,
            round=run.id if taken.begins or opened is None else opened,
            last_key=None if taken.last_key is None else f"{taken.last_key:016x}",
        )
    )  # fmt: skip


def lock(c: Connection, account_id: int) -> None:
    """Let nobody else remember a slice of this account until the transaction ends."""
    c.execute(sa.select(account.c.id).where(account.c.id == account_id).with_for_update(key_share=True))


def newest(c: Connection, key: Key) -> int:
    """Return the id of the newest slice of this key or series, 0 without one; ids rise under `lock`."""
    return int(c.scalar(sa.select(sa.func.max(s.id)).where(_ours(key))) or 0)


def past(c: Connection, key: Key) -> list[Past]:
    """Return the slices that bear on the next one, oldest first: of the open round, and of the series."""
    opened = _round(c, key)
    bearing = sa.and_(s.audience_hash == key.audience_hash, s.round == opened)
    if key.series is not None:
        bearing = sa.or_(bearing, s.series == key.series)
    columns = (
        s.id, s.run_id, s.audience_hash, s.series, s.round, s.row, s.taken, s.last_key, s.own,
        run_table.c.campaign_id, run_table.c.set_path,
        run_table.c.bound, run_table.c.state, run_table.c.cancel_at,
    )  # fmt: skip
    query = sa.select(*columns).join(run_table, run_table.c.id == s.run_id)
    rows = c.execute(query.where(s.account_id == key.account_id, bearing).order_by(s.id))
    return [
        Past(
            id=row.id, run_id=row.run_id, campaign_id=row.campaign_id,
            in_round=row.audience_hash == key.audience_hash and row.round == opened,
            in_key=row.audience_hash == key.audience_hash,
            in_series=key.series is not None and row.series == key.series,
            next_row=row.row + _told(row), last_key=None if row.last_key is None else int(row.last_key, 16),
            own=row.own or _is_bound(row), set_path=row.set_path,
        )
        for row in rows
    ]  # fmt: skip


def _is_bound(row: Any) -> bool:
    """Say whether whom a slice left out is not to be told, since not all of it was sent."""
    return bool(row.bound and row.bound["at_most"] and not sent_whole(row.state, row.cancel_at))


def _told(row: Any) -> int:
    """Return how many people of a slice its account may know it to hold: the bound, until all of it was sent;
    of a run that was stopped nobody, since its next slice may look at them again.
    """
    if row.bound is None or sent_whole(row.state, row.cancel_at):
        return int(row.taken)
    return 0 if row.cancel_at is not None or row.state == "cancelled" else int(row.bound["n"])


def never_sent(c: Connection, run_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the positions (first, last) of each run that were released before any call was made."""
    b = batch.c
    query = sa.select(b.run_id, b.pos_from, b.n).where(
        b.run_id.in_(list(run_ids)), b.state == "cancelled", b.first_sent_at.is_(None)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for run_id, first, n in c.execute(query.order_by(b.run_id, b.pos_from)):
        spans = found.setdefault(run_id, [])
        if spans and spans[-1][1] == first - 1:
            spans[-1] = (spans[-1][0], first + n - 1)
        else:
            spans.append((first, first + n - 1))
    return found


def _round(c: Connection, key: Key) -> int | None:
    query = sa.select(s.round).where(s.account_id == key.account_id, s.audience_hash == key.audience_hash)
    return c.scalar(query.order_by(s.id.desc()).limit(1))


def _ours(key: Key) -> sa.ColumnElement[bool]:
    same: sa.ColumnElement[bool] = s.audience_hash == key.audience_hash
    if key.series is not None:
        same = sa.or_(same, s.series == key.series)
    return sa.and_(s.account_id == key.account_id, same)
