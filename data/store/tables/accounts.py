"""Customers, the people who sign in for them, their sessions, and the trace of what they did."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

account = sa.Table(
    "account", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # user | reseller | admin
    sa.Column("parent_id", sa.ForeignKey("account.id")),
    sa.Column("mobile", sa.BigInteger),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
    moment("created_at", nullable=False),
)  # fmt: skip

user = sa.Table(
    "user", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("username", sa.String(64), nullable=False, unique=True),
    sa.Column("display_name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(16), nullable=False, server_default="user"),  # of data.rules.rights
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("language", sa.String(2)),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    moment("blocked_until"),
    moment("last_login_at"),
    moment("created_at", nullable=False),
)  # fmt: skip

session = sa.Table(
    "session", metadata,
    sa.Column("id_hash", sa.String(64), primary_key=True),  # SHA-256 of the opaque cookie value
    sa.Column("user_id", sa.ForeignKey("user.id"), nullable=False),
    sa.Column("acting_account_id", sa.ForeignKey("account.id")),
    sa.Column("address", sa.String(64)),
    moment("created_at", nullable=False),
    moment("seen_at", nullable=False),
    moment("expires_at", nullable=False),
    moment("revoked_at"),
)  # fmt: skip

audit_log = sa.Table(
    "audit_log", metadata,
    sa.Column("id", BigKey, primary_key=True),
    moment("at", nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),  # user:NAME | command | flow:NAME
    sa.Column("account_id", sa.ForeignKey("account.id")),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("subject", sa.String(120)),
    sa.Column("detail", sa.JSON),
)  # fmt: skip
