"""The counter in the browser agrees with every shared vector, without a table of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboards.widgets import composer
from data.rules import sms

pytestmark = pytest.mark.browser
ENCODINGS = {"GSM-7": "gsm7", "UCS-2": "ucs2"}


def vectors(folder: Path) -> list[dict[str, Any]]:
    """Read the shared vectors."""
    lines = (folder / "sms_segmentation_vectors.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_function_agrees_with_every_vector(browser: Browser, reference_data: Path) -> None:
    known = vectors(reference_data)
    page = browser.new_page()
    page.add_script_tag(content=(Path(composer.__file__).parent / "count.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "([texts, tables]) => texts.map((text) => countParts(text, tables))",
        [[one["text"] for one in known], sms.tables()],
    )
    page.close()
    wrong = [
        one["name"]
        for one, got in zip(known, found, strict=True)
        if (got["encoding"], got["units"], got["parts"])
        != (ENCODINGS[one["encoding"]], one["units"], one["segments"])
    ]
    assert len(known) >= 175
    assert wrong == []


def test_the_box_agrees_while_typing(visit: Callable[..., Any], reference_data: Path) -> None:
    known = [one for one in vectors(reference_data) if "\r" not in one["text"] and len(one["text"]) < 5_000]
    page: Page = visit().open("send-quick")
    page.wait_for_selector(".composer textarea")
    wrong = []
    for one in known:  # a text box holds no carriage return, so those are left to the test above
        page.locator(".composer textarea").fill(one["text"])
        meter = page.locator(".composer .meter")
        told = (meter.get_attribute("data-encoding"), int(meter.get_attribute("data-parts") or 0))
        if told != (ENCODINGS[one["encoding"]], one["segments"]):
            wrong.append((one["name"], told))
    assert wrong == []


def test_one_part_is_called_a_part(visit: Callable[..., Any]) -> None:
    page: Page = visit(language="en").open("send-quick")
    page.wait_for_selector(".composer textarea")
    for text, said in (("a", ["1 character", "1 part"]), ("a" * 161, ["161 characters", "2 parts"])):
        page.locator(".composer textarea").fill(text)
        assert [page.locator(".composer .meter span").nth(n).inner_text() for n in (0, 1)] == said
