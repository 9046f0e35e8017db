"""What gateways are asked for, since they do not bring it."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asking",
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("next_at", Utc(timezone=True), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "what", "subject", name="pk_asking"),
    )


def downgrade() -> None:
    op.drop_table("asking")
