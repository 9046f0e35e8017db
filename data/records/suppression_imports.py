"""Lists of numbers that were read into suppression, what came of each, and proofs that ended opt-outs."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.store.operations import inserted_id
from data.store.tables import suppression_import, suppression_proof

LISTED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class NewImport:
    """A list that is about to be read: what its numbers become, why, and which file it is."""

    account_id: int | None
    kind: str
    note: str
    name: str
    sha256: str
    actor: str


@dataclass(frozen=True, slots=True)
class Import:
    """A list and what came of it; once `state` is done, rows = accepted + existing + repeated + rejected."""

    id: int
    account_id: int | None
    kind: str
    note: str
    name: str
    actor: str
    state: str
    rows: int
    accepted: int
    existing: int
    repeated: int
    rejected: int
    rejects: list[dict[str, Any]]
    at: datetime
    done_at: datetime | None


def begin(c: Connection, new: NewImport, *, now: datetime) -> int:
    """Open a list; return its id."""
    none = dict.fromkeys(("rows", "accepted", "existing", "repeated", "rejected"), 0)
    values = asdict(new) | none | {"state": "running", "rejects": [], "at": now}
    return inserted_id(c, sa.insert(suppression_import).values(**values))


def running(c: Connection, import_id: int, *, account_id: int | None) -> Import:
    """Return a list of this owner that is being read, locked; refuse any other as unknown."""
    t = suppression_import.c
    owner = t.account_id.is_(None) if account_id is None else t.account_id == account_id
    query = sa.select(suppression_import).where(t.id == import_id, owner, t.state == "running")
    row = c.execute(query.with_for_update()).first()
    if not row:
        raise Refused(
            "import", f"no list {import_id} is being read; begin it anew", "چنین فهرستی در حال خواندن نیست"
        )
    return _of(row)


def count(c: Connection, import_id: int, *, accepted: int, existing: int) -> None:
    """Add what one piece of a list brought."""
    t = suppression_import.c
    values = {"accepted": t.accepted + accepted, "existing": t.existing + existing}
    c.execute(sa.update(suppression_import).where(t.id == import_id).values(values))


def finish(c: Connection, import_id: int, *, now: datetime, **counts: Any) -> None:
    """Say that a list was read to its end: `rows`, `repeated`, `rejected` and the first `rejects`."""
    done = sa.update(suppression_import).where(suppression_import.c.id == import_id)
    c.execute(done.values(state="done", done_at=now, **counts))


def get(c: Connection, import_id: int) -> Import:
    """Return a list that is known to exist."""
    return _of(c.execute(sa.select(suppression_import).where(suppression_import.c.id == import_id)).one())


def listing(c: Connection, account_id: int | None, *, limit: int, after: int | None = None) -> list[Import]:
    """Return the lists of an owner, newest first, with ids below `after`."""
    t = suppression_import.c
    owner = t.account_id.is_(None) if account_id is None else t.account_id == account_id
    query = sa.select(suppression_import).where(owner)
    query = query if after is None else query.where(t.id < after)
    return [_of(row) for row in c.execute(query.order_by(t.id.desc()).limit(min(limit, LISTED_MAX)))]


def total(c: Connection, account_id: int | None) -> int:
    """Return how many lists an owner has read in."""
    t = suppression_import.c
    owner = t.account_id.is_(None) if account_id is None else t.account_id == account_id
    return int(c.scalar(sa.select(sa.func.count()).select_from(suppression_import).where(owner)) or 0)


def keep_proof(
    c: Connection, name: str, content: bytes, *, account_id: int | None, actor: str, now: datetime
) -> int:
    """Keep a proof as it came; return its id."""
    digest = hashlib.sha256(content).hexdigest()
    values = {"account_id": account_id, "name": name, "content": content, "sha256": digest}
    return inserted_id(c, sa.insert(suppression_proof).values(**values, actor=actor, at=now))


def _of(row: sa.Row[Any]) -> Import:
    return Import(**{name: getattr(row, name) for name in Import.__slots__})
