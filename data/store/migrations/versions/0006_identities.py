"""Which gateway an attempt was made at, and what it promised then; which home this is, and where it sends."""

import secrets

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("attempt", "batch"):
        op.add_column(table, sa.Column("fingerprint", sa.String(length=64), nullable=True))
        op.add_column(table, sa.Column("gateway_class", sa.String(length=2), nullable=True))
    op.add_column("gateway_proof", sa.Column("failed", sa.JSON(), nullable=True))
    _keep_failures()
    op.create_table(
        "home_identity",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("home_id", sa.String(length=32), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("one", name="pk_home_identity"),
    )
    op.create_table(
        "home_epoch",
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("machine", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_home_epoch"),
    )
    op.create_table(
        "home_machine",
        sa.Column("machine", sa.String(length=32), nullable=False),
        sa.Column("added_at", Utc(timezone=True), nullable=False),
        sa.Column("sent_at", Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("machine", name="pk_home_machine"),
    )
    row = {"one": 1, "home_id": secrets.token_hex(16), "counter": 0}
    made = "INSERT INTO home_identity (one, home_id, counter) VALUES (:one, :home_id, :counter)"
    op.get_bind().execute(sa.text(made), row)


def _keep_failures() -> None:
    """A verdict that fell before this was written down stays one."""
    proof = sa.table(
        "gateway_proof", *(sa.column(name) for name in ("gateway", "gateway_class", "verdict", "why")),
        sa.column("failed", sa.JSON),
    )  # fmt: skip
    c = op.get_bind()
    for row in c.execute(sa.select(proof).where(proof.c.verdict == "failed")).all():
        failed = {"class": row.gateway_class, "why": row.why, "from": "G1"}
        c.execute(sa.update(proof).where(proof.c.gateway == row.gateway).values(failed=failed))


def downgrade() -> None:
    for name in ("home_machine", "home_epoch", "home_identity"):
        op.drop_table(name)
    op.drop_column("gateway_proof", "failed")
    for table in ("batch", "attempt"):
        op.drop_column(table, "gateway_class")
        op.drop_column(table, "fingerprint")
