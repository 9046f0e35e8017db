"""Every page for everybody: screen reader, phone, both languages, and no request to elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from stage import ROOT, Stage, Visit

from dashboards.pages import PAGES

pytestmark = pytest.mark.browser
AXE = ROOT / "dashboards" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = [entry.address for entry in PAGES if entry.listed]
OF_STREAMLIT = {  # drawn by Streamlit itself, out of our hands; everything else must be clean
    "aria-allowed-attr", "aria-progressbar-name", "nested-interactive", "scrollable-region-focusable",
}  # fmt: skip
NAMES = frozenset(
    ["PNG", "CSV", "TXT", "TSV", "UTF", "GSM", "BTS", "Natural", "Earth", "OpenStreetMap", "contributors"]
)
SAID = """() => [...document.querySelectorAll('body, [aria-label], [placeholder], [title]')].flatMap((e) =>
  [e === document.body ? e.innerText : '', e.ariaLabel, e.getAttribute('placeholder'), e.title])
  .filter(Boolean).join('\\n')"""
PICTURES = "() => document.querySelectorAll('[translate=no], svg').forEach((e) => e.remove())"
RUN = """async () => {
  const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
  return found.violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160))]);
}"""


def drawn(tab: Visit, path: str) -> Page:
    """Open a page; on a send page wait until the composer stands too."""
    page = tab.open(path)
    if path.startswith("send-"):
        expect(page.locator(".composer label")).not_to_be_empty()
    return page


def breaches(page: Page) -> list[Any]:
    """Return what axe finds on a page, without what is Streamlit's own."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [found for found in page.evaluate(RUN) if found[0] not in OF_STREAMLIT]


@pytest.fixture(scope="module", autouse=True)
def _needs_axe() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make setup-dev")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_can_be_used_without_eyes_or_mouse(visit: Callable[..., Visit], language: str) -> None:
    tab = visit(language=language)
    found = {path: breaches(drawn(tab, path)) for path in PATHS}
    assert {path: told for path, told in found.items() if told} == {}
    assert tab.outside == []
    assert tab.errors == []


def test_a_persian_page_says_nothing_in_english(visit: Callable[..., Visit]) -> None:
    tab = visit()
    found = {}
    for path in PATHS:
        page = drawn(tab, path)
        page.evaluate(PICTURES)  # the names of icons are drawn; of a chart it speaks in Vega's words
        if strange := set(re.findall(r"[A-Za-z]{2,}", page.evaluate(SAID))) - NAMES:
            found[path] = strange
    assert found == {}


def test_a_refused_file_is_told_in_persian(visit: Callable[..., Visit]) -> None:
    page = drawn(visit(), "send-file")
    picker = page.locator("[data-testid=stFileUploader]")
    page.set_input_files(
        "input[type=file]", FilePayload(name="a.pdf", mimeType="application/pdf", buffer=b"%PDF")
    )
    expect(picker.locator("[role=alert]")).to_have_text("خطا: فایلی از این گونه پذیرفته نمی‌شود.")


def test_the_door_can_be_used_without_eyes_or_mouse(stage: Stage, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{stage.address}/login")
    told = breaches(page)
    page.close()
    assert told == []


def test_no_page_is_wider_than_a_phone(visit: Callable[..., Visit], tmp_path: Path) -> None:
    tab = visit(width=390)
    wide = {}
    for path in PATHS:
        page = tab.open(path)
        width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        if width > 390:
            wide[path] = width
    assert wide == {}
