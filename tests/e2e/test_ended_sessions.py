"""Two browsers: one ends the other's session; whatever is then pressed there leads to the door, and nothing
was done. And where boxes of several stand side by side, they stand in the order in which they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from stage import Visit

pytestmark = pytest.mark.browser
Visits = Callable[..., Visit]


def _type_numbers(page: Page) -> None:
    page.locator("textarea").first.fill("09121234567")
    page.keyboard.press("Control+Enter")


def _save_user(page: Page) -> None:
    page.locator(".st-key-users_new button").click()


def _go_to_reports(page: Page) -> None:
    page.locator(".st-key-section_reports_off a").click()


ACTIONS: list[tuple[str, Callable[[Page], None]]] = [
    ("", _go_to_reports),
    ("send-quick", _type_numbers),
    ("users", _save_user),
    ("suppression", lambda page: page.locator(".st-key-suppression_new button").click()),
]


@pytest.mark.parametrize(("path", "press"), ACTIONS, ids=[path or "home" for path, _ in ACTIONS])
def test_whatever_is_pressed_in_an_ended_tab_leads_to_the_door(
    visit: Visits, path: str, press: Callable[[Page], None]
) -> None:
    tab, other = visit(), visit()
    tab.open(path)
    other.page.context.request.post(f"{tab.stage.address}/logout")  # its own session: the tab's lives on
    session = next(one for one in tab.page.context.cookies() if one.get("name") == "chapar")
    stolen = other.page.context
    stolen.add_cookies([{"name": "chapar", "value": str(session.get("value")), "url": tab.stage.address}])
    stolen.request.post(f"{tab.stage.address}/logout")
    press(tab.page)
    expect(tab.page).to_have_url(re.compile("/login"), timeout=30_000)


def test_hours_stand_left_of_minutes_on_a_persian_page(visit: Visits) -> None:
    page = visit().open("send-quick")
    page.locator(".st-key-when_mode button").nth(1).click()
    clock = page.locator("[data-testid=stTimeInput]")
    boxes = [clock.locator(f"[data-type={part}]").bounding_box() for part in ("hour", "minute")]
    hour, minute = boxes
    assert hour
    assert minute
    assert hour["x"] + hour["width"] <= minute["x"], "22:35 reads 22:35"
