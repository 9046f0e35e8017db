"""Dispatch of 200,000 messages in bulk with every promise kept, against threads that post the same bodies
bare.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

import requests

from bench import shop

MESSAGES = 200_000
ROUNDS = 3
REACH = 0.8


def run() -> dict[str, Any]:
    """Alternate both sides; the medians of messages a second are compared."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="chapar-bench-") as home:
            simulator = shop.simulator(Path(home) / "simulator")
            try:
                shop.open_home(home)
                run_id = shop.open_shop(simulator, MESSAGES)
                theirs.append(MESSAGES / _bare(simulator.address, _bodies(run_id)))
                ours.append(MESSAGES / _chapar())
            finally:
                simulator.stop()
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "what": f"dispatch of {MESSAGES:,} messages, {shop.BULK} a call",
        "against": "requests loop, same threads, same bodies",
        "ours": f"{mine:,.0f} msg/s", "theirs": f"{bare:,.0f} msg/s", "ratio": mine / bare,
        "reach": f">= {REACH}", "ok": mine / bare >= REACH,
    }  # fmt: skip


def _chapar() -> float:
    from flows.steps import dispatching
    from flows.steps.toolbox import open_toolbox

    box = open_toolbox()
    began = time.perf_counter()
    done = dispatching.tick(box)
    seconds = time.perf_counter() - began
    assert done.messages == MESSAGES, done
    return seconds


def _bodies(run_id: int) -> list[bytes]:
    """The very bodies that a dispatcher would post, under references of their own."""
    import json

    from data.records import runs
    from data.store import lake, operations

    with operations.reading() as c:
        path = runs.get(c, run_id).set_path
    import polars as pl

    rows = pl.read_parquet(lake.lake_root() / str(path), columns=["msisdn", "text", "parts"])
    rows = rows.with_columns(pl.col("msisdn").cast(pl.String))
    bodies = []
    for place in range(0, rows.height, shop.BULK):
        part = rows.slice(place, shop.BULK).rename({"msisdn": "to"}).to_dicts()
        bodies.append(
            json.dumps(
                {"ref": f"bare-{place}", "line": "3000", "messages": part}, ensure_ascii=False
            ).encode()
        )
    return bodies


def _bare(address: str, bodies: list[bytes]) -> float:
    from data.settings import settings

    threads = settings().dispatch.group
    held = local()

    def post(body: bytes) -> int:
        if not hasattr(held, "session"):
            held.session = requests.Session()
        answer = held.session.post(
            f"{address}/send", data=body, headers={"Content-Type": "application/json"}, timeout=30
        )
        return len(answer.json()["results"])

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        assert sum(pool.map(post, bodies)) == MESSAGES
    return time.perf_counter() - began
