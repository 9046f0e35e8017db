"""Which home this is, on which machines it sends, and each time a person released it."""

import sqlalchemy as sa

from data.store.tables.base import metadata, moment

home_identity = sa.Table(
    "home_identity", metadata,  # one row
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("home_id", sa.String(32), nullable=False),
    sa.Column("counter", sa.BigInteger, nullable=False),  # rises with every claim
    sa.Column("epoch", sa.String(32)),  # of the last release; null = none yet
)  # fmt: skip

home_epoch = sa.Table(
    "home_epoch", metadata,
    sa.Column("epoch", sa.String(32), primary_key=True),  # random: a copy taken before cannot have it
    sa.Column("machine", sa.String(32), nullable=False),
    sa.Column("why", sa.String(300), nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False),  # something may have been sent that no row tells of
    moment("at", nullable=False),
)  # fmt: skip

home_machine = sa.Table(
    "home_machine", metadata,  # where it may send
    sa.Column("machine", sa.String(32), primary_key=True),  # random, kept outside the home
    moment("added_at", nullable=False),
    moment("sent_at"),
)  # fmt: skip
