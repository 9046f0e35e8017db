"""Gateways, the lines (sender numbers) that they carry for an account, and who else may send from a line."""

import sqlalchemy as sa

from data.store.tables.base import BigKey, metadata, moment

gateway = sa.Table(
    "gateway", metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("adapter", sa.String(40), nullable=False),
    # gateways.config.GatewaySettings; holds secrets, never logged
    sa.Column("settings", sa.JSON, nullable=False),
    moment("created_at", nullable=False),
    moment("changed_at", nullable=False),
)  # fmt: skip

gateway_proof = sa.Table(
    "gateway_proof", metadata,  # what its self-test showed, a row a gateway; also of CHAPAR_GATEWAYS
    sa.Column("gateway", sa.String(40), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # of the settings that were tested
    sa.Column("gateway_class", sa.String(2), nullable=False),  # the class they claim
    sa.Column("verdict", sa.String(8)),  # proven | failed; null = no test decided anything yet
    sa.Column("why", sa.String(24)),  # of a failure: a key of gateways.proofs.WHY
    moment("decided_at"),
    moment("tried_at", nullable=False),
    # {"class", "why", "from"}: the class that failed, and from which one on none is believed
    sa.Column("failed", sa.JSON),
    sa.Column("heard", sa.String(300)),  # what the last test met, where it proved nothing
    sa.Column("message_ids", sa.JSON, nullable=False),  # the gateway's ids of the last test messages
)  # fmt: skip

line = sa.Table(
    "line", metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),  # the sender number or name
    sa.Column("gateway", sa.ForeignKey("gateway.name"), nullable=False),
    sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # ad | service
    sa.Column("price_rials", sa.BigInteger, nullable=False),  # a Persian (UCS-2) part
    sa.Column("latin_price_rials", sa.BigInteger, nullable=False),  # a Latin (GSM-7) part
    sa.Column("cost_rials", sa.BigInteger, nullable=False),  # what the gateway bills for a part
    sa.Column("ucs2_part_units", sa.Integer, nullable=False, default=67),  # 66 on some Iranian lines
    sa.Column("refund_policy", sa.String(16), nullable=False, default="send_base"),  # | delivery_base
    sa.Column("window_from", sa.String(5)),  # HH:MM civil time; null = any hour
    sa.Column("window_to", sa.String(5)),
    sa.Column("supports_demographic", sa.Boolean, nullable=False, default=True),
    # what the number can: receive at all, show at once, carry a user data header, a business card
    sa.Column("can_receive", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("can_flash", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("can_udh", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("can_vcard", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("stopped_why", sa.String(300)),
    moment("stopped_at"),
    moment("created_at", nullable=False),
)  # fmt: skip

line_share = sa.Table(
    "line_share", metadata,  # accounts that may send from a line beside its owner
    sa.Column("line_id", sa.ForeignKey("line.id"), primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id"), primary_key=True, index=True),
    sa.Column("actor", sa.String(80), nullable=False),
    moment("at", nullable=False),
)  # fmt: skip
