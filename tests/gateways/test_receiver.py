"""The door for receipts: size, then secret, then the body on disk, then 200 (decisions 21, attack B10)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from data.store import spool
from data.store.spool import Spool, SpoolFullError
from gateways.listening import listen
from gateways.receiver import receiver_routes

SECRETS = {"sim": "s3cret"}


class Client:
    """A receiver on a port of its own, served by uvicorn in a thread, and requests to it."""

    def __init__(self, secrets: Mapping[str, str] | object, writer: object) -> None:
        table = secrets if callable(secrets) else (lambda: secrets)
        app = Starlette(routes=receiver_routes(table, writer))  # type: ignore[arg-type]
        listening = listen("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(app, ws="none", lifespan="off", access_log=False, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve(sockets=[listening])))

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def post(self, path: str, content: object) -> requests.Response:
        return requests.post(self.address + path, data=content, timeout=10)  # type: ignore[arg-type]

    def get(self, path: str) -> requests.Response:
        return requests.get(self.address + path, timeout=10)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(writer: Spool) -> Iterator[Client]:
    with Client(SECRETS, writer) as made:
        yield made


def stored(writer: Spool, where: Path, kind: spool.SpoolKind = "dlr") -> list[str]:
    writer.close()
    return spool.read(spool.sealed(kind, where)).get_column("body").to_list()


def test_a_delivery_is_on_disk_before_the_200(client: Client, writer: Spool, tmp_path: Path) -> None:
    assert client.post("/gw/sim/s3cret/dlr", content=b'{"id": 1}').status_code == 200
    (segment,) = [*tmp_path.glob("dlr-*.open"), *tmp_path.glob("dlr-*.seg")]
    assert segment.stat().st_size > 0
    assert stored(writer, tmp_path) == ['{"id": 1}']


def test_a_get_brings_its_query_as_an_object(client: Client, writer: Spool, tmp_path: Path) -> None:
    address = "/gw/sim/s3cret/mo?from=98912&text=%D8%B3%D9%84%D8%A7%D9%85&empty="
    assert client.get(address).status_code == 200
    (body,) = stored(writer, tmp_path, "mo")
    assert json.loads(body) == {"from": "98912", "text": "سلام", "empty": ""}


@pytest.mark.parametrize(
    "path",
    ["/gw/sim/wrong/dlr", "/gw/sim//dlr", "/gw/other/s3cret/dlr", "/gw/sim/%D8%B3/dlr", "/gw/sim/s3cret/x"],
)  # fmt: skip
def test_a_wrong_secret_is_not_found_and_nothing_is_stored(
    client: Client, writer: Spool, tmp_path: Path, path: str
) -> None:
    assert client.post(path, content=b"{}").status_code == 404
    assert stored(writer, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_secret_is_counted(client: Client) -> None:
    client.post("/gw/sim/wrong/dlr", content=b"{}")
    assert client.get("/gw/health").json() == {"ok": True, "unknown": 1}


def test_a_body_that_is_too_long_is_refused_before_anything_else(
    client: Client, writer: Spool, tmp_path: Path
) -> None:
    long = b"x" * 262_145
    assert client.post("/gw/sim/s3cret/dlr", content=long).status_code == 413
    assert client.post("/gw/sim/wrong/dlr", content=iter([long])).status_code == 413  # without a length
    assert client.post("/gw/sim/s3cret/dlr", content=long[:262_144]).status_code == 200
    assert len(stored(writer, tmp_path)) == 1


def test_a_spool_that_cannot_be_written_asks_to_try_again() -> None:
    class Full:
        def append(self, *_: object) -> Future[None]:
            done: Future[None] = Future()
            done.set_exception(SpoolFullError("disk full"))
            return done

    with Client(SECRETS, Full()) as client:
        answer = client.post("/gw/sim/s3cret/dlr", content=b"{}")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_the_table_of_secrets_is_read_again_and_survives_a_failing_store(
    writer: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables: list[dict[str, str] | Exception] = [{"a": "1"}, {"a": "2"}, OSError("locked")]

    def secrets() -> dict[str, str]:
        found = tables.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("gateways.receiver.REFRESH_SECONDS", 0.0)
    with Client(secrets, writer) as client:
        assert client.post("/gw/a/1/dlr", content=b"{}").status_code == 200
        assert client.post("/gw/a/1/dlr", content=b"{}").status_code == 404
        assert client.post("/gw/a/2/dlr", content=b"{}").status_code == 200


def test_whoever_comes_before_the_table_is_read_waits_for_it(writer: Spool) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow() -> dict[str, str]:
        asked.set()
        go.wait(10)
        return SECRETS

    answers: list[int] = []
    with Client(slow, writer) as client:
        posts = [
            threading.Thread(
                target=lambda: answers.append(client.post("/gw/sim/s3cret/dlr", b"{}").status_code)
            )
            for _ in range(4)
        ]
        for post in posts:
            post.start()
        assert asked.wait(10)
        go.set()
        for post in posts:
            post.join(10)
    assert answers == [200] * 4


def test_without_any_table_nobody_is_turned_away_for_good(writer: Spool) -> None:
    def broken() -> dict[str, str]:
        raise OSError("locked")

    with Client(broken, writer) as client:
        assert client.post("/gw/sim/s3cret/dlr", content=b"{}").status_code == 503


def test_nothing_is_parsed_at_the_door(client: Client, writer: Spool, tmp_path: Path) -> None:
    assert client.post("/gw/sim/s3cret/dlr", content=b"not json at all").status_code == 200
    assert stored(writer, tmp_path) == ["not json at all"]
