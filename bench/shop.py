"""A home for measuring: one account, one simulated gateway, one line, one planned campaign of own numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl

from gateways import children

FIRST_NUMBER = 989_120_000_000
BULK = 200
PRICE_RIALS, COST_RIALS = 90, 60
TEXT = "سلام، جشنواره فروش تا پایان هفته ادامه دارد. لغو ۱۱"


def open_home(folder: str) -> None:
    """Make `folder` the home of this process and migrate it."""
    os.environ["CHAPAR_HOME"] = folder
    os.environ["CHAPAR_STATE_DIR"] = f"{folder}/machine"  # nothing is left behind outside the measurement
    from data.settings import settings
    from data.store import operations

    settings.cache_clear()
    operations.forget_engines()
    operations.migrate()


def open_shop(simulator: children.Child, recipients: int) -> int:
    """Open an account and a line on the simulator and plan a run of so many recipients; return the run's
    id.
    """
    from data import clock
    from data.records import accounts, campaigns, lines, runs
    from data.store import operations
    from data.use_cases.floor import new_key
    from flows.steps import planning, starting
    from flows.steps.toolbox import open_toolbox
    from targeting.uploads import store_upload

    now = clock.now()
    settings = {"adapter": "simulator", "base": simulator.address, "secret": "bench", "class": "G2",
    "bulk": BULK,
                "in_flight": 64}  # fmt: skip
    credit = recipients * PRICE_RIALS
    with operations.writing() as c:
        account = accounts.create_account(
            c, accounts.NewAccount("bench", credit_rials=credit), actor="bench", now=now
        )
        lines.set_gateway(c, "sim", adapter="simulator", values=settings, actor="bench", now=now)
        line = lines.create_line(
            c,
            lines.NewLine("3000", "sim", account, "service", PRICE_RIALS, COST_RIALS),
            actor="bench",
            now=now,
        )
        draft = campaigns.Draft(
            account_id=account, line_id=line, title="bench", kind="area", text=TEXT, advertising=False,
            audience={"any": [{"kind": "file", "upload": store_upload(_numbers(recipients), account)}]},
            token=new_key(), created_by="bench",
        )  # fmt: skip
        campaign = campaigns.create(c, draft, now=now)
    run_id = starting.start_campaign(campaign)
    planned = planning.plan(open_toolbox(), run_id)
    with operations.reading() as c:
        assert planned == "running", runs.get(c, run_id).why
    return run_id


def simulator(folder: Path, **behaviour: Any) -> children.Child:
    """Start a well-behaved simulator."""
    return children.start_simulator({"bulk": BULK, "idempotent": True, "stages": False} | behaviour, folder)


def _numbers(count: int) -> bytes:
    numbers = pl.int_range(FIRST_NUMBER, FIRST_NUMBER + count, eager=True, dtype=pl.UInt64)
    return numbers.to_frame("number").write_csv().encode()
