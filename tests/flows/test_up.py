"""`chapar up`: pages, receiver and work in one tree that ends without an orphan, closed to the world."""

from __future__ import annotations

import http.client
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from commanded import chapar, started
from test_prefect_server import listening

from data import clock as the_clock
from data.records import processes
from data.records import users as user_records
from data.store import operations
from data.use_cases import accounts, users
from data.use_cases.floor import OPERATOR
from flows.steps.supervising import family

PATIENCE_SECONDS = 90.0


@pytest.mark.slow
def test_up_serves_works_and_ends_without_an_orphan(open_shop: Callable[..., Any]) -> None:
    shop = open_shop()
    shop.campaign(30)
    up = started("up", "--port", "0", "--without-prefect")
    assert up.stdout is not None
    told = json.loads(up.stdout.readline())
    try:
        assert told["user"] == "admin"
        assert len(told["password"]) >= 10
        assert get(told["dashboards"], "/health") == 200
        assert get(told["dashboards"], "/gw/sim/wrong-secret/dlr") in (403, 404)
        until = the_clock.monotonic() + PATIENCE_SECONDS
        while shop.accepted().height < 30 and the_clock.monotonic() < until:
            the_clock.sleep(0.2)
        tree = {pid: processes.started_at(pid) for pid in (up.pid, *family(up.pid))}
        assert len(tree) >= 3
        assert set().union(*(listening(pid) for pid in tree)) == {"127.0.0.1"}
    finally:
        up.send_signal(signal.SIGTERM)
        rest, _ = up.communicate(timeout=PATIENCE_SECONDS)
    assert (up.returncode, rest) == (0, "")
    assert {pid for pid, began in tree.items() if processes.started_at(pid) == began} == set()
    assert set(shop.copies().values()) == {1}
    assert shop.accepted().height == 30


def get(address: str, path: str) -> int:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_password_is_shown_once(home: Path) -> None:
    from flows.up import first_admin

    password = first_admin()
    assert password
    assert first_admin() is None
    found = users.listed(OPERATOR, users.Filter()).rows
    assert [(one.name, one.account, one.role) for one in found] == [("admin", "admin", "admin")]
    with operations.reading() as c:
        kept = user_records.credentials(c, "admin")
        traced = c.execute(sa.text("SELECT action, actor FROM audit_log ORDER BY id")).all()
    assert kept
    assert user_records.matches(kept[1], password)
    assert traced == [("account.create", "up"), ("user.create", "up")]


def test_a_start_goes_on_where_the_account_was_made_and_its_person_was_not(home: Path) -> None:
    from flows.up import first_admin

    accounts.create(OPERATOR, {"name": "admin", "role": "admin"})
    assert first_admin()
    assert len(accounts.listed(OPERATOR).rows) == 1
    assert users.listed(OPERATOR, users.Filter(role="admin")).total == 1


def test_plain_http_beyond_this_machine_is_refused(home: Path) -> None:
    code, told, _ = chapar("up", "--host", "0.0.0.0", "--port", "0")
    assert (code, told["error"]["field"]) == (2, "host")
    assert "--insecure-http" in told["error"]["say"]


def test_a_port_that_is_taken_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, told, _ = chapar("up", "--port", str(taken.getsockname()[1]))
    assert (code, told["error"]["field"]) == (2, "port")
