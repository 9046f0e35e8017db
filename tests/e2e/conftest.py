"""A browser in front of a running house; its pages are watched for requests to elsewhere and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from stage import PASSWORD, WAIT_MS, Stage, Visit, open_stage

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Stage]:
    """One running house for all browser tests."""
    assert chromium
    opened = open_stage(tmp_path_factory.mktemp("stage") / "home")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as player:
        found = player.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def visit(stage: Stage, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a tab, signed in through the form as a person would."""
    contexts = []

    def opened(*, language: str = "fa", width: int = 1360, user: str = "sara") -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-US")
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.add_cookies([{"name": "chapar_language", "value": language, "url": stage.address}])
        found = Visit(context.new_page(), stage)
        _listen(found)
        page = found.page
        page.goto(f"{stage.address}/")
        page.fill("#username", user)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        found.at_rest()
        return found

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for pictures of what a failing test saw."""
    return tmp_path_factory.mktemp("pictures")


def _listen(found: Visit) -> None:
    own = (found.stage.address, found.stage.address.replace("http", "ws", 1), "data:", "blob:", "about:")
    page = found.page
    page.on("request", lambda asked: None if asked.url.startswith(own) else found.outside.append(asked.url))
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("console", lambda said: found.errors.append(said.text) if said.type == "error" else None)
