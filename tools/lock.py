"""Compiles the locks: what is installed, by hash, for every platform, with no address in them.

requirements/*.in name the direct dependencies; a lock is kept as it is as far as they allow, and `--upgrade`
takes newer ones.
"""

from __future__ import annotations

import sys

from tools import frontend
from tools.index import uv_environment
from tools.say import run, say
from tools.setup import NETWORK, PYTHON, REQUIREMENTS, ROOT, UV

FLAGS = ("--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header")
# what a lock must agree with: tests run on the very packages that serve
BESIDE = {"tools": (), "node": (), "prod": (), "dev": ("--constraint", "prod.lock")}


def main(extra: list[str]) -> None:
    """Write every lock anew."""
    for name, beside in BESIDE.items():
        say(f"compiling requirements/{name}.lock")
        run(
            [UV, "pip", "compile", *FLAGS, *beside, *extra, f"{name}.in", "-o", f"{name}.lock"],
            cwd=REQUIREMENTS,
            env=uv_environment(PYTHON),
            otherwise=NETWORK,
        )
    say("writing dashboards/frontend/package-lock.json")
    frontend.write_lock(ROOT, uv=UV, environment=lambda: uv_environment(PYTHON))


if __name__ == "__main__":
    main(sys.argv[1:])
