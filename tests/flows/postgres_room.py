"""A PostgreSQL server of our own, where there is one, and homes whose operations store lies in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from data.settings import settings
from data.store import operations

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _as_postgres(*command: str) -> list[str]:
    """The server refuses to be root."""
    return (
        ["su", "postgres", "-s", "/bin/sh", "-c", " ".join(command)] if os.geteuid() == 0 else list(command)
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not BINARIES:
        pytest.skip("no PostgreSQL server here")
    folder = Path(tempfile.mkdtemp(prefix="chapar-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ctl, base = str(BINARIES[-1] / "pg_ctl"), str(folder / "data")
    initdb = _as_postgres(
        str(BINARIES[-1] / "initdb"), "-D", base, "-A", "trust", "-U", "chapar", "--no-sync"
    )
    options = f"'-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60'"
    start = _as_postgres(ctl, "-D", base, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        subprocess.run(initdb, check=True, capture_output=True, timeout=120, cwd="/")
        subprocess.run(
            start if os.geteuid() == 0 else [part.strip("'") for part in start],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}")
    yield f"postgresql+psycopg://chapar@127.0.0.1:{port}"
    subprocess.run(
        _as_postgres(ctl, "-D", base, "-m", "immediate", "stop"), check=False, capture_output=True, cwd="/"
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server: str, home: Path, clock: Any, monkeypatch: pytest.MonkeyPatch, request: Any) -> Path:
    """A home whose operations store is a fresh database of that server."""
    name = f"t{abs(hash(request.node.nodeid))}"
    engine = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    monkeypatch.setenv("CHAPAR_DATABASE_URL", f"{server}/{name}")
    settings.cache_clear()
    operations.forget_engines()
    operations.migrate()
    return home
