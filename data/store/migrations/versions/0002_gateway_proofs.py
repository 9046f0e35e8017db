"""What the self-test of each gateway showed."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_proof",
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("gateway_class", sa.String(length=2), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("why", sa.String(length=24), nullable=True),
        sa.Column("decided_at", Utc(timezone=True), nullable=True),
        sa.Column("tried_at", Utc(timezone=True), nullable=False),
        sa.Column("heard", sa.String(length=300), nullable=True),
        sa.Column("message_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", name="pk_gateway_proof"),
    )


def downgrade() -> None:
    op.drop_table("gateway_proof")
