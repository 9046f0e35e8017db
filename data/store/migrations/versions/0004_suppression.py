"""Why a number is suppressed, by whom, by which message or list; what ends it; and what a run is for."""

import sqlalchemy as sa
from alembic import op

from data.store.tables.base import BigKey, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
REFERENCES = {"line_id": "line", "import_id": "suppression_import", "proof_id": "suppression_proof"}
PLAIN = {
    "actor": sa.String(80), "note": sa.String(300), "inbound_id": sa.BigInteger(),
    "lifted_by": sa.String(80), "lifted_note": sa.String(300), "lifted_inbound_id": sa.BigInteger(),
}  # fmt: skip


def upgrade() -> None:
    _imports()
    _proofs()
    for name, kind in PLAIN.items():
        op.add_column("suppression", sa.Column(name, kind, nullable=True))
    key = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for name, table in REFERENCES.items():  # written out: SQLite takes a reference with its column only
        op.execute(
            f"ALTER TABLE suppression ADD COLUMN {name} {key} "
            f"CONSTRAINT fk_suppression_{name}_{table} REFERENCES {table} (id)"
        )
    op.create_index("ix_suppression_account", "suppression", ["account_id", "id"])
    op.add_column("run", sa.Column("purpose", sa.String(8), nullable=False, server_default="service"))
    op.execute(
        "UPDATE run SET purpose = 'advert' WHERE campaign_id IN (SELECT id FROM campaign WHERE advertising)"
    )


def _imports() -> None:
    op.create_table(
        "suppression_import",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("existing", sa.BigInteger(), nullable=False),
        sa.Column("repeated", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("rejects", sa.JSON(), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.Column("done_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_suppression_import_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suppression_import"),
    )


def _proofs() -> None:
    op.create_table(
        "suppression_proof",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_suppression_proof_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suppression_proof"),
    )


def downgrade() -> None:
    op.drop_column("run", "purpose")
    op.drop_index("ix_suppression_account", table_name="suppression")
    with op.batch_alter_table("suppression", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name, table in REFERENCES.items():
            batch.drop_constraint(f"fk_suppression_{name}_{table}", type_="foreignkey")
            batch.drop_column(name)
        for name in PLAIN:
            batch.drop_column(name)
    op.drop_table("suppression_proof")
    op.drop_table("suppression_import")
