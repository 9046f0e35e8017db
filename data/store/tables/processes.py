"""Which of our processes live, where they answer, and when they last said so."""

import sqlalchemy as sa

from data.store.tables.base import metadata, moment

process = sa.Table(
    "process", metadata,
    sa.Column("name", sa.String(80), primary_key=True),  # receiver, simulator:NAME, dispatch, prefect, …
    sa.Column("address", sa.String(200)),
    sa.Column("host", sa.String(80), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("pid_started", sa.String(32), nullable=False),
    sa.Column("note", sa.String(300)),
    moment("seen_at", nullable=False),
)  # fmt: skip

home = sa.Table(
    "home", metadata,  # facts about this installation, one row a key
    sa.Column("key", sa.String(40), primary_key=True),  # demo, secret, population
    sa.Column("value", sa.JSON, nullable=False),
)  # fmt: skip
