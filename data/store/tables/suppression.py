"""Numbers that must not be written to; every claim looks its own numbers up by the index."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

suppression = sa.Table(
    "suppression", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id")),  # null = for everybody
    sa.Column("msisdn", sa.BigInteger, nullable=False),
    sa.Column("why", sa.String(24), nullable=False),  # opt_out | blacklist | operator
    sa.Column("source", sa.String(80), nullable=False),
    moment("at", nullable=False),
    moment("lifted_at"),
    sa.Index("ix_suppression_number", "msisdn", "account_id"),
    sqlite_autoincrement=True,
)  # fmt: skip
