"""Runs every comparison in one process after the other and prints them as ratios: `make bench`.

A comparison is a module of this folder whose `run()` returns a `Result` as a dictionary. Both sides are
measured in the same run on the same machine, so that only the ratio has to be believed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
from typing import Any, TypedDict

COMPARISONS = {
    "audience_count": "exact count of an audience, 10 M subscribers",
    "recipient_set": "recipient set of 1 M, merged and counted, into the lake",
    "dispatch": "200,000 messages to the simulator in bulk",
    "receipts": "1 M receipts from the spool to states and postings",
    "pages": "CPU of a page's rerun, demo of 5,000 recipients",
    "demo": "chapar demo, 1 M subscribers, 20,000 recipients",
}
LIMIT_SECONDS = 1800
COLUMNS = ("what", "against", "ours", "theirs", "ratio", "reach", "ok")


class Result(TypedDict):
    """What one comparison says; `ours` and `theirs` come with their units."""

    what: str
    against: str
    ours: str
    theirs: str
    ratio: float | None
    reach: str
    ok: bool


def main(arguments: list[str]) -> int:
    """Run the named comparisons, all by default; 0 when each reached what it should."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='...'", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(COMPARISONS)}")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - set(COMPARISONS)):
        parser.error(f"no such comparison: {', '.join(unknown)}; there are {', '.join(COMPARISONS)}")
    names = asked.names or list(COMPARISONS)
    missing = [name for name in names if importlib.util.find_spec(f"bench.{name}") is None]
    results = [_apart(name) for name in names if name not in missing]
    print(json.dumps(results, ensure_ascii=False, indent=1) if asked.json else table(results))
    for name in missing:
        print(f"not there yet: bench/{name}.py ({COMPARISONS[name]})", file=sys.stderr)
    return 0 if all(result["ok"] for result in results) and not missing else 1


def table(results: list[Result]) -> str:
    """Return the results as a Markdown table under one line that names the machine."""
    rows = [[_cell(dict(result).get(column)) for column in COLUMNS] for result in results]
    widths = [max(len(row[i]) for row in [list(COLUMNS), *rows]) for i in range(len(COLUMNS))]
    lines = [[c.ljust(w) for c, w in zip(row, widths, strict=True)] for row in [list(COLUMNS), *rows]]
    lines.insert(1, ["-" * width for width in widths])
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
    machine += f"Python {platform.python_version()}"
    return "\n".join([machine, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _apart(name: str) -> Result:
    """Run one comparison in a process of its own, so that no one's caches or memory help the next."""
    print(f"measuring: {COMPARISONS[name]} ...", file=sys.stderr, flush=True)
    program = f"import json, bench.{name} as b; print('\\n' + json.dumps(b.run(), ensure_ascii=False))"
    asked = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if asked.returncode:
        failed = f"ended with code {asked.returncode}"
        return Result(
            what=COMPARISONS[name], against="", ours=failed, theirs="", ratio=None, reach="", ok=False
        )
    result: Result = json.loads(asked.stdout.rstrip().rpartition("\n")[2])
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
