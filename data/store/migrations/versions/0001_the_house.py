"""The first tables: accounts, lines, campaigns, batches, ledger, lake, suppression, processes."""

import secrets

import sqlalchemy as sa
from alembic import op

from data.store.migrations.append_only import protect
from data.store.tables import home, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    for table in ("ledger_entry", "audit_log", "evidence"):
        protect(table)
    op.bulk_insert(home, [{"key": "secret", "value": secrets.token_hex(32)}])


def downgrade() -> None:
    bind = op.get_bind()
    metadata.drop_all(bind)
    if bind.dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION IF EXISTS refuse_change()"))
