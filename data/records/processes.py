"""Which processes of ours live and where they answer; facts about this home (secret, demo)."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data.store.tables import home, process


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that can be proven gone: host, pid and the moment the kernel started it."""

    host: str
    pid: int
    started: str


@cache
def _owner_of(pid: int) -> Owner:
    return Owner(socket.gethostname(), pid, started_at(pid) or "")


def this_process() -> Owner:
    """Return who we are."""
    return _owner_of(os.getpid())


def started_at(pid: int) -> str | None:
    """Return the kernel's start time of a living process (ticks since boot), or None when it is gone."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else start_ticks


def is_gone(owner: Owner) -> bool:
    """Say whether an owner on this host no longer exists; about other hosts nothing is known."""
    return owner.host == socket.gethostname() and started_at(owner.pid) != owner.started


def announce(
    c: Connection, name: str, *, now: datetime, address: str | None = None, note: str | None = None
) -> None:
    """Say that this process lives under a name, and where it answers; also its heartbeat."""
    me = this_process()
    row = {
        "address": address,
        "host": me.host,
        "pid": me.pid,
        "pid_started": me.started,
        "note": note,
        "seen_at": now,
    }
    if c.execute(sa.update(process).where(process.c.name == name).values(**row)).rowcount == 0:
        c.execute(sa.insert(process).values(name=name, **row))


def is_mine(c: Connection, name: str) -> bool:
    """Say whether it was this process that last announced itself under a name."""
    row = c.execute(sa.select(process).where(process.c.name == name)).first()
    return row is not None and Owner(row.host, row.pid, row.pid_started) == this_process()


def withdraw(c: Connection, name: str) -> None:
    """Say that nothing lives under this name any more."""
    c.execute(sa.delete(process).where(process.c.name == name))


def address_of(c: Connection, name: str) -> str | None:
    """Return where a living process of that name answers, or None."""
    row = c.execute(sa.select(process).where(process.c.name == name)).first()
    if not row or is_gone(Owner(row.host, row.pid, row.pid_started)):
        return None
    return str(row.address) if row.address else None


def listing(c: Connection) -> list[dict[str, Any]]:
    """Return every announced process with whether it still lives."""
    rows = c.execute(sa.select(process).order_by(process.c.name)).mappings()
    return [
        dict(row) | {"alive": not is_gone(Owner(row["host"], row["pid"], row["pid_started"]))} for row in rows
    ]


def fact(c: Connection, key: str, *, lock: bool = False) -> Any:
    """Return a stored fact about this home, or None; `lock` keeps it as it is until the end."""
    query = sa.select(home.c.value).where(home.c.key == key)
    return c.scalar(query.with_for_update() if lock else query)


def set_fact(c: Connection, key: str, value: Any) -> None:
    """Store a fact about this home."""
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    statement = insert(home).values(key=key, value=value)
    c.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def secret(c: Connection) -> bytes:
    """Return this home's secret of 32 bytes, made by the first migration (references)."""
    return bytes.fromhex(fact(c, "secret"))


def order_salt(c: Connection) -> bytes:
    """Return the secret of 16 bytes that orders everybody in this home, in every population it builds."""
    return bytes.fromhex(fact(c, "order_salt"))
