"""The command as people run it: a process of its own, its one document read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "flows.cli"]


def chapar(*words: str, home: Path | None = None, **more: str) -> tuple[int, Any, str]:
    """Run a command with --json; return (exit code, document or None, stderr)."""
    done = subprocess.run(
        [*COMMAND, *words, "--json"], capture_output=True, text=True, check=False, env=variables(home, **more)
    )
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


def started(*words: str, home: Path | None = None, **more: str) -> subprocess.Popen[str]:
    """Start a command that goes on; its stdout is a pipe."""
    return subprocess.Popen(
        [*COMMAND, *words, "--json"], stdout=subprocess.PIPE, text=True, env=variables(home, **more)
    )


def variables(home: Path | None, **more: str) -> dict[str, str]:
    """The environment of a command in a home."""
    return os.environ | ({"CHAPAR_HOME": str(home)} if home else {}) | more
