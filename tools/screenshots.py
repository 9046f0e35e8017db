"""Takes a picture of every page in both languages, on a desk and on a phone: `make screenshots`.

The pages are those of a demo home of its own, var/screenshots/home, made the first time; the pictures lie
beside it.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools import debian
from tools.say import give_up, run, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "screenshots"
HOME = OUT / "home"
SIZES = {"desk": (1366, 900), "phone": (390, 844)}
LANGUAGES = ("fa", "en")
SHOWN_AS = {"fa": "کاربر نمونه", "en": "Sample user"}
HEIGHT_MAX = 3_000
TEXT = "سلام! از فردا تا جمعه همهٔ کفش‌ها با ۳۰٪ تخفیف."
START_SECONDS = 60
PAGE_MILLISECONDS = 60_000
DRAWN = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stSpinner"]')"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def main(arguments: list[str]) -> None:
    """Make the demo home if there is none, serve it, and photograph the named pages, all by default."""
    os.environ["CHAPAR_HOME"] = str(HOME)
    if not (HOME / "operations.sqlite").exists():
        say("making a demo to photograph")
        words: list[str | Path] = ["demo", "--home", HOME, "--subscribers", "200000", "--recipients", "5000"]
        run([ROOT / ".venv/bin/chapar", *words], otherwise="The demo itself has to work first: make demo")
    from playwright.sync_api import sync_playwright

    from dashboards.pages import PAGES

    known = [*(entry.path for entry in PAGES if entry.listed), f"report?id={_sent()}"]
    if strange := [path for path in arguments if path not in known]:
        give_up(f"no such page: {', '.join(strange)}; the pages are {', '.join(known)}")
    paths = arguments or known
    browser_path = debian.chromium() or give_up(f"no Chromium here: {debian.by_hand('chromium')}")
    with _served() as address, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=browser_path, args=FLAGS)
        for language in LANGUAGES:
            for size in SIZES:
                _photograph(browser, address, paths, language=language, size=size)
        browser.close()
    say(f"the pictures are in {OUT.relative_to(ROOT)}")


@contextmanager
def _served() -> Iterator[str]:
    """Serve the dashboards from a free port until the pictures are taken."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = subprocess.Popen([sys.executable, "-m", "dashboards", "--port", str(port)], cwd=ROOT)
    try:
        give_up_at = time.monotonic() + START_SECONDS
        while not _answers(port):
            if child.poll() is not None or time.monotonic() > give_up_at:
                give_up("the dashboards did not start; what they said is above")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(timeout=START_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _photograph(browser: Browser, address: str, paths: list[str], *, language: str, size: str) -> None:
    from dashboards import cookies

    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1)
    context.add_cookies([{"name": cookies.LANGUAGE, "value": language, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/login")
    page.screenshot(path=OUT / f"{language}-{size}-login.png", full_page=True)
    context.add_cookies([{"name": cookies.session_name(), "value": _session(language), "url": address}])
    for path in paths:
        page.goto(f"{address}/{'' if path == 'home' else path}", timeout=PAGE_MILLISECONDS)
        page.wait_for_function(DRAWN, timeout=PAGE_MILLISECONDS)
        page.wait_for_load_state("networkidle", timeout=PAGE_MILLISECONDS)  # the outlines of the map are many
        page.wait_for_timeout(800)  # charts and the map draw after the script has ended
        if path == "send-area":
            _draw_circle(page)
        tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        room = min(max(height, tall), HEIGHT_MAX)  # the page scrolls inside the window
        page.set_viewport_size({"width": width, "height": room})
        page.wait_for_timeout(400)
        page.screenshot(path=OUT / f"{language}-{size}-{path.partition('?')[0]}.png")
        page.set_viewport_size({"width": width, "height": height})
    context.close()


def _draw_circle(page: Page) -> None:
    """Put a send together as a person does: a circle on the map, taken up, and a text; it is priced."""
    page.locator(".tool.circle").click()
    found = page.locator(".chapar-map").bounding_box()
    assert found
    x, y = found["x"] + found["width"] / 2, found["y"] + found["height"] / 2
    page.mouse.click(x, y)
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.click(x + 60, y)
    page.locator(".st-key-add button:enabled").click()
    page.locator(".st-key-addition_0").wait_for()
    page.locator(".composer textarea").fill(TEXT)
    page.locator(".st-key-send button:enabled").wait_for()
    page.wait_for_function(DRAWN, timeout=PAGE_MILLISECONDS)


def _sent() -> int:
    """Return the campaign that was sent last: its report has something to show."""
    from data.use_cases import reports
    from data.use_cases.floor import OPERATOR

    rows = reports.search(OPERATOR, reports.Filter(), limit=20).rows
    return next(row.id for row in rows if row.recipients)


def _session(language: str) -> str:
    """Return the opaque id of a fresh session of the demo's own user."""
    from data import clock
    from data.records import accounts, sessions, users
    from data.store.operations import writing

    name, now = f"sample-{language}", clock.now()
    with writing() as c:
        account = accounts.find(c, "demo") or give_up("the home holds no demo: make clean, then try again")
        known = users.credentials(c, name)
        new = users.NewUser(account.id, name, secrets.token_urlsafe(24), SHOWN_AS[language])
        user_id = known[0] if known else users.create_user(c, new, actor="screenshots", now=now)
        users.set_language(c, user_id, language)
        return sessions.open_session(c, user_id, address="127.0.0.1", now=now)


if __name__ == "__main__":
    main(sys.argv[1:])
