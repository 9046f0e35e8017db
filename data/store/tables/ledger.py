"""Double-entry books in integer rial (protocol.md 2.2, 2.3). Entries are never changed or deleted."""

import sqlalchemy as sa

from data.store.tables.base import metadata, moment

ledger_account = sa.Table(
    "ledger_account", metadata,
    sa.Column("id", sa.String(80), primary_key=True),  # cust:7:avail, revenue:sms, …
    sa.Column("account_id", sa.ForeignKey("account.id")),
    sa.Column("floor0", sa.Boolean, nullable=False),
    sa.Column("balance_rials", sa.BigInteger, nullable=False, default=0),  # credits - debits
    sa.CheckConstraint("NOT floor0 OR balance_rials >= 0", name="floor0"),
)  # fmt: skip

ledger_entry = sa.Table(
    "ledger_entry", metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("debit", sa.ForeignKey("ledger_account.id"), nullable=False, index=True),
    sa.Column("credit", sa.ForeignKey("ledger_account.id"), nullable=False, index=True),
    sa.Column("amount_rials", sa.BigInteger, nullable=False),
    sa.Column("run_id", sa.ForeignKey("run.id"), index=True),
    sa.Column("batch_id", sa.ForeignKey("batch.id"), index=True),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("note", sa.String(300)),
    moment("at", nullable=False),
    sa.CheckConstraint("amount_rials > 0", name="amount"),
    sa.CheckConstraint("debit <> credit", name="two_sides"),
)  # fmt: skip
