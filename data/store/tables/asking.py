"""What gateways are asked for, since they do not bring it: when next, and how far the last round came."""

import sqlalchemy as sa

from data.store.tables.base import metadata, moment

asking = sa.Table(
    "asking", metadata,
    sa.Column("gateway", sa.String(40), primary_key=True),
    sa.Column("what", sa.String(8), primary_key=True),  # dlr | mo, as in the spool
    sa.Column("subject", sa.String(40), primary_key=True),  # a run's id | a line's name
    moment("next_at", nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),  # that are over
    sa.Column("after", sa.BigInteger, nullable=False),  # position that this round has come to
)  # fmt: skip
