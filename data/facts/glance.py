"""The folded view as people glance at it: what was folded of the same files is not folded again at once.

Files of the lake never change and each has a name of its own, so the same files say the same, but for what
is late by now: an answer is good for GLANCE_SECONDS. It is kept by the files of the runs that were asked
about, which are one account's; whoever audits or settles folds anew (`data.facts.messages`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl

from data.facts import messages
from data.facts.messages import Sources

GLANCE_SECONDS = 60
KEPT_MAX = 256  # answers of a process: each a few rows
_kept: OrderedDict[tuple[Any, ...], pl.DataFrame] = OrderedDict()
_lock = threading.Lock()


def state_counts(found: Sources, *, now: datetime) -> pl.DataFrame:
    """Return what `messages.state_counts` says."""
    return _once(("state_counts",), found, now, lambda: messages.state_counts(found, now=now))


def by_day(found: Sources, *, zone: str, now: datetime) -> pl.DataFrame:
    """Return what `messages.by_day` says."""
    return _once(("by_day", zone), found, now, lambda: messages.by_day(found, zone=zone, now=now))


def _once(
    asked: tuple[str, ...], found: Sources, now: datetime, fold: Callable[[], pl.DataFrame]
) -> pl.DataFrame:
    key = (
        *asked, int(now.timestamp()) // GLANCE_SECONDS, tuple(sorted(found.sets.items())),
        tuple(sorted(found.submissions)), tuple(sorted(found.receipts)),
        tuple(sorted(tuple(sorted(one.items())) for one in found.unknown)),
    )  # fmt: skip
    with _lock:
        known = _kept.get(key)
        if known is not None:
            _kept.move_to_end(key)
            return known
    answer = fold()
    with _lock:
        _kept[key] = answer
        while len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return answer
