"""Sweeping up what no row names, what was replaced, drained, or has expired; the gateways' nightly self-test.

Safe at any moment.
"""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data import clock
from data.records import arrivals
from data.settings import settings
from data.store import lake, operations, population, spool
from data.store.spool_writer import KINDS
from data.store.tables import campaign, lake_file, lake_file_run, session, spool_segment
from flows.steps import proving

ORPHAN_AGE = timedelta(hours=6)  # longer than any planner takes between its file and its transaction
RETIRED_AGE = timedelta(hours=24)  # a reader may still hold the list in which a retired file stood
UPLOAD_AGE = timedelta(hours=24)  # a page may hold one that is not ordered yet
SESSION_AGE = timedelta(days=7)
SEGMENT_ROW_AGE = timedelta(days=90)


def tidy() -> dict[str, int]:
    """Sweep everything once and test the gateways that are due; return how much of what."""
    return {
        "orphans": sweep_orphans(),
        "retired": sweep_retired(),
        "snapshots": len(population.sweep()),
        "spool": sweep_spool(),
        "uploads": sweep_uploads(),
        "sessions": forget_sessions(),
        "gateways_tested": proving.prove_due(),
    }


def sweep_orphans() -> int:
    """Delete files of the lake that no row names: a crash came between the file and its transaction."""
    with operations.reading() as c:
        return lake.sweep_orphans(c, older_than=clock.now() - ORPHAN_AGE)


def sweep_retired() -> int:
    """Delete files whose rows were folded into better ones; first the rows, then the files."""
    with operations.writing() as c:
        old = lake_file.c.retired_at < clock.now() - RETIRED_AGE
        paths = list(c.scalars(sa.select(lake_file.c.path).where(old)))
        c.execute(sa.delete(lake_file_run).where(lake_file_run.c.path.in_(paths)))
        c.execute(sa.delete(lake_file).where(lake_file.c.path.in_(paths)))
    for path in paths:
        (lake.lake_root() / path).unlink(missing_ok=True)
    return len(paths)


def sweep_spool() -> int:
    """Drop segments that were drained before a crash kept them; forget the oldest names."""
    found = [segment for kind in KINDS for segment in spool.sealed(kind)]
    with operations.writing() as c:
        done = arrivals.drained(c, [segment.name for segment in found])
        _forget_segments(c)
    for segment in found:
        if segment.name in done:
            spool.drop(segment)
    return len(done)


def sweep_uploads() -> int:
    """Delete uploaded files that no order still to be sent needs (decisions 12)."""
    with operations.reading() as c:
        live = campaign.c.state.not_in(("ended", "stopped", "rejected"))
        needed = json.dumps(list(c.scalars(sa.select(campaign.c.audience).where(live))))
    old = (clock.now() - UPLOAD_AGE).timestamp()
    files = [path for path in (settings().root / "uploads").glob("*/*") if path.stat().st_mtime < old]
    gone = [path for path in files if path.name not in needed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def forget_sessions() -> int:
    """Delete sessions that ended long ago."""
    with operations.writing() as c:
        ended = sa.delete(session).where(session.c.expires_at < clock.now() - SESSION_AGE)
        return c.execute(ended).rowcount


def _forget_segments(c: Connection) -> None:
    """Their names hold the time and never come again, so that an old one need not be remembered."""
    old = spool_segment.c.drained_at < clock.now() - SEGMENT_ROW_AGE
    c.execute(sa.delete(spool_segment).where(old))
