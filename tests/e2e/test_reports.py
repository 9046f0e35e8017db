"""Campaigns in their list and report, as a person steers them in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from stage import Stage, Visit
from test_everybody import NAMES, PICTURES, SAID

pytestmark = pytest.mark.browser
NUMBERS = [989_120_000_000 + n for n in range(21)]
TITLE = "یادآوری هفتگی"


def _scheduled(stage: Stage, **more: Any) -> int:
    order = {
        "account": "demo", "line": "30001234", "title": TITLE, "text": "{name} گرامی، نوبت شما فرداست",
        "audience": {"any": [{"kind": "numbers", "numbers": NUMBERS}]}, "start_at": _tomorrow(), **more,
    }  # fmt: skip
    made = stage.chapar("campaign", "create", "-", said=json.dumps(order, ensure_ascii=False))
    stage.chapar("campaign", "start", str(made["campaign_id"]))
    return int(made["campaign_id"])


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()


def test_what_is_scheduled_is_paused_resumed_and_stopped_from_list_and_report(
    visit: Callable[..., Visit],
) -> None:
    tab = visit()
    campaign_id = _scheduled(tab.stage, text="نوبت شما فرداست")
    page = tab.open("reports")
    page.get_by_label(re.compile(TITLE)).first.check()
    bar = page.locator(".st-key-verbs_pause button")
    bar.click()
    expect(page.get_by_text("۱٬۸۹۰ ریال نگه‌داشته")).to_be_visible()
    page.locator(".st-key-yes_pause button").click()
    expect(page.get_by_role("table")).to_contain_text("متوقف موقت")
    assert tab.stage.chapar("campaign", "status", str(campaign_id))["state"] == "paused"
    tab.open(f"report?id={campaign_id}")
    expect(page.locator(".st-key-card_progress")).to_contain_text("نگه داشته: ۱٬۸۹۰ ریال")
    page.evaluate(PICTURES)
    assert set(re.findall(r"[A-Za-z]{2,}", page.evaluate(SAID))) - NAMES - {"command"} == set()
    tab.open(f"report?id={campaign_id}")
    for verb, label in (("resume", "زمان‌بندی شده"), ("stop", "متوقف شده")):
        page.locator(f".st-key-verbs_{verb} button").click()
        page.locator(f".st-key-yes_{verb} button").click()
        expect(page.locator(".st-key-card_progress")).to_contain_text(label)
    told = tab.stage.chapar("campaign", "report", str(campaign_id))
    assert (told["state"], told["held_rials"]) == ("stopped", 0)
    assert tab.errors == []
