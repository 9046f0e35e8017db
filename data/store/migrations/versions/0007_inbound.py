"""Messages that came in and what was answered; lines that several accounts share, and what a line can."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import BigKey, Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
CAN = {"can_receive": sa.true(), "can_flash": sa.false(), "can_udh": sa.false(), "can_vcard": sa.false()}


def upgrade() -> None:
    for name, usual in CAN.items():
        op.add_column("line", sa.Column(name, sa.Boolean(), nullable=False, server_default=usual))
    op.create_table(
        "line_share",
        sa.Column("line_id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_line_share_line_id_line"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_line_share_account_id_account"),
        sa.PrimaryKeyConstraint("line_id", "account_id", name="pk_line_share"),
    )
    op.create_index("ix_line_share_account_id", "line_share", ["account_id"])
    _inbound()
    _reply()


def _inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.Column("gateway", sa.String(40), nullable=False),
        sa.Column("gid", sa.String(120), nullable=True),
        sa.Column("line", sa.String(40), nullable=False),
        sa.Column("line_id", BigKey, nullable=True),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("sender", sa.String(40), nullable=False),
        sa.Column("msisdn", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("word", sa.String(8), nullable=True),
        sa.Column("duplicate", sa.Boolean(), nullable=False),
        sa.Column("received_at", Utc(timezone=True), nullable=False),
        sa.Column("told_at", Utc(timezone=True), nullable=True),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_inbound_line_id_line"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_inbound_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        sa.UniqueConstraint("origin", name="uq_inbound_origin"),
        sa.UniqueConstraint("fingerprint", name="uq_inbound_fingerprint"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbound_pair", "inbound", ["msisdn", "line_id", "at"])
    op.create_index("ix_inbound_account", "inbound", ["account_id", "id"])


def _reply() -> None:
    op.create_table(
        "reply",
        sa.Column("inbound_id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("line_id", BigKey, nullable=False),
        sa.Column("msisdn", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("why", sa.String(24), nullable=True),
        sa.Column("run_id", BigKey, nullable=True),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_reply_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reply_account_id_account"),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_reply_line_id_line"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_reply_run_id_run"),
        sa.PrimaryKeyConstraint("inbound_id", name="pk_reply"),
    )
    op.create_index("ix_reply_line", "reply", ["state", "line_id"])
    op.create_index("ix_reply_pair", "reply", ["msisdn", "line_id", "at"])


def downgrade() -> None:
    op.drop_table("reply")
    op.drop_table("inbound")
    op.drop_table("line_share")
    for name in CAN:
        op.drop_column("line", name)
