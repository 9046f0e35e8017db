"""Roles of people, what was done once under a key, and forms that are not sent yet."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import BigKey, Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("role", sa.String(length=16), nullable=False, server_default="user"))
    # until now a person had the role of the account
    op.execute(
        'UPDATE "user" SET role = (SELECT account.role FROM account WHERE account.id = "user".account_id)'
    )
    op.create_table(
        "done_once",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("shape", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_done_once"),
    )
    op.create_table(
        "form",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("user_id", BigKey, nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Utc(timezone=True), nullable=False),
        sa.Column("placed_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_form_account_id_account"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_form_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_form"),
        sa.UniqueConstraint("token", name="uq_form_token"),
    )
    op.create_index("ix_form_owner", "form", ["account_id", "user_id", "noun"])


def downgrade() -> None:
    op.drop_index("ix_form_owner", table_name="form")
    op.drop_table("form")
    op.drop_table("done_once")
    op.drop_column("user", "role")
