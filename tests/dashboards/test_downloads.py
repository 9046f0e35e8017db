"""What is taken away as a file: every route decides alike, and pages offer what would not be refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from doors import PASSWORD, House, TestClient, sign_in

from dashboards import audiences, takeaway
from dashboards.pages import COLLECTIONS
from dashboards.session import Here
from dashboards.widgets import controls
from data import clock as the_clock
from data.errors import ChaparError, Refused, Retryable
from data.records import users
from data.rules import rights
from data.store import operations
from data.store.tables import audit_log
from data.use_cases import messages, sessions
from data.use_cases.floor import NotAllowed, SignedOut

UPLOAD = b"mobile,name\n09351234567,x\n@sum,y\n02188776655,z\n"
ROLES = ("marketer", "approver", "analyst", "finance")


@pytest.fixture
def people(house: House) -> dict[str, str]:
    """Let in a person of each role beside the owner; return role → name."""
    with operations.writing() as c:
        for role in ROLES:
            new = users.NewUser(house.demo_id, f"the-{role}", PASSWORD, role=role)
            users.create_user(c, new, actor="test", now=the_clock.now())
    return {role: f"the-{role}" for role in ROLES} | {"user": "sara"}


def statuses(client: TestClient, people: dict[str, str], path: str) -> dict[str, int]:
    found = {}
    for role, name in people.items():
        client.cookies.clear()
        sign_in(client, name)
        found[role] = client.get(path).status_code
    return found


def test_a_list_goes_to_whoever_may_take_data_away(client: TestClient, people: dict[str, str]) -> None:
    for form in takeaway.FORMS:
        found = statuses(client, people, f"/download/list/suppression.{form}?kind=blacklist")
        assert found == {role: 200 if rights.may(role, "export") else 403 for role in people}
    found = statuses(client, people, "/download/list/users.csv")
    assert found == {role: 200 if rights.may(role, "people") else 403 for role in people}


def test_rejected_rows_go_to_whoever_may_bring_files(
    client: TestClient, house: House, people: dict[str, str]
) -> None:
    upload, _ = audiences.take_upload(house.demo_id, UPLOAD)
    found = statuses(client, people, f"/download/rejects.csv?upload={upload}")
    assert found == {role: 200 if rights.may(role, "send") else 403 for role in people}
    with operations.reading() as c:
        where = (audit_log.c.action == "upload.rejects", audit_log.c.subject == upload)
        takers = set(c.scalars(sa.select(audit_log.c.actor).where(*where)))
    assert takers == {"user:the-marketer", "user:sara"}
    client.cookies.clear()
    sign_in(client)
    rows = client.get(f"/download/rejects.csv?upload={upload}").content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[:2] for row in rows] == [["line", "input"], ["3", "'@sum"], ["4", "02188776655"]]


@pytest.mark.parametrize(
    "path",
    ["messages.csv?campaign=77", "messages.csv", f"rejects.csv?upload={'0' * 64}", "rejects.csv?upload=../x",
     "list/accounts.csv", "list/users.pdf"],
)  # fmt: skip
def test_what_is_unknown_is_not_found_and_kept_by_nobody(client: TestClient, house: House, path: str) -> None:
    sign_in(client)
    answer = client.get(f"/download/{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    ("problem", "status"),
    [(SignedOut(), 401), (NotAllowed("export", "marketer"), 403), (Refused("run", "unknown"), 404),
     (Refused("kind", "none of these"), 400), (Retryable("busy"), 503)],
)  # fmt: skip
def test_a_refusal_has_one_status_at_every_route(problem: ChaparError, status: int) -> None:
    answer = takeaway.refusal(problem, "en")
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")


@pytest.mark.parametrize("role", [*ROLES, "user"])
def test_pages_offer_a_role_what_would_not_be_refused(people: dict[str, str], role: str) -> None:
    session = sessions.sign_in(people[role], PASSWORD, "127.0.0.1")
    viewer = sessions.viewer(session)
    assert viewer
    here = Here(viewer, "en")
    assert here.may(messages.export) is rights.may(role, "export")
    assert controls.offered(here) is rights.may(role, "send")
    suppression, its_users = COLLECTIONS["suppression"], COLLECTIONS["users"]
    assert suppression.export
    assert here.may(suppression.export) is rights.may(role, "export")
    verbs: list[Callable[..., object]] = [one.do for one in suppression.actions]
    assert all(here.may(verb) is rights.may(role, "send") for verb in verbs)
    verbs = [one.do for one in its_users.actions]
    assert all(here.may(verb) is rights.may(role, "people") for verb in verbs)


def test_the_right_of_everything_that_a_list_offers_is_known(house: House, people: dict[str, str]) -> None:
    viewer = sessions.viewer(sessions.sign_in("sara", PASSWORD, "127.0.0.1"))
    assert viewer
    here = Here(viewer, "en")
    every = [shown for its in COLLECTIONS.values() for shown in (its, *its.tabs.values())]
    for its in every:
        verbs = [one.do for one in its.actions] + [v for v in (its.export, its.form and its.form.save) if v]
        assert all(here.may(verb) for verb in verbs)
