"""Messages that people sent to our lines, as they came, and what was answered."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

inbound = sa.Table(
    "inbound", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("origin", sa.String(200), nullable=False, unique=True),  # its place in the spool
    sa.Column("fingerprint", sa.String(64), unique=True),  # null = nothing tells it from another
    sa.Column("gateway", sa.String(40), nullable=False),
    sa.Column("gid", sa.String(120)),  # the gateway's id
    sa.Column("line", sa.String(40), nullable=False),  # the receiver as the gateway wrote it
    sa.Column("line_id", sa.ForeignKey("line.id")),  # null = no line of that gateway
    sa.Column("account_id", sa.ForeignKey("account.id")),  # whose it is
    sa.Column("sender", sa.String(40), nullable=False),
    sa.Column("msisdn", sa.BigInteger),  # null = not a mobile number: never answered
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("word", sa.String(8)),  # stop | start | help, of data.rules.reserved
    sa.Column("duplicate", sa.Boolean, nullable=False),  # looks like a repetition, and nothing proves it
    moment("received_at", nullable=False),  # ours
    moment("told_at"),  # the operator's
    moment("at", nullable=False),  # the one that counts
    sa.Index("ix_inbound_pair", "msisdn", "line_id", "at"),
    sa.Index("ix_inbound_account", "account_id", "id"),
    sqlite_autoincrement=True,
)  # fmt: skip

reply = sa.Table(
    "reply", metadata,
    sa.Column("inbound_id", sa.ForeignKey("inbound.id"), primary_key=True),  # at most one answer a message
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),  # who pays it
    sa.Column("line_id", sa.ForeignKey("line.id"), nullable=False),
    sa.Column("msisdn", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # waiting | taken | no_credit | dropped
    sa.Column("why", sa.String(24)),  # of one that was dropped: robot, ceiling, blacklist, stopped
    sa.Column("run_id", sa.ForeignKey("run.id")),
    moment("at", nullable=False),
    sa.Index("ix_reply_line", "state", "line_id"),
    sa.Index("ix_reply_pair", "msisdn", "line_id", "at"),
)  # fmt: skip
