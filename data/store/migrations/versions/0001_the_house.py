"""The first tables: accounts, lines, campaigns, batches, ledger, lake, suppression, processes."""

import secrets

import sqlalchemy as sa
from alembic import op

from data.store.migrations.append_only import protect
from data.store.tables import home
from data.store.tables.base import BigKey, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
APPEND_ONLY = ("ledger_entry", "audit_log", "evidence")


def upgrade() -> None:
    _account()
    _gateway()
    _home()
    _process()
    _quarantine()
    _spool_segment()
    _audit_log()
    _ledger_account()
    _line()
    _suppression()
    _user()
    _campaign()
    _session()
    _run()
    _batch()
    _lake_file()
    _slice_taken()
    _attempt()
    _evidence()
    _lake_file_run()
    _ledger_entry()
    for table in APPEND_ONLY:
        protect(table)
    op.bulk_insert(home, [{"key": "secret", "value": secrets.token_hex(32)}])


def downgrade() -> None:
    op.drop_index("ix_ledger_entry_run_id", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_debit", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_credit", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_batch_id", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_index("ix_lake_file_run_run_id", table_name="lake_file_run")
    op.drop_table("lake_file_run")
    op.drop_index("ix_evidence_batch_id", table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("attempt")
    op.drop_index("ix_slice_taken_series", table_name="slice_taken")
    op.drop_index("ix_slice_taken_audience", table_name="slice_taken")
    op.drop_table("slice_taken")
    op.drop_index("ix_lake_file_kind", table_name="lake_file")
    op.drop_table("lake_file")
    op.drop_index("ix_batch_due", table_name="batch")
    op.drop_table("batch")
    op.drop_index("ix_run_state", table_name="run")
    op.drop_table("run")
    op.drop_table("session")
    op.drop_index("ix_campaign_due", table_name="campaign")
    op.drop_table("campaign")
    op.drop_table("user")
    op.drop_index("ix_suppression_number", table_name="suppression")
    op.drop_table("suppression")
    op.drop_table("line")
    op.drop_table("ledger_account")
    op.drop_table("audit_log")
    op.drop_table("spool_segment")
    op.drop_table("quarantine")
    op.drop_table("process")
    op.drop_table("home")
    op.drop_table("gateway")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION IF EXISTS refuse_change()"))


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("parent_id", BigKey, nullable=True),
        sa.Column("mobile", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name="fk_account_parent_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )


def _gateway() -> None:
    op.create_table(
        "gateway",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("adapter", sa.String(length=40), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.Column("changed_at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_gateway"),
    )


def _home() -> None:
    op.create_table(
        "home",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_home"),
    )


def _process() -> None:
    op.create_table(
        "process",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("host", sa.String(length=80), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("seen_at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_process"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("segment", sa.String(length=160), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
    )


def _spool_segment() -> None:
    op.create_table(
        "spool_segment",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("unmatched", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("drained_at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_spool_segment"),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_audit_log_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )


def _ledger_account() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("floor0", sa.Boolean(), nullable=False),
        sa.Column("balance_rials", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("NOT floor0 OR balance_rials >= 0", name="ck_ledger_account_floor0"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_ledger_account_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_account"),
    )


def _line() -> None:
    op.create_table(
        "line",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("latin_price_rials", sa.BigInteger(), nullable=False),
        sa.Column("cost_rials", sa.BigInteger(), nullable=False),
        sa.Column("ucs2_part_units", sa.Integer(), nullable=False),
        sa.Column("refund_policy", sa.String(length=16), nullable=False),
        sa.Column("window_from", sa.String(length=5), nullable=True),
        sa.Column("window_to", sa.String(length=5), nullable=True),
        sa.Column("supports_demographic", sa.Boolean(), nullable=False),
        sa.Column("stopped_why", sa.String(length=300), nullable=True),
        sa.Column("stopped_at", Utc(timezone=True), nullable=True),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_line_account_id_account"),
        sa.ForeignKeyConstraint(["gateway"], ["gateway.name"], name="fk_line_gateway_gateway"),
        sa.PrimaryKeyConstraint("id", name="pk_line"),
        sa.UniqueConstraint("name", name="uq_line_name"),
    )


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=True),
        sa.Column("msisdn", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.Column("lifted_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_suppression_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suppression_number", "suppression", ["msisdn", "account_id"], unique=False)


def _user() -> None:
    op.create_table(
        "user",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", Utc(timezone=True), nullable=True),
        sa.Column("last_login_at", Utc(timezone=True), nullable=True),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_user_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("username", name="uq_user_username"),
    )


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("line_id", BigKey, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("advertising", sa.Boolean(), nullable=False),
        sa.Column("start_at", Utc(timezone=True), nullable=True),
        sa.Column("recurrence", sa.JSON(), nullable=True),
        sa.Column("quiet_hours", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("next_due_at", Utc(timezone=True), nullable=True),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_campaign_account_id_account"),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_campaign_line_id_line"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("account_id", "token", name="uq_campaign_account_id"),
    )
    op.create_index("ix_campaign_due", "campaign", ["state", "next_due_at"], unique=False)


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigKey, nullable=False),
        sa.Column("acting_account_id", BigKey, nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.Column("seen_at", Utc(timezone=True), nullable=False),
        sa.Column("expires_at", Utc(timezone=True), nullable=False),
        sa.Column("revoked_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acting_account_id"], ["account.id"], name="fk_session_acting_account_id_account"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_session_user_id_user"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("campaign_id", BigKey, nullable=False),
        sa.Column("occurrence_key", sa.String(length=80), nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("line_id", BigKey, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unknown_policy", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=True),
        sa.Column("set_sha256", sa.String(length=64), nullable=True),
        sa.Column("set_path", sa.String(length=300), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("cost_rials", sa.BigInteger(), nullable=False),
        sa.Column("by_operator", sa.JSON(), nullable=True),
        sa.Column("waterfall", sa.JSON(), nullable=True),
        sa.Column("audience_hash", sa.String(length=64), nullable=True),
        sa.Column("tariff", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quiet_hours", sa.JSON(), nullable=True),
        sa.Column("suppression_seen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=True),
        sa.Column("settlements", sa.Integer(), nullable=False),
        sa.Column("settle_at", Utc(timezone=True), nullable=True),
        sa.Column("due_at", Utc(timezone=True), nullable=False),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.Column("started_at", Utc(timezone=True), nullable=True),
        sa.Column("cancel_at", Utc(timezone=True), nullable=True),
        sa.Column("closed_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_run_account_id_account"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_run_campaign_id_campaign"),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name="fk_run_line_id_line"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("campaign_id", "occurrence_key", name="uq_run_campaign_id"),
    )
    op.create_index("ix_run_state", "run", ["state"], unique=False)


def _batch() -> None:
    op.create_table(
        "batch",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("pos_from", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("amb", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("owner_host", sa.String(length=80), nullable=True),
        sa.Column("owner_pid", sa.Integer(), nullable=True),
        sa.Column("owner_started", sa.String(length=32), nullable=True),
        sa.Column("ref", sa.String(length=48), nullable=False),
        sa.Column("suppressed", sa.JSON(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lease_until", Utc(timezone=True), nullable=True),
        sa.Column("quiet_at", Utc(timezone=True), nullable=True),
        sa.Column("ready_at", Utc(timezone=True), nullable=False),
        sa.Column("first_sent_at", Utc(timezone=True), nullable=True),
        sa.Column("horizon_at", Utc(timezone=True), nullable=True),
        sa.Column("settled_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_batch_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.UniqueConstraint("ref", name="uq_batch_ref"),
        sa.UniqueConstraint("run_id", "seq", name="uq_batch_run_id"),
    )
    op.create_index("ix_batch_due", "batch", ["state", "seq", "ready_at"], unique=False)


def _lake_file() -> None:
    op.create_table(
        "lake_file",
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("run_id", BigKey, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("unmatched", sa.BigInteger(), nullable=False),
        sa.Column("rematched_at", Utc(timezone=True), nullable=True),
        sa.Column("created_at", Utc(timezone=True), nullable=False),
        sa.Column("retired_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_lake_file_run_id_run"),
        sa.PrimaryKeyConstraint("path", name="pk_lake_file"),
    )
    op.create_index("ix_lake_file_kind", "lake_file", ["kind", "run_id"], unique=False)


def _slice_taken() -> None:
    op.create_table(
        "slice_taken",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("account_id", BigKey, nullable=False),
        sa.Column("audience_hash", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=True),
        sa.Column("series", sa.String(length=80), nullable=True),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_slice_taken_account_id_account"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_slice_taken_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_slice_taken"),
    )
    op.create_index("ix_slice_taken_audience", "slice_taken", ["account_id", "audience_hash"], unique=False)
    op.create_index("ix_slice_taken_series", "slice_taken", ["account_id", "series"], unique=False)


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("batch_id", BigKey, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=True),
        sa.Column("body_head", sa.Text(), nullable=True),
        sa.Column("claimed_at", Utc(timezone=True), nullable=False),
        sa.Column("answered_at", Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_attempt_batch_id_batch"),
        sa.PrimaryKeyConstraint("batch_id", "n", name="pk_attempt"),
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("batch_id", BigKey, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_evidence_batch_id_batch"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_batch_id", "evidence", ["batch_id"], unique=False)


def _lake_file_run() -> None:
    op.create_table(
        "lake_file_run",
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.ForeignKeyConstraint(["path"], ["lake_file.path"], name="fk_lake_file_run_path_lake_file"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_lake_file_run_run_id_run"),
        sa.PrimaryKeyConstraint("path", "run_id", name="pk_lake_file_run"),
    )
    op.create_index("ix_lake_file_run_run_id", "lake_file_run", ["run_id"], unique=False)


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("debit", sa.String(length=80), nullable=False),
        sa.Column("credit", sa.String(length=80), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("run_id", BigKey, nullable=True),
        sa.Column("batch_id", BigKey, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.CheckConstraint("amount_rials > 0", name="ck_ledger_entry_amount"),
        sa.CheckConstraint("debit <> credit", name="ck_ledger_entry_two_sides"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_ledger_entry_batch_id_batch"),
        sa.ForeignKeyConstraint(
            ["credit"], ["ledger_account.id"], name="fk_ledger_entry_credit_ledger_account"
        ),
        sa.ForeignKeyConstraint(
            ["debit"], ["ledger_account.id"], name="fk_ledger_entry_debit_ledger_account"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_ledger_entry_run_id_run"),
        sa.PrimaryKeyConstraint("key", name="pk_ledger_entry"),
    )
    op.create_index("ix_ledger_entry_batch_id", "ledger_entry", ["batch_id"], unique=False)
    op.create_index("ix_ledger_entry_credit", "ledger_entry", ["credit"], unique=False)
    op.create_index("ix_ledger_entry_debit", "ledger_entry", ["debit"], unique=False)
    op.create_index("ix_ledger_entry_run_id", "ledger_entry", ["run_id"], unique=False)
