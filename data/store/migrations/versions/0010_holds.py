"""What campaigns hold for their next occurrence, and from when their occurrences are counted."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("anchor_at", Utc(timezone=True), nullable=True))
    for name, kind in (
        ("quoted_rials", sa.BigInteger()), ("held_rials", sa.BigInteger()), ("holds", sa.Integer()),
    ):  # fmt: skip
        op.add_column("campaign", sa.Column(name, kind, nullable=False, server_default="0"))
    # until now occurrences were counted from when the order was made: what has begun goes on as it began
    op.execute(
        "UPDATE campaign SET anchor_at = COALESCE(start_at, "
        "(SELECT MIN(run.due_at) FROM run WHERE run.campaign_id = campaign.id), next_due_at) "
        "WHERE state <> 'draft'"
    )


def downgrade() -> None:
    for name in ("holds", "held_rials", "quoted_rials", "anchor_at"):
        op.drop_column("campaign", name)
