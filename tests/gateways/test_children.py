"""Servers that a command starts: Ctrl-C is not for them, and none outlives its parent, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.records import processes
from gateways import children

PATIENCE_SECONDS = 20.0
PARENT = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from gateways import children
pids = [children.start_receiver().process.pid, children.start_simulator({{}}, {folder!r}).process.pid]
sys.stdout.write(" ".join(map(str, pids)) + "\\n")
sys.stdout.flush()
{then}
"""


def _parent(folder: Path, then: str) -> tuple[subprocess.Popen[str], list[int]]:
    program = PARENT.format(folder=str(folder), then=then)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    assert len(pids) == 2
    return process, pids


def test_a_child_has_a_session_of_its_own(home: Path) -> None:
    child = children.start_receiver()
    try:
        assert os.getsid(child.process.pid) == child.process.pid
    finally:
        child.stop()


@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_child_outlives_its_parent(home: Path, tmp_path: Path, end: signal.Signals | None) -> None:
    process, pids = _parent(tmp_path / "simulator", "time.sleep(600)" if end else "")
    if end:
        process.send_signal(end)
    process.communicate(timeout=PATIENCE_SECONDS)
    until = time.monotonic() + PATIENCE_SECONDS
    while any(processes.started_at(pid) for pid in pids):
        assert time.monotonic() < until, "a child lives on without its parent"
        time.sleep(0.05)
