"""Unfinished input: what somebody typed into a form and has not sent yet."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

form = sa.Table(
    "form", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("user_id", sa.ForeignKey("user.id"), nullable=False),
    sa.Column("noun", sa.String(40), nullable=False),  # what it will become: campaign, contest, …
    sa.Column("token", sa.String(64), nullable=False, unique=True),  # the idempotency key of what it becomes
    sa.Column("values", sa.JSON, nullable=False),  # field: value
    sa.Column("written", sa.JSON, nullable=False),  # field: the version that wrote it last
    sa.Column("version", sa.Integer, nullable=False, default=1),
    moment("updated_at", nullable=False),
    sa.Column("placed_id", sa.BigInteger),  # what it became; null = still open
    sa.Index("ix_form_owner", "account_id", "user_id", "noun"),
)  # fmt: skip
