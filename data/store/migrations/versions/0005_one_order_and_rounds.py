"""One order of people for the home, and rounds of slices: their order key instead of a row that moves."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from data.errors import ChaparError
from data.rules.persian import fold
from data.store.population import current
from data.store.tables import home

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIES_MAX = 80
_SLICES = sa.table(
    "slice_taken", sa.column("id"), sa.column("account_id"), sa.column("audience_hash"), sa.column("series"),
    sa.column("row"), sa.column("run_id"), sa.column("round"), sa.column("own"),
)  # fmt: skip


def upgrade() -> None:
    op.bulk_insert(home, [{"key": "order_salt", "value": _salt().hex()}])
    with op.batch_alter_table("slice_taken") as table:
        table.add_column(sa.Column("round", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("last_key", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("own", sa.Boolean(), nullable=True))
    _fill()
    with op.batch_alter_table("slice_taken") as table:
        table.alter_column("round", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("own", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("slice_taken") as table:
        table.drop_column("own")
        table.drop_column("last_key")
        table.drop_column("round")
    op.execute(sa.delete(home).where(home.c.key == "order_salt"))


def _salt() -> bytes:
    """Keep the order that real people have been sent to in; the one of invented people can be guessed."""
    try:
        published = current()
    except ChaparError:  # a damaged snapshot must not keep the rest of the home from going on
        published = None
    return published.salt if published and published.seed is None else secrets.token_bytes(16)


def _fill() -> None:
    """Tell each old slice its round (row 1 began one) and fold its series; whose numbers it took is unknown,
    so that some may have been the account's own.
    """
    c, opened = op.get_bind(), dict[Any, int]()
    for row in c.execute(sa.select(_SLICES).order_by(_SLICES.c.id)).all():
        key = (row.account_id, row.audience_hash)
        if row.row == 1 or key not in opened:
            opened[key] = row.run_id
        series = None if row.series is None else fold(row.series)[:SERIES_MAX] or row.series
        values = {"round": opened[key], "series": series, "own": True}
        c.execute(sa.update(_SLICES).where(_SLICES.c.id == row.id).values(**values))
