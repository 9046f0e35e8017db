"""A home whose store is copied and put back, for tests of what a copy may do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from data.records import batches
from data.store import operations
from flows.steps import dispatching, holding, planning, starting
from flows.steps.toolbox import open_toolbox


def chapar(*words: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "flows.cli", *words, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return done.returncode, json.loads(done.stdout)


def copy_of(home: Path) -> Path:
    """A copy of the operations store as a backup takes it: whole."""
    kept = home.parent / "kept.sqlite"
    operations.forget_engines()
    for ending in ("", "-wal", "-shm"):
        source = home / f"operations.sqlite{ending}"
        if source.exists():
            shutil.copy2(source, f"{kept}{ending}")
    return kept


def put_back(home: Path, kept: Path, *, in_place: bool = True) -> None:
    operations.forget_engines()
    for ending in ("", "-wal", "-shm"):
        target, source = home / f"operations.sqlite{ending}", Path(f"{kept}{ending}")
        if not in_place or not source.exists():
            target.unlink(missing_ok=True)
        if source.exists():
            target.write_bytes(source.read_bytes())


def planned(shop: Any, recipients: int, **more: Any) -> int:
    shop.campaign(recipients, **more)
    (run_id,) = starting.start_due()
    planning.plan_due(open_toolbox())
    return run_id


def tick() -> None:
    dispatching.tick(open_toolbox())


def states(run_id: int) -> list[str]:
    with operations.reading() as c:
        return [b.state for b in batches.of_run(c, run_id)]


def reason() -> str | None:
    return holding.look().reason
