"""`chapar demo` as a stranger types it: seconds beside Prefect's own start, memory of the whole tree."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.run import Result
from flows.steps.supervising import family

SECONDS_MAX = 75.0  # "about a minute" on an idle machine of two cores
MEMORY_MAX_MIB = 2_048
LOOK_EVERY_SECONDS = 0.5
WORDS = ("--subscribers", "1000000", "--recipients", "20000")


def run() -> Result:
    """Run the demo once in a fresh home."""
    with tempfile.TemporaryDirectory(prefix="chapar-bench-demo-") as home:
        told, peak_mib = _measured(Path(home) / "home")
    seconds = told["seconds"]
    ours = seconds["total"] - seconds["prefect_waited"]
    good = told["ledger"]["ok"] and sum(told["messages"].values()) == told["run"]["recipients"]
    return Result(
        what="chapar demo, 1 M subscribers, 20,000 recipients",
        against="–",
        ours=f"{ours:.0f} s, {peak_mib:,} MiB",
        theirs=f"Prefect's start {seconds['prefect']:.0f} s",
        ratio=None,
        reach=f"about a minute (≤ {SECONDS_MAX:.0f} s), < {MEMORY_MAX_MIB:,} MiB",
        ok=bool(good) and ours <= SECONDS_MAX and peak_mib < MEMORY_MAX_MIB,
    )


def _measured(home: Path) -> tuple[dict[str, Any], int]:
    """Return the demo's document and the highest memory of its processes together, MiB."""
    words = [sys.executable, "-m", "flows.cli", "demo", *WORDS, "--home", str(home), "--json"]
    demo = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    peak_kib = 0
    while demo.poll() is None:
        peak_kib = max(peak_kib, sum(map(_kib, (demo.pid, *family(demo.pid)))))
        time.sleep(LOOK_EVERY_SECONDS)
    with demo.stdout as told:
        return json.loads(told.read()), peak_kib // 1024


def _kib(pid: int) -> int:
    """The memory of a process with its share of what it shares (PSS), KiB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
