"""Receipts that prove nothing are counted: forged, contradicted, waiting for a lost set."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COUNTS = (("lake_file", "waiting"), ("spool_segment", "forged"), ("spool_segment", "contradicted"))


def upgrade() -> None:
    for table, name in COUNTS:
        op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table, name in reversed(COUNTS):
        op.drop_column(table, name)
