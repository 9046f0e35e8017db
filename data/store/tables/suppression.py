"""Numbers that must not be written to (each claim looks its own up by the index); the lists they came by, and
what proves that somebody may be written to again.
"""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

suppression = sa.Table(
    "suppression", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id")),  # null = for everybody
    sa.Column("msisdn", sa.BigInteger, nullable=False),
    sa.Column("why", sa.String(24), nullable=False),  # opt_out | blacklist | operator
    sa.Column("source", sa.String(80), nullable=False),  # page | command | import | inbound
    moment("at", nullable=False),
    moment("lifted_at"),
    sa.Column("line_id", sa.ForeignKey("line.id")),  # the line an opt-out was said to; null = all lines
    sa.Column("actor", sa.String(80)),  # who entered it; null = entered before this was kept
    sa.Column("note", sa.String(300)),  # the reason, as it was given
    sa.Column("inbound_id", sa.BigInteger),  # the message of the person that caused it
    sa.Column("import_id", sa.ForeignKey("suppression_import.id")),
    sa.Column("lifted_by", sa.String(80)),
    sa.Column("lifted_note", sa.String(300)),
    sa.Column("lifted_inbound_id", sa.BigInteger),  # the message of the person that ended it
    sa.Column("proof_id", sa.ForeignKey("suppression_proof.id")),  # what somebody else ended it on
    sa.Index("ix_suppression_number", "msisdn", "account_id"),
    sa.Index("ix_suppression_account", "account_id", "id"),
    sqlite_autoincrement=True,
)  # fmt: skip

suppression_import = sa.Table(
    "suppression_import", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id")),  # null = for everybody
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("note", sa.String(300), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),  # of the file
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # running | done
    # rows = accepted + existing + repeated + rejected, once it is done
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("accepted", sa.BigInteger, nullable=False),
    sa.Column("existing", sa.BigInteger, nullable=False),
    sa.Column("repeated", sa.BigInteger, nullable=False),
    sa.Column("rejected", sa.BigInteger, nullable=False),
    sa.Column("rejects", sa.JSON, nullable=False),  # the first of them: line, input, reason
    moment("at", nullable=False),
    moment("done_at"),
)  # fmt: skip

suppression_proof = sa.Table(
    "suppression_proof", metadata,  # kept as it came: who ends somebody's opt-out must be able to show why
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id")),
    sa.Column("name", sa.String(200), nullable=False),  # of the file; empty where it was typed
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    moment("at", nullable=False),
)  # fmt: skip
