"""The `chapar` command as scripts rely on it: exit codes, one JSON document, sentences with a field."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import NUMBERS, Chapar, chapar, furnished, order

__all__ = ["chapar", "furnished"]  # fixtures


def test_a_home_is_furnished_by_three_commands(chapar: Chapar) -> None:
    _, made = chapar("account", "create", "shop", "--credit", "500", code=0)
    assert made["account"]["available_rials"] == 500
    _, set_ = chapar("gateway", "set", "sim", "@", stdin={"adapter": "simulator", "class": "G1"}, code=0)
    assert (set_["gateway"]["name"], set_["gateway"]["class"]) == ("sim", "G1")
    assert all(path.startswith("/gw/sim/") for path in set_["webhooks"])
    _, line = chapar(
        "line",
        "create",
        "3000",
        "--gateway",
        "sim",
        "--account",
        "shop",
        "--kind",
        "ad",
        "--price",
        "90",
        "--cost",
        "60",
        code=0,
    )
    assert (line["line"]["price_rials"], line["line"]["latin_price_rials"], line["line"]["cost_rials"]) == (
        90,
        225,
        60,
    )
    _, shown = chapar("account", "show", "shop", code=0)
    assert shown["account"]["lines"] == ["3000"]


@pytest.mark.slow
def test_a_campaign_goes_from_a_file_to_delivered(furnished: Chapar) -> None:
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    assert {"campaign_id", "run_id", "state", "recipients", "parts", "cost_rials", "messages"} <= made.keys()
    assert (made["state"], made["recipients"], made["parts"], made["cost_rials"]) == ("draft", 4, 4, 360)
    number = str(made["campaign_id"])
    _, draft = furnished("campaign", "status", number, code=0)
    unknown = dict.fromkeys(("run_id", "recipients", "parts", "cost_rials"))
    assert draft == draft | {"state": "draft", "run_state": None, "messages": {}, "next_at": None} | unknown
    _, told = furnished("campaign", "run", number, "--wait", "15", code=0)
    assert (told["state"], told["run_state"], told["messages"]) == ("ended", "closed", {"delivered": 4})
    _, status = furnished("campaign", "status", number, code=0)
    assert (status["run_id"], status["messages"], status["cost_rials"]) == (
        told["run_id"],
        {"delivered": 4},
        360,
    )
    _, report = furnished("campaign", "report", number, code=0)
    assert report["charged_rials"] == 360
    _, why = furnished("why", NUMBERS[0], "--run", str(told["run_id"]), code=0)
    assert why["steps"][-1]["say"] == "it is delivered"
    _, drained = furnished("receipts", "--drain", code=0)
    assert {"receipts", "unmatched", "duplicates"} <= drained.keys()
    _, done = furnished("dispatch", "--drain", code=0)
    assert done == done | {
        "batches": 0,
        "messages": 0,
        "open": {"ready": 0, "sending": 0, "unknown": 0},
        "next_due_at": None,
    }
    _, audit = furnished("audit", code=0)
    assert audit["ok"] is audit["balanced"] is True
    assert audit["posted_rials"] == audit["recomputed_rials"] == 360
    assert audit["breaches"] == []
    _, again = furnished("campaign", "run", number, "--wait", "0", code=0)
    assert again["run_id"] == told["run_id"], "an order is sent once however often it is run"


@pytest.mark.slow
def test_a_campaign_run_ends_with_its_refunds_posted(
    furnished: Chapar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data.settings import settings

    monkeypatch.setenv("CHAPAR_RECEIPTS__GRACE_SECONDS", "1")
    settings.cache_clear()
    behaviour = {"delay_ms": [1, 20], "fates": {"BLOCKED": 1}}
    barred = {"adapter": "simulator", "class": "G2", "behaviour": behaviour}
    furnished("gateway", "set", "sim", "@", stdin=barred, code=0)
    _, made = furnished("campaign", "create", "@", stdin=order(), code=0)
    _, told = furnished("campaign", "run", str(made["campaign_id"]), "--wait", "15", code=0)
    money = {"charged_rials": 360, "refunded_rials": 360, "net_rials": 0, "refunds_at": None}
    assert told == told | {"messages": {"blacklisted": 4}} | money
    _, report = furnished("campaign", "report", str(made["campaign_id"]), code=0)
    assert report == report | money
    _, shop = furnished("account", "show", "shop", code=0)
    assert shop["account"]["available_rials"] == 1_000_000


def test_one_token_is_one_campaign(furnished: Chapar) -> None:
    ids = {
        furnished("campaign", "create", "@", "--token", "k", stdin=order(), code=0)[1]["campaign_id"]
        for _ in range(3)
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"text": "درود"},
        {"title": "u"},
        {"audience": {"any": [{"kind": "numbers", "numbers": NUMBERS[:2]}]}},
        {"start_at": "2099-01-01T10:00"},
        {"quiet_hours": {"from": "22:00", "to": "08:00"}},
    ],
)
def test_another_order_under_a_used_token_is_refused(
    change: dict[str, Any], furnished: Chapar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data.settings import settings

    monkeypatch.setenv("CHAPAR_SCHEDULE__MAX_DAYS", "100000")
    settings.cache_clear()
    first = furnished("campaign", "create", "@", "--token", "k", stdin=order(), code=0)[1]["campaign_id"]
    error = furnished("campaign", "create", "@", "--token", "k", stdin=order(**change), code=2)[1]["error"]
    assert error["field"] == "token"
    assert error["say"].startswith(f"this token was used for something else (campaign.create: {first});")
    assert "توکن" in error["say_fa"]
    again = furnished("campaign", "create", "@", "--token", "k", stdin=order(), code=0)[1]["campaign_id"]
    assert again == first


def test_without_credit_it_is_refused_and_nothing_is_reserved(furnished: Chapar) -> None:
    furnished("account", "create", "poor", "--credit", "10", code=0)
    furnished(
        "line",
        "create",
        "4000",
        "--gateway",
        "sim",
        "--account",
        "poor",
        "--kind",
        "service",
        "--price",
        "90",
        "--cost",
        "1",
        code=0,
    )
    _, made = furnished("campaign", "create", "@", stdin=order(account="poor", line="4000"), code=0)
    _, told = furnished("campaign", "run", str(made["campaign_id"]), code=2)
    assert told["error"]["field"] == "credit"
    assert "350 rials are lacking" in told["error"]["say"]
    _, status = furnished("campaign", "status", str(made["campaign_id"]), code=0)
    assert (status["state"], status["run_state"]) == ("ended", "refused_funds")
    _, account = furnished("account", "show", "poor", code=0)
    assert (account["account"]["available_rials"], account["account"]["held_rials"]) == (10, 0)


def test_advertising_outside_its_hours_is_retryable_and_says_when(furnished: Chapar, clock: Any) -> None:
    clock.at(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))  # 21:30 in Tehran
    furnished(
        "line",
        "create",
        "5000",
        "--gateway",
        "sim",
        "--account",
        "shop",
        "--kind",
        "ad",
        "--price",
        "90",
        "--cost",
        "1",
        code=0,
    )
    _, made = furnished("campaign", "create", "@", stdin=order(line="5000"), code=0)
    furnished("campaign", "start", str(made["campaign_id"]), code=0)
    _, drained = furnished("dispatch", "--drain", code=3)
    assert drained["waiting_until"].startswith("2026-11-23T04:30:00")
    assert drained["open"]["ready"] == 1
    _, told = furnished("campaign", "run", str(made["campaign_id"]), code=3)
    assert told["waiting_until"].startswith("2026-11-23T04:30:00")


def test_pause_resume_stop(furnished: Chapar, clock: Any) -> None:
    clock.at(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    quiet = {"from": "12:00", "to": "14:00"}
    number = str(
        furnished("campaign", "create", "@", stdin=order(quiet_hours=quiet), code=0)[1]["campaign_id"]
    )
    furnished("campaign", "start", number, code=0)
    furnished("dispatch", "--drain", code=3)
    told = furnished("campaign", "pause", number, code=0)[1]
    assert (told["state"], told["run_state"]) == ("paused", "paused")
    furnished("campaign", "pause", number, code=2)
    told = furnished("campaign", "resume", number, code=0)[1]
    assert (told["state"], told["run_state"]) == ("active", "running")
    told = furnished("campaign", "stop", number, code=0)[1]
    assert (told["state"], told["run_state"], told["messages"]) == ("stopped", "cancelled", {"cancelled": 4})
    assert furnished("account", "show", "shop", code=0)[1]["account"]["available_rials"] == 1_000_000
    furnished("audit", code=0)


def test_a_breach_is_exit_one(furnished: Chapar, home: Path) -> None:
    import sqlite3

    con = sqlite3.connect(home / "operations.sqlite")
    con.execute("UPDATE ledger_account SET balance_rials = balance_rials + 1 WHERE id LIKE 'cust:%:avail'")
    con.commit()
    con.close()
    _, found = furnished("audit", code=1)
    assert not found["ok"]
    assert found["breaches"]


def test_secrets_are_shown_by_no_command(furnished: Chapar, monkeypatch: pytest.MonkeyPatch) -> None:
    furnished(
        "gateway",
        "set",
        "x",
        "@",
        stdin={"adapter": "http", "base": "http://127.0.0.1:9", "token": "t0ken-value"},
        code=0,
    )
    assert "t0ken-value" not in json.dumps(furnished("gateway", "list", code=0)[1])
    monkeypatch.setenv("CHAPAR_DATABASE_URL", "")
    shown = furnished("settings", code=0)[1]["settings"]
    assert {"setting", "value", "from", "meaning"} <= shown[0].keys()


def test_settings_say_where_a_value_came_from(chapar: Chapar, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.settings import settings

    monkeypatch.setenv("CHAPAR_DISPATCH__GROUP", "7")
    monkeypatch.setenv("CHAPAR_GATEWAYS", '{"g": {"adapter": "http", "token": "s3cret"}}')
    settings.cache_clear()
    rows = {row["setting"]: row for row in chapar("settings", code=0)[1]["settings"]}
    assert (rows["dispatch.group"]["value"], rows["dispatch.group"]["from"]) == (
        "7",
        "CHAPAR_DISPATCH__GROUP",
    )
    assert rows["sms.max_parts"]["from"] == "default"
    assert "s3cret" not in json.dumps(rows)


@pytest.mark.parametrize("words", [("account", "create", "shop"), ("settings",), ("audit",)])
def test_the_command_in_a_process_of_its_own_starts_without_the_heavy_ones(
    words: tuple[str, ...], home: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flows.cli", *words, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr[-500:]
    json.loads(done.stdout)
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line
    }
    assert not imported & {"prefect", "streamlit", "geopandas"}
