"""The one Prefect server of a home: loopback, password, CSRF guard, no telemetry (protocol.md 2.10).

`python -m flows.prefect_server` is the server; everybody else asks `start()`. Prefect itself is imported in
the server's own process only, so that asking costs nothing. The server holds a lock for as long as it lives.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from data import clock
from data.errors import Retryable
from data.settings import settings

USER = "chapar"
PASSWORD_BYTES = 24
ASK_EVERY_SECONDS, ASK_SECONDS, STOP_SECONDS, GRACE_SECONDS = 0.2, 2.0, 8.0, 3
LOCK_TRIES, EXIT_TAKEN = 5, 3
_NOT_OURS = ("PREFECT_API_KEY", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "PREFECT_CLOUD_API_URL")


@dataclass(slots=True)
class Server:
    """Where the server answers; `process` is None when somebody else started it."""

    address: str
    process: subprocess.Popen[bytes] | None
    asked_at: float  # monotonic seconds
    answered: bool = False

    def ready(self) -> float:
        """Wait until it answers; return the seconds since it was asked for. Raises Retryable."""
        while not self.is_ready():
            if self.process and self.process.poll() is not None:
                raise _failed(f"it ended with {self.process.returncode}")
            clock.sleep(ASK_EVERY_SECONDS)
        return clock.monotonic() - self.asked_at

    def lives(self) -> bool:
        """Say whether the server, ours or somebody else's, is still there."""
        return self.process.poll() is None if self.process else find() == self.address

    def is_ready(self) -> bool:
        """Say whether it answers; raises Retryable when it never did within the limit."""
        limit = settings().flows.prefect_start_seconds
        self.answered = self.answered or _answers(self.address)
        if not self.answered and clock.monotonic() - self.asked_at > limit:
            raise _failed(f"it did not answer within {limit:g} seconds")
        return self.answered

    def stop(self) -> None:
        """End the server if we started it; a second call does nothing."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start() -> Server:
    """Find this home's server or start one; returns at once, `ready()` waits. Sets our environment for it."""
    asked_at = clock.monotonic()
    address, process = find(), None
    if address is None:
        process, address = _start()
    os.environ.update(environment(address))
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    return Server(address, process, asked_at)


def find() -> str | None:
    """Return the address of the living server of this home (or the one that the settings name), or None."""
    if settings().flows.prefect_url:
        return settings().flows.prefect_url.rstrip("/")
    with _lock_file() as lock:
        if _locked(lock.fileno(), fcntl.LOCK_SH):
            return None
        lock.seek(0)
        return lock.read().strip() or None


def folder() -> Path:
    """Return PREFECT_HOME, closed to other users: parameters lie in its database in plain text."""
    path = settings().root / "prefect"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def password() -> str:
    """Return `user:password` of the server's API and pages; made once, in a file that only we can read."""
    path = folder() / "auth"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{USER}:{secrets.token_urlsafe(PASSWORD_BYTES)}\n")
    except FileExistsError:
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


def environment(address: str) -> dict[str, str]:
    """Return the variables that every process of ours which uses Prefect must have before it imports it."""
    return {
        "PREFECT_HOME": str(folder()),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_API_AUTH_STRING": password(),
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
    }


def _server_environment(address: str) -> dict[str, str]:
    return environment(address) | {
        "PREFECT_SERVER_API_AUTH_STRING": password(),
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": address,
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(folder() / "pages"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }


def _start() -> tuple[subprocess.Popen[bytes], str]:
    log = os.open(folder() / "server.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.prefect_server"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(log)
    assert process.stdout is not None
    with process.stdout as told:
        line = told.readline()  # the socket is open when it is told; ends at once when the process dies
    if not line:
        process.wait()
        if address := find():  # another command was quicker
            return process, address
        raise _failed(f"it ended with {process.returncode}")
    return process, str(json.loads(line)["address"])


def _failed(why: str) -> Retryable:
    log = folder() / "server.log"
    return Retryable(
        f"the Prefect server did not start: {why}; look into {log} and try again",
        f"کارساز Prefect آغاز به کار نکرد؛ {log} را ببینید و دوباره تلاش کنید",
    )


def _answers(address: str) -> bool:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _lock_file() -> TextIO:
    """The server locks it and writes its address into it."""
    return os.fdopen(os.open(folder() / "server.lock", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")


def _locked(file: int, how: int) -> bool:
    """Try to take the lock; the server holds it exclusively while it lives, however it ends."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken(file: int) -> bool:
    """Take the lock for life; who only asks for the server holds it for a moment."""
    for _ in range(LOCK_TRIES):
        if _locked(file, fcntl.LOCK_EX):
            return True
        clock.sleep(ASK_EVERY_SECONDS)
    return False


def main() -> int:
    """Serve on the loopback until told to end or until the process that asked is gone."""
    from gateways.listening import end_with_parent, listen

    lock = _lock_file()
    if not _taken(lock.fileno()):
        return EXIT_TAKEN
    os.umask(0o077)
    end_with_parent()
    listening = listen("127.0.0.1", settings().flows.prefect_port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    lock.truncate(0)
    lock.write(address)
    lock.flush()
    sys.stdout.write(json.dumps({"address": address}) + "\n")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody reads the pipe any more
    os.environ.update(_server_environment(address))
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(final=True), log_level="error", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
