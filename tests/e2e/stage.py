"""A running house for browser tests: population, account, users, the dashboards as a child process."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-long-password"
PEOPLE, CREDIT_RIALS = 60_000, 50_000_000
WAIT_MS = 60_000
AT_REST = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')"""
START_SECONDS, COMMAND_SECONDS = 90.0, 240.0
GATEWAY = {"adapter": "simulator", "class": "G2", "bulk": 200, "behaviour": {"delay_ms": [20, 200]}}
MAKE_USERS = """
from data import clock
from data.records import accounts, users
from data.store import operations
with operations.writing() as c:
    for account, name, title in (("demo", "sara", "سارا رضایی"), ("head", "head", "مدیر سامانه")):
        found = accounts.required(c, account)
        new = users.NewUser(found.id, name, "a-long-password", title)
        users.create_user(c, new, actor="test", now=clock.now())
"""
MAKE_ADMIN = """
from data import clock
from data.records import accounts
from data.store import operations
with operations.writing() as c:
    accounts.create_account(c, accounts.NewAccount("head", "مدیریت", "admin"), actor="test", now=clock.now())
"""


@dataclass
class Stage:
    """A home and the address its dashboards answer at."""

    home: Path
    environment: dict[str, str]
    address: str
    server: subprocess.Popen[bytes]

    def chapar(self, *words: str, said: str = "") -> dict[str, Any]:
        """Run a command in this home and return what it answers."""
        return _command(self.environment, *words, said=said)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command in this home and leave it running."""
        call = [sys.executable, "-m", "flows.cli", *words, "--json"]
        return subprocess.Popen(call, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)

    @contextmanager
    def operations(self) -> Iterator[sqlite3.Connection]:
        """Look into the operations of this home."""
        found = sqlite3.connect(self.home / "operations.sqlite")
        yield found
        found.close()

    def close(self) -> None:
        """End the dashboards."""
        self.server.terminate()
        self.server.wait(timeout=START_SECONDS)


@dataclass
class Visit:
    """A signed-in browser tab, and what went wrong in it."""

    page: Page
    stage: Stage
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until it is drawn."""
        self.page.goto(f"{self.stage.address}/{path}")
        self.at_rest()
        return self.page

    def at_rest(self) -> None:
        """Wait until nothing is being drawn any more."""
        self.page.wait_for_selector(".st-key-topbar", timeout=WAIT_MS)
        self.page.wait_for_function(AT_REST, timeout=WAIT_MS)


def open_stage(home: Path) -> Stage:
    """Build the population, open the account, its line and its users, and serve the dashboards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAPAR_")}
    environment |= {"CHAPAR_HOME": str(home), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    environment |= {"CHAPAR_ADS__WINDOW_FROM": "00:00", "CHAPAR_ADS__WINDOW_TO": "23:59"}  # at any hour
    environment |= {"CHAPAR_STATE_DIR": str(home.with_name("machine"))}
    _command(environment, "account", "create", "demo", "--credit", str(CREDIT_RIALS))
    run_python(environment, MAKE_ADMIN)
    run_python(environment, MAKE_USERS)
    _command(environment, "gateway", "set", "sim", "-", said=json.dumps(GATEWAY))
    for name, kind in (("30001234", "service"), ("50005678", "ad")):
        line = ["--gateway", "sim", "--account", "demo", "--kind", kind, "--price", "90", "--cost", "60"]
        _command(environment, "line", "create", name, *line)
    _command(
        environment, "population", "build", "--synthetic", str(PEOPLE), "--seed", "1", "--province", "تهران"
    )
    address, server = _serve(environment)
    return Stage(home, environment, address, server)


def _serve(environment: dict[str, str]) -> tuple[str, subprocess.Popen[bytes]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    call = [sys.executable, "-m", "dashboards", "--port", str(port)]
    server = subprocess.Popen(call, cwd=ROOT, env=environment)
    give_up_at = time.monotonic() + START_SECONDS
    while not _answers(port):
        assert server.poll() is None, "the dashboards ended; what they said is above"
        assert time.monotonic() < give_up_at, "the dashboards did not start in time"
        time.sleep(0.1)
    return f"http://127.0.0.1:{port}", server


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _command(environment: dict[str, str], *words: str, said: str = "") -> dict[str, Any]:
    call = [sys.executable, "-m", "flows.cli", *words, "--json"]
    done = subprocess.run(
        call, cwd=ROOT, env=environment, input=said.encode(), capture_output=True, timeout=COMMAND_SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def run_python(environment: dict[str, str], program: str) -> None:
    subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=COMMAND_SECONDS
    )
