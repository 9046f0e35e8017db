"""The one clock: wall time in UTC and monotonic seconds, both movable by a file in test mode.

`CHAPAR_CLOCK` names a file that holds one float, the offset in seconds added to both; it is read again at
each call, and only when `CHAPAR_TEST=1`, so that a test can move a running process through a day.

The demo's own processes may stay behind (never ahead) by `CHAPAR_DEMO_BEHIND` seconds, which the demo sets
for itself and its children where it is played outside the hours of advertising.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEHIND = "CHAPAR_DEMO_BEHIND"
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def offset_seconds() -> float:
    """Return the offset that the test clock asks for; 0 outside test mode."""
    path = os.environ.get("CHAPAR_CLOCK") if os.environ.get("CHAPAR_TEST") == "1" else None
    if not path:
        return 0.0
    try:
        return float(Path(path).read_text(encoding="ascii").strip() or 0)
    except (OSError, ValueError):
        return 0.0


def behind() -> timedelta:
    """Return by how much a demo's processes stay behind; nothing everywhere else."""
    return timedelta(seconds=max(0, int(os.environ.get(BEHIND) or 0)))


def now() -> datetime:
    """Return the wall time, timezone-aware, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=offset_seconds()) - behind()


def monotonic() -> float:
    """Return seconds that never go back within one process, and go on while the machine sleeps.

    A lease is counted by others who were awake: a clock that stands still in sleep would call it young.
    """
    return time.clock_gettime(_SINCE_BOOT) + offset_seconds()


def sleep(seconds: float) -> None:
    """Wait for real seconds; every wait of the product goes through here so that tests can see them."""
    time.sleep(seconds)
