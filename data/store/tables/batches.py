"""Batches (one gateway call each), every attempt at one, and what else proves its fate."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

batch = sa.Table(
    "batch", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("run.id"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("pos_from", sa.BigInteger, nullable=False),  # first position in the run's set, 1-based
    sa.Column("n", sa.Integer, nullable=False),
    # what is held for it now; lowered by suppression
    sa.Column("amount_rials", sa.BigInteger, nullable=False),
    # ready sending unknown done failed cancelled written_off
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),  # rows of `attempt`
    sa.Column("tries", sa.Integer, nullable=False, default=0),  # attempts that may have reached the gateway
    sa.Column("moves", sa.Integer, nullable=False, default=0),  # counter of posting keys; only rises
    sa.Column("amb", sa.Boolean, nullable=False, default=False),  # some attempt's answer was lost
    sa.Column("token", sa.String(32)),
    sa.Column("owner_host", sa.String(80)),
    sa.Column("owner_pid", sa.Integer),
    sa.Column("owner_started", sa.String(32)),
    sa.Column("ref", sa.String(48), nullable=False, unique=True),
    # of the gateway that its attempts were made at (gateways.identity); null = none was made
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("gateway_class", sa.String(2)),  # frozen at the first attempt; may only fall
    sa.Column("suppressed", sa.JSON),  # positions left out at claim
    sa.Column("why", sa.String(500)),
    sa.Column("version", sa.Integer, nullable=False, default=0),
    moment("lease_until"),
    moment("quiet_at"),
    moment("ready_at", nullable=False),
    moment("first_sent_at"),
    moment("horizon_at"),
    moment("settled_at"),
    sa.UniqueConstraint("run_id", "seq"),
    sa.Index("ix_batch_due", "state", "seq", "ready_at"),
)  # fmt: skip

attempt = sa.Table(
    "attempt", metadata,
    sa.Column("batch_id", sa.ForeignKey("batch.id"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("token", sa.String(32), nullable=False),
    sa.Column("fingerprint", sa.String(64)),  # of the gateway it was made at
    sa.Column("gateway_class", sa.String(2)),  # that held then
    sa.Column("outcome", sa.String(8)),  # ok rej notsent amb; null = never heard of again
    sa.Column("http_status", sa.Integer),
    sa.Column("bytes", sa.Integer),
    sa.Column("why", sa.String(500)),
    sa.Column("body_head", sa.Text),  # first 2 kB of an answer that was not understood
    moment("claimed_at", nullable=False),
    moment("answered_at"),
)  # fmt: skip

evidence = sa.Table(
    "evidence", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # receipt lookup late_answer operator
    sa.Column("note", sa.Text, nullable=False),
    moment("at", nullable=False),
)  # fmt: skip
