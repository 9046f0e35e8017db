"""Alembic migrations of the operations store; `head.py` names the newest."""
