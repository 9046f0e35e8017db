"""What the self-test of a gateway showed: the verdict that holds, the settings it holds for, the last try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from data.records import audit
from data.store.tables import gateway_proof as table

Verdict = Literal["proven", "failed"]
IDS_KEPT = 20  # of the last test messages, whose receipts may still come
HEARD_MAX_CHARS = 300
LOWEST = "G1"  # the lowest class that claims anything


@dataclass(frozen=True, slots=True)
class Claim:
    """What a test is about: a gateway by name, its class, and the fingerprint of its settings."""

    gateway: str
    gateway_class: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one test showed: a verdict (with `why` when it failed), or what was `heard` when there is none.

    `ids` are the gateway's ids of the messages that it took.
    """

    verdict: Verdict | None
    why: str | None = None
    heard: str | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A contradiction that no test has answered yet; it outlives every change of the settings."""

    gateway_class: str  # whose test failed
    why: str
    believed_below: str  # no class from this one on is believed

    def to_json(self) -> dict[str, str]:
        """Return it as the table keeps it."""
        return {"class": self.gateway_class, "why": self.why, "from": self.believed_below}


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a gateway: the verdict of the last test that had one, and how the last test went."""

    fingerprint: str
    verdict: Verdict | None
    why: str | None
    decided_at: datetime | None
    tried_at: datetime
    heard: str | None
    failed: Failed | None = None


def every(c: Connection) -> dict[str, Proof]:
    """Return what is known of each gateway that was ever tested, by name."""
    return {
        row.gateway: Proof(
            row.fingerprint,
            row.verdict,
            row.why,
            row.decided_at,
            row.tried_at,
            row.heard,
            _failed(row.failed),
        )
        for row in c.execute(sa.select(table))
    }


def begin(c: Connection, claim: Claim, *, now: datetime, unless_since: datetime | None = None) -> bool:
    """Note that a test begins; False when these settings were tested after `unless_since` already.

    Every test costs money, so of several processes that find one due only the first makes it. What was proven
    of other settings is forgotten; what failed is not.
    """
    mine = table.c.gateway == claim.gateway
    same = table.c.fingerprint == claim.fingerprint
    anew = {
        "fingerprint": claim.fingerprint, "gateway_class": claim.gateway_class, "verdict": None, "why": None,
        "decided_at": None, "heard": None, "tried_at": now,
    }  # fmt: skip
    if c.execute(sa.update(table).where(mine, ~same).values(**anew)).rowcount:
        return True
    long_ago = sa.true() if unless_since is None else table.c.tried_at < unless_since
    if c.execute(sa.update(table).where(mine, same, long_ago).values(tried_at=now)).rowcount:
        return True
    if c.scalar(sa.select(table.c.gateway).where(mine)):
        return False
    try:
        with c.begin_nested():
            c.execute(sa.insert(table).values(gateway=claim.gateway, message_ids=[], **anew))
    except IntegrityError:  # another process was quicker
        return False
    return True


def finish(c: Connection, claim: Claim, result: Result, *, actor: str, now: datetime) -> None:
    """Store what a test showed; one that proved nothing leaves the earlier verdict as it was."""
    mine = sa.and_(table.c.gateway == claim.gateway, table.c.fingerprint == claim.fingerprint)
    before = c.scalar(sa.select(table.c.message_ids).where(mine)) or []
    heard = None if result.verdict else (result.heard or "")[:HEARD_MAX_CHARS]
    row: dict[str, Any] = {"message_ids": [*before, *result.ids][-IDS_KEPT:], "heard": heard}
    if result.verdict:
        row |= {"verdict": result.verdict, "why": result.why, "decided_at": now}
        left = _after(_failed(c.scalar(sa.select(table.c.failed).where(mine))), claim, result)
        row["failed"] = left.to_json() if left else None
    c.execute(sa.update(table).where(mine).values(**row))
    detail = {"class": claim.gateway_class, "verdict": result.verdict, "why": result.why}
    audit.write(c, "gateway.test", actor=actor, now=now, subject=claim.gateway, detail=detail)


def _after(before: Failed | None, claim: Claim, result: Result) -> Failed | None:
    """Return what is still failed: a test that passes clears its own class and those below, no higher one."""
    if result.verdict == "failed":
        worst = max(before.gateway_class if before else "", claim.gateway_class)
        return Failed(worst, str(result.why), LOWEST)
    if before and before.gateway_class > claim.gateway_class:
        return Failed(before.gateway_class, before.why, before.gateway_class)
    return None


def _failed(kept: dict[str, str] | None) -> Failed | None:
    return Failed(kept["class"], kept["why"], kept["from"]) if kept else None


def message_ids(c: Connection) -> list[tuple[str, str]]:
    """Return (gateway, its id) of the last test messages."""
    rows = c.execute(sa.select(table.c.gateway, table.c.message_ids))
    return [(row.gateway, gid) for row in rows for gid in row.message_ids]
