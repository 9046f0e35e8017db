"""What a kind meant stands on the leaves of its tree; a run keeps what its account may be told of it, and
what was held for it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPERATOR_OF = {"bts": "irancell", "region_irancell": "irancell", "gender_age": "mci"}
OWN = ("numbers", "file")
CARRY = ("circle", "polygon", "gender_age", "region", "line")  # leaves that name an operator themselves
SHAPES = {"circle": ("lon", "lat", "radius_m"), "polygon": ("geometry",)}


def upgrade() -> None:
    op.add_column("run", sa.Column("bound", sa.JSON, nullable=True))
    op.add_column("run", sa.Column("held_rials", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE run SET held_rials = cost_rials")
    rows = sa.table(
        "campaign", sa.column("id", sa.BigInteger), sa.column("kind", sa.String),
        sa.column("audience", sa.JSON),
    )  # fmt: skip
    c = op.get_bind()
    found = c.execute(sa.select(rows).where(rows.c.kind.in_(list(OPERATOR_OF)))).all()
    for row in found:
        meant = _node(row.audience, row.kind)
        c.execute(sa.update(rows).where(rows.c.id == row.id).values(audience=meant))


def downgrade() -> None:
    op.drop_column("run", "held_rials")
    op.drop_column("run", "bound")


def _node(node: dict[str, Any], kind: str) -> dict[str, Any]:
    if "kind" not in node:
        given = [name for name in ("any", "all", "none") if node.get(name)]
        return node | {name: [_node(one, kind) for one in node[name]] for name in given}
    operator, leaf = OPERATOR_OF[kind], node["kind"]
    if leaf in OWN or leaf == "towers_in":
        return node
    if leaf in CARRY and node.get("operator") in (None, operator):
        if kind == "bts" and leaf in SHAPES:
            shape = {name: node[name] for name in SHAPES[leaf]}
            return {"kind": "towers_in", "shape": {"kind": leaf, **shape}}
        return node | {"operator": operator}
    return {"all": [node, {"kind": "line", "operator": operator}]}
