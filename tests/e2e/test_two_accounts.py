"""Two accounts in one house: a stranger walks every page and route and meets nothing of the other's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from stage import Stage, Visit
from starlette.routing import Route

from dashboards import asgi
from dashboards.pages import PAGES

pytestmark = pytest.mark.browser
SETTLED_MS = 300
APART = re.compile(r"[\s\u200e\u200f\u2066-\u2069]")  # what stands between the digits of a number
# What the shop's things bear: title, text, numbers, upload, line, people, opt-outs, in the digits of pages.
MARKS = ("parastoo", "زمرد", "9121110", "۹۱۲۱۱۱۰", "7770009", "۷۷۷۰۰۰۹", "yaghoot")
OF_THE_REPORT = "زمرد"  # the text of an order that has a title: no list shows it
UPLOAD = b"mobile,name\n09121110005,a\nparastoo,b\n"  # one row of it is rejected
MAKE = f"""
from dashboards import audiences
from data import clock
from data.records import accounts, users
from data.store import operations
with operations.writing() as c:
    for account, name in (("jewels", "yaghoot"), ("spies", "omid")):
        found = accounts.required(c, account)
        users.create_user(c, users.NewUser(found.id, name, "a-long-password"), actor="test", now=clock.now())
        if account == "jewels":
            audiences.take_upload(found.id, {UPLOAD!r})
"""
SAID = """() => {
  const heard = (root) => [...root.querySelectorAll('*')].flatMap((e) =>
    [e.shadowRoot ? heard(e.shadowRoot) : '', e.children.length ? '' : e.textContent,
     e.value, e.ariaLabel, e.title].flat());
  return heard(document.body).filter((one) => typeof one === 'string' && one).join('\\n');
}"""


@pytest.fixture(scope="module")
def order(stage: Stage) -> dict[str, Any]:
    """What the shop has: an order that ran, numbers of its own, opt-outs; beside it an account of spies."""
    from stage import run_python

    for name in ("jewels", "spies"):
        stage.chapar("account", "create", name, "--credit", "1000000")
    run_python(stage.environment, MAKE)
    line = ["--gateway", "sim", "--account", "jewels", "--kind", "service", "--price", "90", "--cost", "60"]
    stage.chapar("line", "create", "7770009", *line)
    for number, kind in (("09121110001", "opt_out"), ("09121110004", "blacklist")):
        left = ["--kind", kind, "--why", "parastoo asked", "--account", "jewels"]
        stage.chapar("suppression", "add", number, *left)
    order = {
        "account": "jewels", "line": "7770009", "title": "parastoo", "text": f"{OF_THE_REPORT} رسید",
        "audience": {"any": [{"kind": "numbers", "numbers": ["09121110002", "09121110003"]}]},
    }  # fmt: skip
    made = stage.chapar("campaign", "create", "-", said=json.dumps(order, ensure_ascii=False))
    stage.chapar("campaign", "run", str(made["campaign_id"]), "--wait", "2")
    told = stage.chapar("campaign", "report", str(made["campaign_id"]))
    assert told["run_id"]
    return told


def marks_of(page: Page) -> set[str]:
    page.wait_for_timeout(SETTLED_MS)  # tables draw themselves after the page
    said = APART.sub("", page.evaluate(SAID))
    return {mark for mark in MARKS if mark in said}


def asked_of(order: dict[str, Any]) -> str:
    """What an address can say to ask for the shop's things, in the words that pages and routes read."""
    upload = hashlib.sha256(UPLOAD).hexdigest()
    named = f"id={order['campaign_id']}&campaign={order['campaign_id']}&run={order['run_id']}"
    return f"?{named}&upload={upload}&account=jewels&text=yaghoot"


def paths_of_routes() -> Iterator[str]:
    for route in asgi.routes():
        assert isinstance(route, Route)
        if "GET" not in (route.methods or ()) or route.path.startswith("/gw/") or route.path == "/logout":
            continue
        for noun in ("suppression", "users") if "{noun}" in route.path else ("",):
            yield route.path.replace("{noun}", noun).replace("{form}", "csv").replace("{name}", "land")


def files_of(tab: Visit, order: dict[str, Any]) -> dict[str, set[str]]:
    """Ask every route for the shop's things; return the marks that each answer bears."""
    answers = {
        path: tab.page.request.get(f"{tab.stage.address}{path}{asked_of(order)}").text()
        for path in paths_of_routes()
    }
    found = {path: {mark for mark in MARKS if mark in text} for path, text in answers.items()}
    return {path: marks for path, marks in found.items() if marks}


def test_the_owner_meets_the_marks_that_a_stranger_must_not(
    visit: Callable[..., Visit], order: dict[str, Any]
) -> None:
    tab = visit(user="yaghoot")
    met = {path: marks_of(tab.open(path)) for path in ("reports", "send-quick", "users", "suppression")}
    assert OF_THE_REPORT not in set().union(*met.values())
    met["report"] = marks_of(tab.open(f"report{asked_of(order)}"))
    assert OF_THE_REPORT in met["report"]
    everywhere = set().union(*met.values())
    assert {"parastoo", "yaghoot"} <= everywhere
    assert everywhere & {"9121110", "۹۱۲۱۱۱۰"}
    assert everywhere & {"7770009", "۷۷۷۰۰۰۹"}
    files = files_of(tab, order)
    assert files["/download/messages.csv"] == {"9121110"}
    assert "parastoo" in files["/download/rejects.csv"]
    assert "9121110" in files["/download/list/suppression.csv"]
    assert "yaghoot" in files["/download/list/users.csv"]


def test_a_stranger_walks_every_page_and_meets_nothing_of_the_other_account(
    visit: Callable[..., Visit], order: dict[str, Any]
) -> None:
    tab = visit(user="omid")
    met = {}
    for entry in PAGES:
        for asked in ("", asked_of(order)):
            if found := marks_of(tab.open(f"{entry.address}{asked}")):
                met[entry.path + asked] = found
    # a box that shows what the address says tells nothing that was not known
    assert {path: found for path, found in met.items() if "?" not in path} == {}
    assert set().union(*met.values()) <= {"yaghoot"}, met


def test_a_stranger_asks_every_route_for_the_others_things_and_gets_none(
    visit: Callable[..., Visit], order: dict[str, Any]
) -> None:
    assert files_of(visit(user="omid"), order) == {}
