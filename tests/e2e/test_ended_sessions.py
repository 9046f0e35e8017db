"""Two browsers: one ends the other's session; whatever is then pressed there leads to the door, and nothing
was done. And where boxes of several stand side by side, they stand in the order in which they are read.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error as PlaywrightError
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


def _new_suppression(page: Page) -> None:
    page.locator(".st-key-suppression_new button").click()


def _report(tab: Visit) -> None:
    order = {
        "account": "demo", "line": "30001234", "title": "نوبت", "text": "نوبت شما فرداست",
        "audience": {"any": [{"kind": "numbers", "numbers": ["09120000021", "09120000022"]}]},
        "start_at": (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat(),
    }  # fmt: skip
    made = tab.stage.chapar("campaign", "create", "-", said=json.dumps(order, ensure_ascii=False))
    tab.stage.chapar("campaign", "start", str(made["campaign_id"]))
    tab.open(f"report?id={made['campaign_id']}")


def _asked_to(verb: str) -> Callable[[Visit], None]:
    def prepare(tab: Visit) -> None:
        _report(tab)
        tab.page.locator(f".st-key-verbs_{verb} button").click()
        expect(tab.page.locator(f".st-key-yes_{verb} button")).to_be_visible()

    return prepare


def _order_to_confirm(tab: Visit) -> None:
    page = tab.open("send-quick")
    _type_numbers(page)
    page.locator(".st-key-add button").click()
    expect(page.locator(".st-key-addition_0")).to_be_visible()
    page.locator(".composer textarea").fill("نوبت شما فرداست")
    expect(page.locator(".st-key-send button")).to_be_enabled()
    page.locator(".st-key-send button").click()
    expect(page.locator(".st-key-confirm button")).to_be_visible()


def _row_to_take_off(tab: Visit) -> None:
    tab.stage.chapar(
        "suppression", "add", "09120000031", "--account", "demo", "--kind", "blacklist", "--why", "asked"
    )
    page = tab.open("suppression?kind=blacklist")
    page.get_by_label(re.compile(": ۰۹۱۲۰۰۰۰۰۳۱$")).check()
    page.locator(".st-key-suppression_remove button").click()
    box = page.get_by_role("dialog").get_by_role("textbox").first
    box.fill("اشتباه بود")
    box.blur()
    expect(page.locator(".st-key-suppression_remove_yes button")).to_be_enabled()


def _acting(tab: Visit) -> None:
    tab.open("")
    expect(tab.page.locator(".st-key-banner_back button")).to_be_visible()


def _account_to_see(tab: Visit) -> None:
    _acting(tab)
    tab.page.locator(".st-key-banner_back button").click()
    expect(tab.page.locator(".st-key-acting_banner")).to_have_count(0)
    tab.page.locator(".st-key-profile button").first.click()
    tab.page.locator(".st-key-act_as").get_by_role("combobox").click()
    tab.page.get_by_role("option").first.click()
    expect(tab.page.locator(".st-key-act_as_go button")).to_be_enabled()


def _opened(path: str) -> Callable[[Visit], None]:
    def prepare(tab: Visit) -> None:
        tab.open(path)

    return prepare


def _button(key: str) -> Callable[[Page], None]:
    """Press a button, unless the page's own timer led to the door before."""

    def press(page: Page) -> None:
        with suppress(PlaywrightError):
            page.locator(f".st-key-{key} button").click(timeout=5_000)

    return press


# What is pressed: whose tab it is, how it comes to stand there, the press itself.
ACTIONS: dict[str, tuple[str, Callable[[Visit], None], Callable[[Page], None]]] = {
    "another page": ("sara", _opened(""), _go_to_reports),
    "numbers": ("sara", _opened("send-quick"), _type_numbers),
    "a new user": ("sara", _opened("users"), _save_user),
    "a new suppression": ("sara", _opened("suppression"), _new_suppression),
    "pause": ("sara", _asked_to("pause"), _button("yes_pause")),
    "stop": ("sara", _asked_to("stop"), _button("yes_stop")),
    "the confirm of a send": ("sara", _order_to_confirm, _button("confirm")),
    "an action on rows": ("sara", _row_to_take_off, _button("suppression_remove_yes")),
    "back to oneself": ("head", _acting, _button("banner_back")),
    "act as an account": ("head", _account_to_see, _button("act_as_go")),
}


def _end(tab: Visit, other: Visit) -> None:
    """Sign out in another browser that holds the same cookie."""
    other.page.context.request.post(f"{tab.stage.address}/logout")  # its own session: the tab's lives on
    session = next(one for one in tab.page.context.cookies() if one.get("name") == "chapar")
    stolen = other.page.context
    stolen.add_cookies([{"name": "chapar", "value": str(session.get("value")), "url": tab.stage.address}])
    stolen.request.post(f"{tab.stage.address}/logout")


def _traced(tab: Visit) -> list[tuple[str, str]]:
    """What people did, in order: every use case that changes something writes a line."""
    with tab.stage.operations() as c:
        return list(c.execute("SELECT action, actor FROM audit_log WHERE actor LIKE 'user:%' ORDER BY id"))


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_is_pressed_in_an_ended_tab_leads_to_the_door(visit: Visits, action: str) -> None:
    user, prepare, press = ACTIONS[action]
    tab, other = visit(user=user), visit()
    prepare(tab)
    _end(tab, other)
    before = _traced(tab)
    press(tab.page)
    expect(tab.page).to_have_url(re.compile("/login"), timeout=30_000)
    assert _traced(tab) == before


@pytest.mark.parametrize("action", ["pause", "stop", "the confirm of a send", "an action on rows"])
def test_the_same_press_in_a_living_tab_does_something(visit: Visits, action: str) -> None:
    user, prepare, press = ACTIONS[action]
    tab = visit(user=user)
    prepare(tab)
    before = _traced(tab)
    press(tab.page)
    give_up_at = time.monotonic() + 30
    while _traced(tab) == before:
        assert time.monotonic() < give_up_at, "nothing was done"
        tab.page.wait_for_timeout(200)


def test_hours_stand_left_of_minutes_on_a_persian_page(visit: Visits) -> None:
    page = visit().open("send-quick")
    page.locator(".st-key-when_mode button").nth(1).click()
    clock = page.locator("[data-testid=stTimeInput]")
    boxes = [clock.locator(f"[data-type={part}]").bounding_box() for part in ("hour", "minute")]
    hour, minute = boxes
    assert hour
    assert minute
    assert hour["x"] + hour["width"] <= minute["x"], "22:35 reads 22:35"


def test_what_one_chooses_from_begins_at_the_right_on_a_persian_page(visit: Visits) -> None:
    page = visit().open("send-quick")
    page.locator(".st-key-when_mode button").nth(1).click()
    page.locator(".st-key-card_when [data-testid=stSelectbox] input").click()
    option = page.get_by_role("option").first
    expect(option).to_be_visible()
    left, right = option.evaluate(
        """option => {
          const words = document.createRange();
          words.selectNodeContents(document.createTreeWalker(option, NodeFilter.SHOW_TEXT).nextNode());
          const [text, box] = [words.getBoundingClientRect(), option.getBoundingClientRect()];
          return [text.left - box.left, box.right - text.right];
        }"""
    )
    assert right < left, "it stands at the right"
