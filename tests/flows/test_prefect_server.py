"""Our Prefect server: closed to strangers, open on the loopback only, and its clock really starts runs.

The last is a contract with the pinned packages: with others the server looks healthy and no schedule fires.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from data import clock
from data.settings import settings
from data.store import operations
from flows import prefect_server
from flows.prefect_server import Server

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(500)]
RUN_SECONDS = 240.0
ENDED = ("COMPLETED", "FAILED", "CRASHED")
PROGRAM = (
    "from dataclasses import replace\n"
    "from flows import deploy, timetable\n"
    "timetable.JOBS = (replace(timetable.job('audit'), cron='* * * * *'),)\n"
    "deploy.main()"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for this file, in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAPAR_HOME", str(tmp_path_factory.mktemp("prefect") / "home"))
        patch.setenv("CHAPAR_STATE_DIR", str(tmp_path_factory.getbasetemp() / "machine"))
        settings.cache_clear()
        operations.migrate()
        before = dict(os.environ)
        made = prefect_server.start()
        try:
            assert made.ready() < settings().flows.prefect_start_seconds
            yield made
        finally:
            made.stop()
            operations.forget_engines()
            os.environ.clear()
            os.environ.update(before)
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _same_home(server: Server, monkeypatch: pytest.MonkeyPatch, _own_settings: None) -> None:
    """Tests start from bare settings; give these the home of the server."""
    home = next(path for path in server_home(server).parents if path.name == "home")
    monkeypatch.setenv("CHAPAR_HOME", str(home))
    for name, value in prefect_server.environment(server.address).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()


def server_home(server: Server) -> Path:
    assert server.process is not None
    variables = Path(f"/proc/{server.process.pid}/environ").read_bytes().split(b"\0")
    home = next(one.partition(b"=")[2] for one in variables if one.startswith(b"CHAPAR_HOME="))
    return Path(home.decode()) / "prefect"


def ask(
    server: Server, method: str, path: str, *, user: bool = False, body: Any = None, **headers: str
) -> Any:
    """One call; returns (status, headers, JSON or None)."""
    where = urlsplit(server.address)
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(prefect_server.password().encode()).decode()
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    data = None if body is None else json.dumps(body).encode()
    connection.request(method, path, body=data, headers={"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    is_json = "json" in (answer.headers.get("content-type") or "")
    return answer.status, answer.headers, json.loads(text) if is_json and text else None


def test_strangers_are_refused(server: Server) -> None:
    assert ask(server, "GET", "/api/admin/version")[0] == 401
    assert ask(server, "GET", "/api/admin/version", user=True)[0] == 200


def test_a_page_of_another_site_cannot_drive_it(server: Server) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    status, headers, _ = ask(server, "GET", "/api/health", **elsewhere)
    assert status == 200
    assert headers.get("access-control-allow-origin") is None
    without_token = ask(server, "POST", "/api/flows/filter", user=True, body={}, **elsewhere)
    assert without_token[0] == 403


def test_its_files_are_closed_to_others(server: Server) -> None:
    folder = prefect_server.folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("auth", "prefect.db", "server.log", "server.lock"):
        assert stat.S_IMODE((folder / name).stat().st_mode) & 0o077 == 0, name


def test_it_listens_on_the_loopback_only(server: Server) -> None:
    assert server.process is not None
    assert listening(server.process.pid) == {"127.0.0.1"}


def test_whoever_asks_again_finds_the_same_server(server: Server) -> None:
    again = prefect_server.start()
    assert (again.address, again.process) == (server.address, None)


def test_a_cron_deployment_really_starts_a_run(server: Server) -> None:
    runner = subprocess.Popen([sys.executable, "-c", PROGRAM], start_new_session=True)
    try:
        run = wait_for_run(server, runner)
    finally:
        runner.terminate()
        runner.wait()
    assert run["state_type"] == "COMPLETED", run
    assert run["auto_scheduled"] is True
    assert run["parameters"] == {}
    assert "audit" in artifact_keys(server)
    prefect = str(Path(sys.executable).parent / "prefect")
    words = [prefect, "deployment", "ls"]
    listing = subprocess.run(words, capture_output=True, text=True, check=False)
    assert listing.returncode == 0, listing.stderr
    assert "audit" in listing.stdout


def wait_for_run(server: Server, runner: subprocess.Popen[bytes]) -> Any:
    """Return the first scheduled run that has come to an end."""
    until = clock.monotonic() + RUN_SECONDS
    while clock.monotonic() < until and runner.poll() is None:
        ended = [run for run in rows(server, "flow_runs") if run["state_type"] in ENDED]
        if ended:
            return ended[0]
        clock.sleep(1)
    pytest.fail(f"no run within {RUN_SECONDS:g} s (runner: {runner.poll()})")


def artifact_keys(server: Server) -> set[str]:
    return {row["key"] for row in rows(server, "artifacts")}


def rows(server: Server, what: str) -> Any:
    """Ask the API for rows as a client does: with a CSRF token."""
    _, _, token = ask(server, "GET", "/api/csrf-token?client=test", user=True)
    headers = {"Prefect-Csrf-Token": token["token"], "Prefect-Csrf-Client": "test"}
    status, _, found = ask(server, "POST", f"/api/{what}/filter", user=True, body={}, **headers)
    assert status == 200, found
    return found


def listening(pid: int) -> set[str]:
    """The addresses at which a process listens, from /proc."""
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = set()
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            address = bytes.fromhex(fields[1].partition(":")[0])[::-1]
            found.add(".".join(map(str, address)))
    return found
