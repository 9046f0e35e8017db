"""A marketer's way through the product, in a real browser: from the door to the last receipt."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from stage import AT_REST, Visit

from data.rules.persian import digits

pytestmark = pytest.mark.browser
TEXT = "سلام! از فردا تا جمعه همهٔ کفش‌ها با ۳۰٪ تخفیف. لغو۱۱"
Visits = Callable[..., Visit]


def test_a_circle_is_drawn_counted_priced_sent_and_followed_to_its_end(visit: Visits) -> None:
    tab = visit()
    page: Page = tab.open("send-area")
    growing = _draw_circle(page)
    matched = _count(page)
    assert 0 < growing < matched, "the count follows the mouse while the circle grows"
    page.locator(".st-key-add button").click()
    expect(page.locator(".st-key-addition_0")).to_be_visible()
    _type(page, TEXT)
    expect(page.locator(".st-key-send button")).to_be_enabled()
    page.locator(".st-key-send button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(TEXT)
    asked = digits(dialog.inner_text()).replace("٬", ",")
    page.locator(".st-key-confirm button").click()
    page.wait_for_url(re.compile(r"/report\?id=\d+"))
    campaign = page.url.rpartition("=")[2]
    worker = tab.stage.start("campaign", "run", campaign)
    try:
        expect(page.locator(".st-key-card_progress")).to_contain_text("پایان یافته", timeout=120_000)
    finally:
        worker.wait(timeout=120)
    told = tab.stage.chapar("campaign", "report", campaign)
    steps = {step["step"]: step["removed"] for step in told["waterfall"]}
    assert steps["suppressed"] > 0, "rented people who blocked adverts get none"
    assert told["recipients"] == matched - steps["suppressed"]
    assert f"{told['recipients']:,}" in asked
    assert f"{told['price_rials']:,}" in asked
    assert sum(told["messages"].values()) == told["recipients"]
    expect(page.locator(".st-key-card_states")).to_be_visible()
    page.get_by_role("tab", name="ریز پیام‌ها").click()
    expect(page.get_by_role("table").first).to_contain_text("•••")  # rented numbers are masked
    with page.expect_download() as download:
        page.get_by_role("tab", name="نمای کلی").click()
        page.get_by_role("link", name="CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == told["recipients"] + 1
    assert tab.outside == []
    assert tab.errors == []


def test_the_counter_follows_every_key(visit: Visits) -> None:
    page: Page = visit().open("send-quick")
    box = page.locator(".composer textarea")
    box.press_sequentially("سلام")
    expect(page.locator(".composer [data-part=chars]")).to_have_text("۴")
    box.fill("س" * 71)
    expect(page.locator(".composer [data-part=parts]")).to_have_text("۲")
    assert page.locator(".composer .meter").get_attribute("data-left") == "63"


def test_numbers_are_typed_in_any_writing_and_counted_once(visit: Visits) -> None:
    tab = visit(language="en")
    page: Page = tab.open("send-quick")
    page.get_by_role("textbox", name="Numbers").fill(
        "09121234567, ۰۹۱۲۱۲۳۴۵۶۷\n+98 935 123 4567\n02188776655"
    )
    page.keyboard.press("Control+Enter")
    live = page.locator(".st-key-live_count")
    expect(live).to_contain_text("2 people")
    expect(page.locator(".st-key-card_recipients")).to_contain_text("1 rejected")


def test_a_small_group_is_neither_counted_nor_sent_to(visit: Visits) -> None:
    page: Page = visit(language="en").open("send-area")
    page.get_by_text("Type coordinates and radius").click()
    page.get_by_label("Longitude").fill("52.9")
    page.get_by_label("Latitude").fill("35.0")
    page.get_by_label("Radius (metres)").fill("60")
    page.get_by_role("button", name="Put the circle on the map").click()
    expect(page.locator(".st-key-live_count")).to_contain_text("Fewer than 20 people")
    expect(page.locator(".st-key-add button")).to_be_disabled()


def test_the_administrator_of_a_home_with_the_demo_alone_meets_the_demo_and_goes_back(visit: Visits) -> None:
    tab = visit(language="en", user="head")
    banner = tab.page.locator(".st-key-acting_banner")
    for path in ("", "reports", "send-quick", "suppression", "users"):
        tab.open(path)
        expect(banner).to_contain_text("its data and its money")
    tab.page.locator(".st-key-banner_back button").click()
    expect(banner).to_have_count(0)
    tab.open("")
    tab.page.get_by_role("button", name="Act as demo").click()
    expect(banner).to_be_visible()


def test_the_language_is_switched_and_remembered(visit: Visits) -> None:
    tab = visit()
    page: Page = tab.page
    page.locator(".st-key-profile button").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    page.reload()
    expect(page.get_by_role("link", name="Send reports").first).to_be_visible()


def test_signing_out_shuts_the_door(visit: Visits) -> None:
    tab = visit(language="en")
    page: Page = tab.page
    page.locator(".st-key-profile button").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.goto(f"{tab.stage.address}/reports")
    expect(page).to_have_url(re.compile("/login"))


def _draw_circle(page: Page) -> int:
    """Draw from the middle outwards; return the count that showed while the mouse was still moving."""
    page.wait_for_selector(".chapar-map.leaflet-container .leaflet-control-zoom")
    page.locator(".tool.circle").click()
    box = page.locator(".chapar-map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.mouse.move(x + 30, y, steps=6)
    expect(page.locator(".st-key-live_count h3")).to_be_visible()
    growing = page.locator(".st-key-live_count h3").inner_text()
    page.mouse.move(x + 60, y, steps=6)
    page.mouse.click(x + 60, y)
    expect(page.locator(".st-key-live_count h3")).not_to_have_text(growing)
    page.wait_for_function(AT_REST)
    return _number(growing)


def _count(page: Page) -> int:
    return _number(page.locator(".st-key-live_count h3").inner_text())


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", digits(text)))


def _type(page: Page, text: str) -> None:
    page.locator(".composer textarea").fill(text)
    expect(page.locator(".composer .meter")).to_have_attribute("data-parts", "1")
