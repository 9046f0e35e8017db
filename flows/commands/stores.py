"""Whether this home has an operations store: counts and parts must answer where none was made yet."""

from __future__ import annotations


def has_operations() -> bool:
    """Say whether the tables are there; nothing is created by asking."""
    import sqlalchemy as sa

    from data.settings import settings
    from data.store import operations

    if not settings().database_url and not (settings().root / "operations.sqlite").exists():
        return False
    with operations.reading() as c:
        return sa.inspect(c).has_table("account")
