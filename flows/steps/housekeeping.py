"""Sweeping up what no row names, what was replaced, drained, or has expired; the gateways' nightly self-test.

Safe at any moment.
"""

from __future__ import annotations

import json
from datetime import timedelta

from data import clock
from data.records import arrivals, asking, campaigns, forms, inbound, sessions
from data.settings import settings
from data.store import lake, operations, population, spool
from data.store.spool import SpoolKind
from flows.steps import hearing, proving, receiving

ORPHAN_AGE = timedelta(hours=6)  # longer than any planner takes between its file and its transaction
RETIRED_AGE = timedelta(hours=24)  # a reader may still hold the list in which a retired file stood
UPLOAD_AGE = timedelta(hours=24)  # a page may hold one that is not ordered yet
SESSION_AGE = timedelta(days=7)
FORM_AGE = timedelta(days=30)
SEGMENT_ROW_AGE = timedelta(days=90)
INBOUND_ID_AGE = timedelta(days=30)
SPOOL_KINDS: tuple[SpoolKind, ...] = ("dlr", "mo")


def tidy() -> dict[str, int]:
    """Sweep everything once and test the gateways that are due; return how much of what."""
    return {
        "orphans": sweep_orphans(),
        "retired": sweep_retired(),
        "snapshots": len(population.sweep()),
        "spool": sweep_spool(),
        "forms": forget_forms(),
        "uploads": sweep_uploads(),
        "sessions": forget_sessions(),
        "inbound_ids": forget_inbound_ids(),
        "gateways_tested": proving.prove_due(),
    }


def sweep_orphans() -> int:
    """Delete files of the lake that no row names: a crash came between the file and its transaction."""
    with operations.reading() as c:
        return lake.sweep_orphans(c, older_than=clock.now() - ORPHAN_AGE)


def sweep_retired() -> int:
    """Delete files whose rows were folded into better ones; first the rows, then the files."""
    with operations.writing() as c:
        paths = lake.forget_retired(c, before=clock.now() - RETIRED_AGE)
    for path in paths:
        (lake.lake_root() / path).unlink(missing_ok=True)
    return len(paths)


def sweep_spool() -> int:
    """Delete drained segments that nobody drained after; forget the oldest names."""
    swept = receiving.sweep() + hearing.sweep()
    still = [segment.name for kind in SPOOL_KINDS for segment in spool.sealed(kind)]
    with operations.writing() as c:
        arrivals.forget_segments(c, before=clock.now() - SEGMENT_ROW_AGE, still=still)
        asking.forget(c, before=clock.now() - SEGMENT_ROW_AGE)
    return swept


def sweep_uploads() -> int:
    """Delete uploaded files that neither an order still to be sent nor an open form names."""
    with operations.reading() as c:
        needed = json.dumps([campaigns.audiences_in_use(c), forms.in_use(c)])
    old = (clock.now() - UPLOAD_AGE).timestamp()
    files = [path for path in (settings().root / "uploads").glob("*/*") if path.stat().st_mtime < old]
    gone = [path for path in files if path.name not in needed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def forget_inbound_ids() -> int:
    """Forget what tells old messages of people apart: gateways count anew, and an id may come again."""
    with operations.writing() as c:
        return inbound.forget_fingerprints(c, before=clock.now() - INBOUND_ID_AGE)


def forget_forms() -> int:
    """Forget unfinished input that nobody touched for long; its uploads go with the next sweep of them."""
    with operations.writing() as c:
        return forms.forget(c, before=clock.now() - FORM_AGE)


def forget_sessions() -> int:
    """Delete sessions that ended long ago."""
    with operations.writing() as c:
        return sessions.forget(c, before=clock.now() - SESSION_AGE)
