"""The door: who comes in, how, and what stays shut (protocol.md 5)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from doors import PASSWORD, House, TestClient, sign_in
from starlette.websockets import WebSocketDisconnect

from dashboards import login
from data.settings import settings
from data.store import operations
from data.store.tables import session

PAGE = {"accept": "text/html"}


@pytest.mark.parametrize(
    "path", ["/media/picture", "/shapes/land.geojson", "/download/messages.csv?campaign=1"]
)
def test_nothing_behind_the_door_answers_without_a_session(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_a_page_without_a_session_leads_to_the_door(client: TestClient) -> None:
    answer = client.get("/?id=7", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2F%3Fid%3D7"


def test_an_upload_without_a_session_is_refused(client: TestClient) -> None:
    assert client.put("/_stcore/upload_file/x", content=b"1").status_code == 401


def test_a_socket_without_a_session_is_closed(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass


def test_a_socket_with_a_session_opens(client: TestClient) -> None:
    assert sign_in(client) == 303
    with client.websocket_connect("/_stcore/stream"):
        pass


def test_the_right_password_opens_and_sets_a_cookie_that_scripts_cannot_read(client: TestClient) -> None:
    assert sign_in(client) == 303
    assert client.get("/media/picture").text == "secret"
    token = client.get("/login").headers.get("set-cookie", "")
    assert token == ""  # whoever is inside is sent on
    client.cookies.clear()
    sign_in(client)
    kept = [cookie for cookie in client.cookies.jar if cookie.name == "chapar"]
    assert kept
    assert kept[0].has_nonstandard_attr("HttpOnly")


def test_a_cookie_is_for_https_only_where_the_public_address_is(
    house: House, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setenv("CHAPAR_PUBLIC_URL", "https://panel.example")
    settings.cache_clear()
    header = client.get("/login").headers["set-cookie"]
    assert header.startswith("__Host-chapar-form=")
    assert "Secure" in header
    assert "HttpOnly" in header


def test_a_wrong_password_tells_no_more_than_a_wrong_name(client: TestClient) -> None:
    told = []
    for name in ("sara", "nobody"):
        token = client.get("/login").text.partition('name="token" value="')[2].partition('"')[0]
        answer = client.post("/login", data={"token": token, "username": name, "password": "wrong-password"})
        told.append((answer.status_code, answer.text.partition('id="problem">')[2].partition("<")[0]))
    assert told[0] == told[1]
    assert told[0][0] == 401


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    token = client.get("/login").text.partition('name="token" value="')[2].partition('"')[0]
    data = {"token": token, "username": "sara", "password": PASSWORD}
    assert client.post("/login", data=data, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/login", data=data | {"token": "guess"}).status_code == 403
    assert client.post("/logout", headers={"origin": "https://evil.example"}).status_code == 403


def test_many_wrong_passwords_make_an_address_wait(client: TestClient, clock: Any) -> None:
    tries = [sign_in(client, password="wrong-password") for _ in range(6)]
    assert tries == [401, 401, 401, 401, 401, 429]
    assert sign_in(client) == 429
    clock.advance(minutes=20)
    assert sign_in(client) == 303


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(client: TestClient) -> None:
    sign_in(client)
    stolen = dict(client.cookies)
    assert client.post("/logout").status_code == 303
    client.cookies.update(stolen)
    assert client.get("/media/picture").status_code == 401


def test_a_session_that_nobody_used_for_an_hour_is_over(client: TestClient, clock: Any) -> None:
    sign_in(client)
    clock.advance(hours=1)
    assert client.get("/media/picture").status_code == 401


def test_the_store_never_holds_the_cookie_itself(client: TestClient, house: House) -> None:
    sign_in(client)
    with operations.reading() as c:
        kept = list(c.scalars(sa.select(session.c.id_hash)))
    assert client.cookies["chapar"] not in kept


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_door_leads_nowhere_but_inside(path: str) -> None:
    assert login._inside(path) == "/"


def test_every_answer_forbids_scripts_and_pictures_from_elsewhere(client: TestClient) -> None:
    policy = client.get("/login").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    assert client.get("/login").headers["x-frame-options"] == "DENY"


def test_a_file_of_another_accounts_campaign_is_unknown(client: TestClient, house: House) -> None:
    sign_in(client, "admin")
    assert client.get("/download/messages.csv?campaign=1").status_code == 404
    assert client.get("/download/messages.csv?campaign=x").status_code == 404


def test_the_rejected_rows_of_an_upload_are_their_owners_only(client: TestClient, house: House) -> None:
    from dashboards import audiences

    upload, _ = audiences.take_upload(house.demo_id, b"mobile,name\n=1+1,x\n09121234567,y\n123,z\n")
    sign_in(client)
    mine = client.get(f"/download/rejects.csv?upload={upload}")
    assert mine.status_code == 200
    assert "'=1+1" in mine.text
    assert mine.headers["cache-control"] == "no-store"
    client.cookies.clear()
    sign_in(client, "admin")
    assert client.get(f"/download/rejects.csv?upload={upload}").status_code == 404
    assert client.get("/download/rejects.csv?upload=../../x").status_code == 404
