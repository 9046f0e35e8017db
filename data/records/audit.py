"""The append-only trace of what people and commands did (R16.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.store.tables import audit_log


def write(
    c: Connection, action: str, *, actor: str, now: datetime,
    account_id: int | None = None, subject: str | None = None, detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Add one line to the trace; `detail` must hold no number, name or secret."""
    c.execute(
        sa.insert(audit_log).values(
            at=now, actor=actor, account_id=account_id, action=action, subject=subject, detail=detail
        )
    )
