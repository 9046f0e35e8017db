"""The statements of the dispatch loop, built once: building one costs more than running it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from data.store.tables import attempt, batch, line, run

IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
NOW = sa.bindparam("now", type_=batch.c.ready_at.type)
# P12 on a database with many writers: who pauses or stops a run waits for its claims that are under way.
HOLD_RUNS = (
    sa.select(run.c.id)
    .where(run.c.id.in_(sa.select(batch.c.run_id).where(batch.c.id.in_(IDS))))
    .order_by(run.c.id)
    .with_for_update(read=True)
)
FREE = (
    sa.select(batch.c.id, batch.c.version)
    .join(run, run.c.id == batch.c.run_id)
    .join(line, line.c.id == run.c.line_id)
    .where(batch.c.id.in_(IDS), batch.c.state == "ready", batch.c.ready_at <= NOW)
    .where(run.c.state == "running", run.c.cancel_at.is_(None), line.c.stopped_at.is_(None))
    .where(
        sa.or_(
            # else it is sent again: only where it was first, and where a second copy is kept out
            batch.c.amb.is_(False),
            sa.and_(
                sa.literal("G2") == sa.bindparam("class_"),
                sa.func.coalesce(batch.c.gateway_class, "G2") == "G2",
                sa.func.coalesce(batch.c.fingerprint, sa.bindparam("mark")) == sa.bindparam("mark"),
            ),
        )
    )
    .order_by(batch.c.id)
    .with_for_update(skip_locked=True, of=batch)
)
TAKE = (
    sa.update(batch)
    .where(batch.c.id.in_(IDS), batch.c.state == "ready")
    .values(
        state="sending",
        token=sa.bindparam("token_"),
        attempt=batch.c.attempt + 1,
        version=batch.c.version + 1,
        owner_host=sa.bindparam("host"),
        owner_pid=sa.bindparam("pid"),
        owner_started=sa.bindparam("started"),
        lease_until=sa.bindparam("lease"),
        quiet_at=sa.bindparam("quiet"),
        why=None,
        fingerprint=sa.bindparam("mark"),
        gateway_class=sa.case(
            (batch.c.gateway_class < sa.bindparam("class_"), batch.c.gateway_class),
            else_=sa.bindparam("class_"),
        ),
        first_sent_at=sa.func.coalesce(batch.c.first_sent_at, sa.bindparam("first", type_=NOW.type)),
        horizon_at=sa.func.coalesce(batch.c.horizon_at, sa.bindparam("last", type_=NOW.type)),
    )
)
VERSIONS = (
    sa.select(batch.c.id, batch.c.version).where(batch.c.id.in_(IDS)).order_by(batch.c.id).with_for_update()
)
ATTEMPT = sa.insert(attempt)
ANSWERED = (
    sa.update(attempt)
    .where(attempt.c.batch_id == sa.bindparam("b_batch"), attempt.c.n == sa.bindparam("b_n"))
    .values(
        outcome=sa.bindparam("b_outcome"),
        http_status=sa.bindparam("b_status"),
        bytes=sa.bindparam("b_bytes"),
        why=sa.bindparam("b_why"),
        body_head=sa.bindparam("b_head"),
        answered_at=sa.bindparam("b_at"),
    )
)
END = (
    sa.update(batch)
    .where(batch.c.id.in_(IDS), batch.c.state.in_(sa.bindparam("expected", expanding=True)))
    .values(
        state=sa.bindparam("to"),
        token=None,
        lease_until=None,
        settled_at=NOW,
        why=sa.bindparam("because"),
        owner_host=None,
        owner_pid=None,
        owner_started=None,
        version=batch.c.version + 1,
    )
)
