"""Processor time of a rerun of our pages, beside the same process with a page of one text box.

Both servers load the same and freeze alike; tabs without a browser take turns at them, so that whatever else
the machine does falls on both.
"""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.run import Result
from bench.tab import Tab, cpu_seconds

PAGES = {"home": "", "send-area": "send-area", "reports": "reports"}
REACH_MILLISECONDS = 60.0
ROUNDS, RERUNS, WARM_UP = 5, 10, 3
REST_SECONDS = 0.3  # the sweep of a run's memory follows its last word
START_SECONDS, DEMO_SECONDS = 120.0, 600.0
WORDS = ("--subscribers", "200000", "--recipients", "5000")


def run() -> Result:
    """Return one row: the dearest of the pages beside the page of one box; ours lists each."""
    with tempfile.TemporaryDirectory(prefix="chapar-bench-pages-") as fresh, ExitStack() as open_until_end:
        cookie = _shop(Path(fresh) / "home")
        ours = open_until_end.enter_context(_served("dashboards", "--port"))
        bare = open_until_end.enter_context(_served("bench.text_box"))
        tabs = {name: open_until_end.enter_context(Tab(ours.address, cookie)) for name in PAGES}
        box = open_until_end.enter_context(Tab(bare.address, ""))
        taken: dict[str, list[float]] = {name: [] for name in (*PAGES, "box")}
        for _ in range(ROUNDS):
            for name, page in PAGES.items():
                taken[name].append(_milliseconds(ours.pid, tabs[name], page))
            taken["box"].append(_milliseconds(bare.pid, box, ""))
    told = {name: statistics.median(rounds) for name, rounds in taken.items()}
    dearest = max(told[name] for name in PAGES)
    return Result(
        what="CPU of a page's rerun",
        against="the same process, a page of one text box",
        ours=", ".join(f"{name} {told[name]:.0f} ms" for name in PAGES),
        theirs=f"{told['box']:.1f} ms",
        ratio=dearest / told["box"],
        reach=f"≤ {REACH_MILLISECONDS:.0f} ms each",
        ok=dearest <= REACH_MILLISECONDS,
    )


def _milliseconds(pid: int, tab: Tab, page: str) -> float:
    """Return the processor time of one rerun, as the mean of a few: the clock of processes ticks slowly."""
    for _ in range(WARM_UP):
        tab.draw(page)
    time.sleep(REST_SECONDS)
    before = cpu_seconds(pid)
    for _ in range(RERUNS):
        tab.draw(page)
    time.sleep(REST_SECONDS)
    return 1000 * (cpu_seconds(pid) - before) / RERUNS


def _shop(home: Path) -> str:
    """Make a demo's home the home of this process; return the cookie of somebody of its account."""
    os.environ["CHAPAR_HOME"] = str(home)
    made = [sys.executable, "-m", "flows.cli", "demo", *WORDS, "--home", str(home), "--json"]
    subprocess.run(made, check=True, timeout=DEMO_SECONDS, stdout=subprocess.DEVNULL)
    from dashboards import cookies
    from data import clock
    from data.records import accounts, sessions, users
    from data.store.operations import writing

    now = clock.now()
    with writing() as c:
        new = users.NewUser(accounts.required(c, "demo").id, "bench", secrets.token_urlsafe(16))
        person = users.create_user(c, new, actor="bench", now=now)
        opaque = sessions.open_session(c, person, address="127.0.0.1", now=now)
    return f"{cookies.session_name()}={opaque}"


class _Server:
    """A process that answers at `address`."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.address = pid, f"http://127.0.0.1:{port}"


@contextmanager
def _served(module: str, *words: str) -> Iterator[_Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = subprocess.Popen([sys.executable, "-m", module, *words, str(port)], stdout=sys.stderr)
    try:
        give_up_at = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert child.poll() is None, f"{module} ended with {child.returncode}"
            assert time.monotonic() < give_up_at, f"{module} did not start in time"
            time.sleep(0.1)
        yield _Server(child.pid, port)
    finally:
        child.terminate()
        child.wait(timeout=START_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
