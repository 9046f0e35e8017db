"""Campaigns (orders to send), their runs (occurrences), and the slices already taken of a set."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

campaign = sa.Table(
    "campaign", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("line_id", sa.ForeignKey("line.id"), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),  # quick | file | bts | gender_age | … | area
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),  # the tree of cli.md, uploads instead of paths
    sa.Column("advertising", sa.Boolean, nullable=False),
    moment("start_at"),  # first occurrence; null = now
    sa.Column("recurrence", sa.JSON),
    sa.Column("quiet_hours", sa.JSON),  # {"from": "21:00", "to": "08:00"} or null = the line's window
    # draft in_review rejected scheduled active paused ended stopped
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),  # idempotency token of the form or call
    sa.Column("created_by", sa.String(80), nullable=False),
    moment("next_due_at"),  # nominal moment of the next occurrence; null = none
    moment("anchor_at"),  # from which occurrences are counted: start_at, else the first one; null = a draft
    # what one occurrence costs as last known, what is held for the next one now, how often something was held
    sa.Column("quoted_rials", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("held_rials", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("holds", sa.Integer, nullable=False, server_default="0"),
    moment("created_at", nullable=False),
    sa.UniqueConstraint("account_id", "token"),
    sa.Index("ix_campaign_due", "state", "next_due_at"),
)  # fmt: skip

run = sa.Table(
    "run", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaign.id"), nullable=False),
    sa.Column("occurrence_key", sa.String(80), nullable=False),  # nominal local time, or the form's token
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("line_id", sa.ForeignKey("line.id"), nullable=False),
    sa.Column("gateway", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # ad | service: the line's
    # of data.rules.purposes: whom it must not reach
    sa.Column("purpose", sa.String(8), nullable=False, server_default="service"),
    sa.Column("unknown_policy", sa.String(16), nullable=False, default="no_duplicate"),  # | no_loss
    sa.Column("snapshot", sa.String(64)),  # population the set was chosen from; null = own numbers only
    sa.Column("set_sha256", sa.String(64)),
    sa.Column("set_path", sa.String(300)),  # relative to the lake
    sa.Column("n", sa.BigInteger, nullable=False, default=0),
    sa.Column("parts", sa.BigInteger, nullable=False, default=0),
    sa.Column("cost_rials", sa.BigInteger, nullable=False, default=0),  # what its set costs
    sa.Column("held_rials", sa.BigInteger, nullable=False, server_default="0"),  # what was reserved: no less
    # what its account is told until all of it was sent: n, parts, cost_rials, by_operator, waterfall,
    # at_most; null = the figures above
    sa.Column("bound", sa.JSON),
    sa.Column("by_operator", sa.JSON),
    sa.Column("waterfall", sa.JSON),
    sa.Column("audience_hash", sa.String(64)),
    # snapshot of the line's prices, cost, part rule, refund policy
    sa.Column("tariff", sa.JSON, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("quiet_hours", sa.JSON),  # {"from", "to"}: no batch starts then
    # highest suppression id at build
    sa.Column("suppression_seen", sa.BigInteger, nullable=False, default=0),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("why", sa.String(500)),
    sa.Column("settlements", sa.Integer, nullable=False, default=0),  # k of run:{id}:settle:{k}
    moment("settle_at"),  # when refunds are next computed; null = nothing open
    moment("due_at", nullable=False),
    moment("created_at", nullable=False),
    moment("started_at"),
    moment("cancel_at"),
    moment("closed_at"),
    sa.UniqueConstraint("campaign_id", "occurrence_key"),
    sa.Index("ix_run_state", "state"),
)  # fmt: skip

slice_taken = sa.Table(
    "slice_taken", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    # the tree of its kind, without row, count, series, again
    sa.Column("audience_hash", sa.String(64), nullable=False),
    sa.Column("snapshot", sa.String(64)),
    sa.Column("series", sa.String(80)),  # folded
    sa.Column("round", sa.BigInteger, nullable=False),  # of this audience_hash: the run that began it
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("taken", sa.BigInteger, nullable=False),
    sa.Column("last_key", sa.String(16)),  # order key (hex) of the last person looked at; null = not kept
    sa.Column("own", sa.Boolean, nullable=False),  # some of the audience were own numbers
    sa.Column("run_id", sa.ForeignKey("run.id"), nullable=False),
    moment("at", nullable=False),
    sa.Index("ix_slice_taken_audience", "account_id", "audience_hash"),
    sa.Index("ix_slice_taken_series", "account_id", "series"),
)  # fmt: skip
