"""Which fact files exist: a file of the lake or a spool segment counts only when a row here names it."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

lake_file = sa.Table(
    "lake_file", metadata,
    sa.Column("path", sa.String(300), primary_key=True),  # relative to the lake
    sa.Column("kind", sa.String(16), nullable=False),  # recipients submissions receipts messages quarantine
    # of recipients and messages; null where a file holds many runs
    sa.Column("run_id", sa.ForeignKey("run.id")),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64)),
    # receipts whose message is not known yet
    sa.Column("unmatched", sa.BigInteger, nullable=False, default=0),
    # those of them whose set could not be read
    sa.Column("waiting", sa.BigInteger, nullable=False, default=0, server_default="0"),
    moment("rematched_at"),
    moment("created_at", nullable=False),
    moment("retired_at"),  # folded into a compacted file; swept later
    sa.Index("ix_lake_file_kind", "kind", "run_id"),
)  # fmt: skip

lake_file_run = sa.Table(
    "lake_file_run", metadata,  # which runs a submissions or receipts file speaks of
    sa.Column("path", sa.ForeignKey("lake_file.path"), primary_key=True),
    sa.Column("run_id", sa.ForeignKey("run.id"), primary_key=True, index=True),
)  # fmt: skip

spool_segment = sa.Table(
    "spool_segment", metadata,
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # dlr | mo
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("receipts", sa.BigInteger, nullable=False),
    sa.Column("unmatched", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    # a reference that is none of ours; names of two messages
    sa.Column("forged", sa.BigInteger, nullable=False, default=0, server_default="0"),
    sa.Column("contradicted", sa.BigInteger, nullable=False, default=0, server_default="0"),
    sa.Column("quarantined", sa.Integer, nullable=False),
    moment("drained_at", nullable=False),
)  # fmt: skip

quarantine = sa.Table(
    "quarantine", metadata,  # what arrived and could not be understood; too much or too long lies in the lake
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("segment", sa.String(160), nullable=False),
    sa.Column("gateway", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    moment("at", nullable=False),
)  # fmt: skip
