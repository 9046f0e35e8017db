"""What `chapar doctor` looks at; every check says what it saw and, where it is not well, how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data import clock
from data.errors import ChaparError
from data.records import arrivals, processes, runs
from data.settings import settings
from data.store import lake, operations, population, spool
from flows.steps import holding, receiving
from flows.steps.toolbox import open_toolbox
from gateways import config, proofs

DISK_MIN_BYTES = 2 * 2**30
PYTHON_MIN = (3, 11)
SNAPSHOT_OLD = timedelta(days=60)
SEGMENTS_WAITING_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    say: str

    def to_json(self) -> dict[str, Any]:
        """Return the check as a JSON object."""
        return asdict(self)


def examine() -> list[Check]:
    """Look at everything; a check that fails does not keep the others from being made."""
    return [check for look in LOOKS for check in _safely(look)]


def _safely(look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    try:
        yield from look()
    except ChaparError as error:
        yield Check(look.__name__.strip("_"), False, str(error))  # a refusal says its field too
    except Exception as error:  # what nobody foresaw is a finding too
        yield Check(look.__name__.strip("_"), False, f"{_first_line(error)}; mend what it names, look again")


def _first_line(error: Exception) -> str:
    """What stands below it is for programmers, such as a statement and the address of a manual."""
    said = getattr(error, "orig", None) or error
    if isinstance(said, OSError) and said.strerror:
        return said.strerror + (f": {said.filename}" if said.filename else "")
    return f"{type(said).__name__}: {said}".splitlines()[0]


def _python() -> Iterator[Check]:
    have = sys.version_info[:2]
    yield Check("python", have >= PYTHON_MIN, f"Python {have[0]}.{have[1]}; 3.11 or newer is needed")


def _timezone() -> Iterator[Check]:
    """Iran has no summer time since 2022; old zone data would send an hour off."""
    summer = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Tehran")).utcoffset()
    fine = summer == timedelta(hours=3, minutes=30)
    yield Check(
        "timezone", fine, "Asia/Tehran is +03:30 all year" if fine else "zone data are old: update tzdata"
    )


def _home() -> Iterator[Check]:
    root = settings().root
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        said = f"CHAPAR_HOME must be a folder, and {root} lies at or under a file: move that away, or set it"
        yield Check("home", False, f"{said} to a folder of your own")
        return
    free = shutil.disk_usage(root).free
    yield Check("home", os.access(root, os.W_OK), f"{root} can be written")
    yield Check(
        "disk", free > DISK_MIN_BYTES, f"{free / 2**30:.1f} GiB free; {DISK_MIN_BYTES / 2**30:.0f} are needed"
    )
    private = (root.stat().st_mode & 0o077) == 0
    yield Check("private", private, f"{root} is {'closed' if private else 'open to others: chmod 700 it'}")


def _operations() -> Iterator[Check]:
    operations.migrate()
    with operations.reading() as c:
        open_batches = runs.open_batches(c)
        living = processes.listing(c)
        if c.dialect.name == "sqlite":
            mode = c.exec_driver_sql("PRAGMA journal_mode").scalar()
            sync = c.exec_driver_sql("PRAGMA synchronous").scalar()
            yield Check(
                "sqlite",
                (mode, sync) == ("wal", 2),
                f"journal {mode}, synchronous {sync} (wal and 2 are safe)",
            )
    yield Check("operations", True, f"{c.dialect.name}, tables are current")
    yield Check("batches", True, ", ".join(f"{count} {state}" for state, count in open_batches.items()))
    dead = [row["name"] for row in living if not row["alive"]]
    names = ", ".join(row["name"] for row in living if row["alive"]) or "none: start them with `chapar up`"
    yield Check("processes", True, f"alive: {names}" + (f"; ended: {', '.join(dead)}" if dead else ""))


def _identity() -> Iterator[Check]:
    seen = holding.look()
    yield Check("identity", not seen.held, seen.why() or f"home {seen.home_id} on machine {seen.machine}")


def _population() -> Iterator[Check]:
    snapshot = population.current()
    if snapshot is None:
        yield Check(
            "population",
            True,
            "none is published: run `chapar population build` (--synthetic N for a trial)",
        )
        return
    old = clock.now().date() - snapshot.as_of > SNAPSHOT_OLD if isinstance(snapshot.as_of, date) else False
    say = f"{snapshot.name}: {snapshot.subscribers:,} subscribers as of {snapshot.as_of or 'an unknown day'}"
    yield Check("population", True, say + (": it is old, build a newer one" if old else ""))


def _stores() -> Iterator[Check]:
    with operations.reading() as c:
        stray = sum(1 for _ in lake.strays(c))
    yield Check("lake", True, f"{lake.lake_root()}: {stray} files that nothing names (swept by housekeeping)")
    waiting = receiving.waiting()
    fine = waiting < SEGMENTS_WAITING_MAX
    yield Check(
        "spool", fine, f"{waiting} segments wait" + ("" if fine else ": run `chapar receipts --drain`")
    )
    for path in spool.unreadable():
        said = f"{path} could not be read: rename what the disk still gives to .seg, delete the rest"
        yield Check("spool", False, said)
    with operations.reading() as c:
        total, last = arrivals.totals(c), arrivals.last_quarantined(c)
    if total["forged"] or total["contradicted"]:
        said = f"{total['forged']} with a reference that is not ours, {total['contradicted']} that name two"
        yield Check("receipts", True, f"{said} messages at once; kept, and without any effect")
    if last:
        said = f"{total['quarantined']} bodies could not be read, the last of gateway {last[0]!r}: {last[1]}"
        yield Check("quarantine", True, f"{said}; they lie in the table quarantine")


def _gateways() -> Iterator[Check]:
    box = open_toolbox()
    with operations.reading() as c:
        resting = {
            name
            for name, given in config.load_settings(c).items()
            if given.adapter == "simulator" and not given.base
        }
        resting -= {name for name in resting if processes.address_of(c, f"simulator:{name}")}
    for name, gateway in box.gateways.items():
        if name in resting:
            yield Check(f"gateway {name}", True, "a simulator; the command that needs it starts it")
            continue
        try:
            left = gateway.credit()
            yield Check(
                f"gateway {name}", True, f"{gateway.capabilities.gateway_class}, credit {left:,} rials"
            )
        except ChaparError as error:
            yield Check(f"gateway {name}", False, f"{error.en}; see its address and key in docs/gateways.md")


def _proofs() -> Iterator[Check]:
    """A class is worth what its self-test showed."""
    with operations.reading() as c:
        standing = proofs.standings(c, config.load_settings(c))
    for name, one in standing.items():
        yield Check(f"self-test {name}", one.state != "failed", one.say())


LOOKS = (_python, _timezone, _home, _operations, _identity, _population, _stores, _gateways, _proofs)
