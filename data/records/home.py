"""The identity of a home: its id, the counter that rises with every claim, its machines, its releases.

What stands in operations is held against what stands outside the home (data.store.outside) by the rule of
data.rules.home.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.rules import home as rule
from data.rules.home import Inside, Outside, Reason
from data.settings import settings
from data.store import operations, outside
from data.store.outside import UnreadableError
from data.store.tables import home_epoch, home_identity, home_machine

DEMO_MARK = ".demo"
NOTE_SENT_EVERY = timedelta(minutes=10)  # that this machine sends; a month is remembered
_noted: dict[tuple[str, str], datetime] = {}  # (home, machine) → when this process last wrote it down


@dataclass(frozen=True, slots=True)
class Standing:
    """A home on this machine: who it is, where its store lies, and why it may not send, if so."""

    home_id: str
    counter: int
    machine: str | None
    where: str
    reason: Reason | None
    is_demo: bool
    outside: Outside | None
    known: bool = False  # this machine stands among those that send

    @property
    def held(self) -> bool:
        """Whether nothing is sent."""
        return self.reason is not None

    def why(self, language: str = "en") -> str | None:
        """Say why nothing is sent and what to do about it; None when it may send."""
        if self.reason is None:
            return None
        pick = int(language == "fa")
        mend = "" if self.reason == "no_place" else rule.MEND[pick]
        return rule.WHY[self.reason][pick] + mend


@dataclass(frozen=True, slots=True)
class Turn:
    """One claim of a home: the counter it raised, to be written outside before anything is sent."""

    standing: Standing
    counter: int
    epoch: str | None
    now: datetime


def standing(c: Connection, *, now: datetime) -> Standing:
    """Look at the home from inside and outside."""
    inside = _inside(c)
    where = _where(c)
    try:
        machine = outside.machine()
        seen = outside.read(inside.home_id)
    except UnreadableError:
        return Standing(inside.home_id, inside.counter, machine, where, "unreadable", inside.is_demo, None)
    except OSError:
        return Standing(inside.home_id, inside.counter, None, where, "no_place", inside.is_demo, None)
    reason = rule.held(inside, seen, machine=machine, where=where, now=now)
    known = machine in inside.machines
    return Standing(inside.home_id, inside.counter, machine, where, reason, inside.is_demo, seen, known)


def take_turn(c: Connection, seen: Standing, *, now: datetime) -> Turn:
    """Raise the counter inside the transaction of a claim, of a home that `standing` found free in it."""
    assert seen.machine is not None, seen
    assert not seen.held, seen.reason
    row = c.execute(_RAISE).one()
    noted = _noted.get((seen.home_id, seen.machine))
    if not seen.known or noted is None or now - noted > NOTE_SENT_EVERY:
        _noted.pop((seen.home_id, seen.machine), None)  # until this is committed
        add_machine(c, seen.machine, now=now, sent=True)
    return Turn(seen, row.counter, row.epoch, now)


def tell_outside(turn: Turn) -> bool:
    """Write a turn's counter outside the home, after its commit and before anything is sent.

    False when nothing may be sent after all: another copy was released or began to send meanwhile.
    """
    seen = turn.standing
    try:
        with outside.locked(seen.home_id) as slot:
            kept = slot.read()
            if kept is not None and not seen.is_demo and not _is_ours(kept, turn):
                return False
            counter = max(turn.counter, kept.counter if kept else 0)
            slot.write(Outside(counter, seen.where, turn.epoch, turn.now))
            _noted.setdefault((seen.home_id, str(seen.machine)), turn.now)
    except (OSError, UnreadableError):
        return False
    return True


def add_machine(c: Connection, machine: str, *, now: datetime, sent: bool = False) -> None:
    """Let a machine send, and remember when it did."""
    values = {"sent_at": now} if sent else {}
    known = home_machine.c.machine == machine
    changed = c.execute(sa.update(home_machine).where(known).values(machine=machine, **values)).rowcount
    if not changed:
        c.execute(sa.insert(home_machine).values(machine=machine, added_at=now, **values))


def add_epoch(c: Connection, epoch: str, *, machine: str, why: str, doubtful: bool, now: datetime) -> None:
    """Begin a new epoch, which no copy taken before can have."""
    row = {"epoch": epoch, "machine": machine, "why": why, "doubtful": doubtful, "at": now}
    c.execute(sa.insert(home_epoch).values(**row))


def go_on_from(c: Connection, counter: int, *, epoch: str) -> None:
    """Set the counter past every one that a copy may have had."""
    c.execute(sa.update(home_identity).values(counter=counter, epoch=epoch))


def doubtful_since(c: Connection) -> datetime | None:
    """Return when this home was last released in doubt: what was due until then a copy may have sent."""
    found: datetime | None = c.scalar(
        sa.select(sa.func.max(home_epoch.c.at, type_=home_epoch.c.at.type)).where(home_epoch.c.doubtful)
    )
    return found


def _is_ours(kept: Outside, turn: Turn) -> bool:
    """Whether what stands outside is of this copy, as it was when the transaction looked or since."""
    seen = turn.standing
    looked = seen.outside.epoch if seen.outside else None
    return kept.where == seen.where and kept.epoch in (None, turn.epoch, looked)


def _inside(c: Connection) -> Inside:
    row = c.execute(_IDENTITY).one()
    epochs = frozenset(c.scalars(sa.select(home_epoch.c.epoch))) if row.epoch else frozenset()
    machines = dict(c.execute(_MACHINES).all())
    is_demo = (settings().root / DEMO_MARK).exists()
    return Inside(row.home_id, row.counter, epochs, machines, is_demo)


def _where(c: Connection) -> str:
    """Name the database itself, not the way to it: path and inode of the file, or the server's own ids."""
    if c.dialect.name == "postgresql":
        return _where_postgres(operations.database_url(), os.getpid())
    file = Path(operations.database_url().removeprefix("sqlite:///")).resolve()
    return f"{file}#{file.stat().st_ino}"


@cache
def _where_postgres(url: str, pid: int) -> str:  # noqa: ARG001
    asked = (
        "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || datname || '#' || oid"
        " FROM pg_database WHERE datname = current_database()"
    )
    with operations.reading() as c:
        found = c.scalar(sa.text(asked))
    if not found:
        raise Refused(
            "CHAPAR_DATABASE_URL", "the database does not tell its identity",
            "پایگاه داده هویت خود را نمی‌گوید",
        )  # fmt: skip
    return f"postgresql:{found}"


# Asked at every claim, so built once.
_IDENTITY = sa.select(home_identity)
_MACHINES = sa.select(home_machine.c.machine, home_machine.c.sent_at)
_RAISE = (
    sa.update(home_identity).values(counter=home_identity.c.counter + 1)
    .returning(home_identity.c.counter, home_identity.c.epoch)
)  # fmt: skip
