"""What a test may ask for: a fresh home, reference files, a clock to turn, Chromium; and no outside world."""

from __future__ import annotations

import ipaddress
import os
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from turned_clock import Clock

hypothesis_settings.register_profile("chapar", deadline=None)  # a busy machine is no fault of a rule
hypothesis_settings.load_profile("chapar")

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = Path(os.environ.get("CHAPAR_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
_OURS = ("CHAPAR_", "PREFECT_")  # variables of the person who runs the tests must not change what they say
_KEPT = {"CHAPAR_REFERENCE_DATA", "CHAPAR_CHROMIUM", "CHAPAR_BROWSER"}


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of the reference files (CHAPAR_REFERENCE_DATA); the test is skipped where there is none."""
    if not REFERENCE.is_dir():
        pytest.skip("no reference files here: CHAPAR_REFERENCE_DATA names their folder")
    return REFERENCE


@pytest.fixture(autouse=True)
def _own_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Every test starts from the defaults, whatever the shell around it has set; all are on one machine."""
    from data.settings import settings

    for name in [name for name in os.environ if name.startswith(_OURS) and name not in _KEPT]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    monkeypatch.setenv("CHAPAR_STATE_DIR", str(tmp_path_factory.getbasetemp() / "machine"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operations store brought to the newest version once, for every home to begin with a copy of it."""
    from data.settings import settings
    from data.store import operations

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CHAPAR_HOME", str(tmp_path_factory.getbasetemp() / "migrated"))
        settings.cache_clear()
        operations.migrate()
        operations.forget_engines()
        file = settings().root / "operations.sqlite"
    settings.cache_clear()
    assert not file.with_name(f"{file.name}-wal").exists(), "all of it is in the one file"
    return file


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated: Path, _own_settings: None
) -> Iterator[Path]:
    """A fresh CHAPAR_HOME whose operations store is migrated; child processes inherit it."""
    from data.records import users
    from data.settings import settings
    from data.store import operations

    # hashing is cheap here
    monkeypatch.setattr(users, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    folder = tmp_path / "home"
    monkeypatch.setenv("CHAPAR_HOME", str(folder))
    monkeypatch.setenv("CHAPAR_TEST", "1")
    settings.cache_clear()
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(migrated, folder / migrated.name)
    _anothers(folder / migrated.name)
    operations.migrate()
    yield folder
    operations.forget_engines()


def _anothers(file: Path) -> None:
    """Give a copied store what no two homes share: its identity, its secret, the order of its people."""
    with closing(sqlite3.connect(file)) as copy, copy:
        copy.execute("UPDATE home_identity SET home_id = ?", [secrets.token_hex(16)])
        own = [(f'"{secrets.token_hex(size)}"', key) for key, size in (("order_salt", 16), ("secret", 32))]
        copy.executemany("UPDATE home SET value = ? WHERE key = ?", own)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _own_settings: None) -> Clock:
    """A clock that stands at the real time until the test turns it."""
    turned = Clock(tmp_path / "clock")
    turned.set(0.0)
    monkeypatch.setenv("CHAPAR_TEST", "1")
    monkeypatch.setenv("CHAPAR_CLOCK", str(turned.file))
    return turned


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium for a browser test (such tests also carry the mark `browser`)."""
    from tools import debian

    leave = pytest.fail if os.environ.get("CHAPAR_BROWSER") == "required" else pytest.skip
    if missing := debian.missing_for_browser():
        leave(f"browser tests need {', '.join(missing)}")
    return debian.chromium() or ""


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Where servers of tests listen: by number, for not every machine knows the name localhost."""
    return ("127.0.0.1", 0)


class OutsideWorldError(AssertionError):
    """A test spoke to something that is not this machine."""


def _refuse_outside(address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else None  # a Unix socket's address is a path
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost", "testserver"}:
        return
    try:
        inside = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideWorldError(f"tests speak to the loopback only, not to {host}")


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    def guard(self: socket.socket, address: Any, *rest: Any) -> Any:
        _refuse_outside(address)
        return call(self, address, *rest)

    return guard


@pytest.fixture(autouse=True, scope="session")
def _no_outside_world() -> Iterator[None]:
    """Refuse every connection and look-up that would leave this machine."""
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **named: Any) -> Any:
        if host not in {None, socket.gethostname()}:
            _refuse_outside((host,))
        return real(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave browser tests out, by name, where there is no Chromium, unless CHAPAR_BROWSER=required."""
    from tools.debian import missing_for_browser

    missing = missing_for_browser()
    if not missing or os.environ.get("CHAPAR_BROWSER") == "required":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"no {', '.join(missing)} here"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out and why: a skipped test is said, never hidden."""
    reasons: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons.setdefault(why.removeprefix("Skipped: "), []).append(report.nodeid)
    for why, names in reasons.items():
        terminalreporter.write_line(f"left out ({why}): {len(names)} tests")
        for name in names:
            terminalreporter.write_line(f"  {name}")
