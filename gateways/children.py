"""Servers of ours as child processes: the receiver and the simulator that a command starts for itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import Retryable

STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running server: its address, the rest of what it said when it began to listen, its process."""

    address: str
    told: Mapping[str, Any]
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ask it to end, and wait; a second call does nothing."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_simulator(
    behaviour: Mapping[str, Any], folder: Path, *, port: int = 0, with_parent: bool = True
) -> Child:
    """Start a simulator and wait until it listens; `behaviour` is Behaviour as JSON values. Raises Retryable.

    It keeps `record.jsonl` in `folder`; `with_parent` ends it when this process ends.
    """
    return _start(
        "gateways.simulator", "--folder", str(folder), "--config", "-",
        port=port, with_parent=with_parent, told=json.dumps(dict(behaviour)),
    )  # fmt: skip


def start_receiver(*, port: int = 0, with_parent: bool = True) -> Child:
    """Start a receiver of this home's webhooks and wait until it listens. Raises Retryable."""
    return _start("gateways.receiver", port=port, with_parent=with_parent)


def _start(module: str, *arguments: str, port: int, with_parent: bool, told: str = "") -> Child:
    """Start a server; `told` goes to its standard input, where `ps` cannot show the secrets in it."""
    flags = ["--with-parent"] if with_parent else []
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--port", str(port), *arguments, *flags],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for whoever started it, who then ends it in order
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write(told.encode())
    process.stdin.close()
    line = process.stdout.readline()  # ends at once when the process dies
    if not line:
        process.wait()
        process.stdout.close()
        raise Retryable(
            f"{module} did not start (exit {process.returncode}); its message stands above",
            f"فرایند {module} آغاز به کار نکرد؛ پیام آن در بالا آمده است",
        )
    answer = json.loads(line)
    return Child(answer["address"], answer, process)
