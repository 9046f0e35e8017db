"""A noun's page as a person works with it: save, mark, act, act on all that is found, take away, read in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from stage import Visit
from test_everybody import NAMES, PICTURES, SAID, breaches

pytestmark = pytest.mark.browser
Visits = Callable[..., Visit]
ASKED, GONE, LETTER = "09120000011", "09120000012", "دوباره پیام می‌خواهم. رضا"


def test_suppression_is_added_to_taken_from_and_taken_away(visit: Visits) -> None:
    tab = visit(language="en")
    page = tab.open("suppression?kind=blacklist")
    _form(tab, "suppression", Numbers=f"{ASKED}\n{GONE}\n0912 000 0013\n12", Reason="asked on the phone")
    expect(page.get_by_text("3 added, 0 were there, 1 rejected")).to_be_visible()
    expect(page.locator("tr.new")).to_have_count(1)
    assert "kind=blacklist" in page.url
    for form in ("CSV", "Excel file"):
        with page.expect_download() as download:
            page.get_by_role("link", name=form).click()
        assert download.value.path().stat().st_size > 100
    assert "98912" in Path(download.value.path()).read_bytes().decode("latin-1") or form == "Excel file"
    _mark(page, ASKED)
    _act(tab, "suppression_remove", f"again: 1 ({ASKED})", Reason="a slip")
    expect(page.get_by_text("Done for 1.")).to_be_visible()
    expect(page.get_by_role("table")).not_to_contain_text("0011")
    _mark(page, GONE)
    page.get_by_text("All 2, not only this page").click()
    _act(tab, "suppression_remove", "again: 2", Reason="all of it was a slip")
    expect(page.get_by_text("Done for 2.")).to_be_visible()
    assert tab.stage.chapar("suppression", "list", "--account", "demo", "--kind", "blacklist")["people"] == 0
    assert tab.errors == []


def test_an_opt_out_ends_only_with_a_proof_that_is_kept(visit: Visits) -> None:
    tab = visit()
    tab.stage.chapar("suppression", "add", ASKED, "--account", "demo", "--kind", "opt_out", "--why", "تلفنی")
    page = tab.open("suppression")
    _mark(page, "۰۹۱۲۰۰۰۰۰۱۱")
    page.locator(".st-key-suppression_come_back button").click()
    dialog = page.get_by_role("dialog")
    yes = page.locator(".st-key-suppression_come_back_yes button")
    _fill(page, دلیل="نامهٔ خودش")
    expect(dialog).to_contain_text("سند را بنویسید")
    expect(yes).to_be_disabled()
    assert _english(page) == set()
    assert breaches(page) == []
    _fill(page, **{"متن سند": LETTER})
    expect(yes).to_be_enabled()
    yes.click()
    expect(page.get_by_text("برای ۱ مورد انجام شد.")).to_be_visible()
    told = tab.stage.chapar("suppression", "list", "--account", "demo", "--kind", "opt_out")
    assert told["suppressed"] == []
    with tab.stage.operations() as c:
        kept = c.execute("SELECT content, actor FROM suppression_proof").fetchall()
    assert kept == [(LETTER.encode(), "user:sara")]


def test_a_file_of_numbers_is_read_in_on_its_tab(visit: Visits) -> None:
    tab = visit(language="en")
    page = tab.open("suppression?kind=imports")
    page.locator(".st-key-suppression_imports_new button").click()
    expect(page.locator(".st-key-suppression_imports_save button")).to_be_disabled()
    rows = "".join(f"0912000{number:04}\n" for number in range(500, 560)).encode()
    page.set_input_files(
        "input[type=file]", FilePayload(name="left.csv", mimeType="text/csv", buffer=rows + b"12\n")
    )
    _fill(page, Reason="an older list")
    page.locator(".st-key-suppression_imports_save button").click()
    expect(page.get_by_text("60 added, 0 were there, 1 rejected")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("left.csv")
    page.get_by_role("radio", name="My blacklist").click()
    page.locator(".st-key-suppression_after button").click()  # the second page of sixty
    expect(page.get_by_role("row")).to_have_count(11)
    page.get_by_label("Number", exact=True).fill("0912 000 0507")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("Number", exact=True).fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(51)
    page.get_by_label("Choose all of this page").check()
    page.get_by_text("All 60, not only this page").click()
    _act(tab, "suppression_remove", "again: 60", Reason="the list was another shop's")
    expect(page.get_by_text("Done for 60.")).to_be_visible()


def test_people_are_let_in_given_roles_shut_out_and_let_in_again(visit: Visits) -> None:
    tab = visit(language="en")
    page = tab.open("users")
    page.locator(".st-key-users_new button").click()
    _fill(page, **{"User name": "mina", "Name": "Mina Karimi"})
    _choose(page, "Role", "Analyst")
    page.locator(".st-key-users_save button").click()
    expect(page.get_by_text("The password of mina")).to_be_visible()
    _mark(page, "mina")
    page.locator(".st-key-users_give_role button").click()
    _choose(page.get_by_role("dialog"), "Role", "Marketer")
    page.locator(".st-key-users_give_role_yes button").click()
    expect(page.get_by_text("mina was saved.")).to_be_visible()
    assert tab.stage.chapar("user", "show", "mina")["role"] == "marketer"
    page.get_by_role("textbox", name="Name or user name").fill("mina")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    _mark(page, "mina")
    _act(tab, "users_suspend", "1 users (mina)")
    expect(page.get_by_text("Done for 1.")).to_be_visible()
    assert not tab.stage.chapar("user", "show", "mina")["active"]
    _mark(page, "mina")
    _act(tab, "users_restore", "1 users (mina)")
    expect(page.get_by_role("table")).to_contain_text("Active")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["user", "mina"]


def test_a_filter_stands_in_the_address_as_a_code_in_both_languages(visit: Visits) -> None:
    tab = visit()
    page = tab.open("users?role=user&state=active")
    expect(page.get_by_role("row")).to_have_count(2)
    for cell in page.locator("td.k-wide bdi").all():  # a Latin name stands at the right too
        assert cell.evaluate("e => getComputedStyle(e).textAlign") == "right"
    _choose(page, "وضعیت", "معلق")
    expect(page).to_have_url(re.compile(r"state=suspended"))
    page.go_back()
    expect(page.get_by_role("row")).to_have_count(2)
    page = tab.open("suppression")
    page.get_by_role("radio", name="لیست سیاه من").click()
    expect(page).to_have_url(re.compile(r"\?kind=blacklist$"))
    page.get_by_role("radio", name="درون‌ریزی‌ها").click()
    expect(page).to_have_url(re.compile(r"\?kind=imports$"))
    assert _english(page) == set()


def _form(tab: Visit, noun: str, **fields: str) -> None:
    tab.page.locator(f".st-key-{noun}_new button").click()
    _fill(tab.page, **fields)
    save = tab.page.locator(f".st-key-{noun}_save button")
    expect(save).to_be_enabled()
    save.click()


def _fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        box = page.get_by_role("textbox", name=re.compile(f"^{name}( \\*)?$"))
        box.fill(value)
        box.blur()


def _choose(place: Page | Locator, label: str, option: str) -> None:
    place.get_by_role("combobox", name=re.compile(f"^{label}")).click()
    page = place.page if isinstance(place, Locator) else place
    page.get_by_role("option", name=option, exact=True).click()


def _mark(page: Page, name: str) -> None:
    page.get_by_label(re.compile(f": {name}$")).check()


def _act(tab: Visit, action: str, question: str, **fields: str) -> None:
    tab.page.locator(f".st-key-{action} button").click()
    expect(tab.page.get_by_role("dialog")).to_contain_text(question)
    _fill(tab.page, **fields)
    yes = tab.page.locator(f".st-key-{action}_yes button")
    expect(yes).to_be_enabled()
    yes.click()
    tab.at_rest()


def _english(page: Page) -> set[str]:
    page.evaluate(PICTURES)
    return set(re.findall(r"[A-Za-z]{2,}", page.evaluate(SAID))) - NAMES
