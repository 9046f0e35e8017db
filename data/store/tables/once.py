"""What was done under a key: an idempotency key of any door, unique in its account."""

import sqlalchemy as sa

from data.store.tables.base import metadata, moment

done_once = sa.Table(
    "done_once", metadata,
    sa.Column("scope", sa.String(20), primary_key=True),  # the account's id, or home
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),  # the use case
    sa.Column("shape", sa.String(64), nullable=False),  # SHA-256 of what was asked
    sa.Column("answer", sa.JSON),
    moment("at", nullable=False),
)  # fmt: skip
