"""The operations store: SQLite (WAL, FULL, one writing and one reading engine) or PostgreSQL by URL.

A writing transaction begins with BEGIN IMMEDIATE, so that nothing is decided on a stale read; pages and
reports use the reading engine, which can never write (protocol.md R1-R3).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from data.errors import Broken, ChaparError, Refused, Retryable
from data.settings import settings
from data.store.private import private

BUSY_MILLISECONDS = 30_000
RETRIES_MAX = 5
SCHEMES = ("sqlite", "postgresql+psycopg")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNUSABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
_RETRY_STATES = {"40001", "40P01"}  # serialisation failure, deadlock: the whole transaction is done again
Connection = sa.Connection  # the two names by which other rooms know the driver
StoreError = sa.exc.SQLAlchemyError
T = TypeVar("T")
_ready: set[str] = set()  # databases that this process has seen at the newest version
_open: list[Engine] = []  # so that forgetting them also closes their connections


def database_url() -> str:
    """Return the URL of the operations store; the default is a SQLite file in the home."""
    given = settings().database_url or f"sqlite:///{settings().root / 'operations.sqlite'}"
    scheme, separator, rest = given.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{separator}{rest}"
    if not separator or scheme not in SCHEMES:
        raise Refused(
            "CHAPAR_DATABASE_URL",
            "use postgresql://user:password@host/database, or leave it empty for SQLite",
            "نشانی را به شکل postgresql://user:password@host/database بنویسید یا خالی بگذارید",
        )  # fmt: skip
    return given


@contextmanager
def writing() -> Iterator[Connection]:
    """Yield a connection inside one writing transaction: committed at the end, rolled back on any error."""
    with _said_plainly(), _engine(database_url(), True, os.getpid()).begin() as connection:
        yield connection


@contextmanager
def reading() -> Iterator[Connection]:
    """Yield a connection that sees one consistent state and cannot write."""
    with _said_plainly(), _engine(database_url(), False, os.getpid()).begin() as connection:
        yield connection


def transact(work: Callable[[Connection], T]) -> T:
    """Run `work` in a writing transaction; do all of it again when the database asks for that."""
    for left in reversed(range(RETRIES_MAX)):
        try:
            with writing() as connection:
                return work(connection)
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in _RETRY_STATES:
                raise
    raise AssertionError("unreachable")


def migrate() -> None:
    """Bring the tables to the newest version; does nothing when they are."""
    url = database_url()
    if url in _ready:
        return
    if url.startswith("sqlite"):
        _make_private(settings().root)
    with _said_plainly():
        if not _is_current(url):
            _upgrade(url)
    _ready.add(url)


def _upgrade(url: str) -> None:
    from alembic import command  # slow to import, and needed once in a home's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = _engine(url, True, os.getpid())
    command.upgrade(config, "head")


def exists() -> bool:
    """Say whether this home has an operations store; nothing is created by asking."""
    if not settings().database_url and not (settings().root / "operations.sqlite").exists():
        return False
    with reading() as connection:
        return sa.inspect(connection).has_table("account")


def inserted_id(c: Connection, statement: sa.Insert) -> int:
    """Insert one row and return the key that the database gave it."""
    key = c.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def forget_engines() -> None:
    """Close every pooled connection: before a fork, and in tests that change the home."""
    while _open:
        _open.pop().dispose()
    _engine.cache_clear()
    _ready.clear()


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise meaning from error


def _meaning(error: DatabaseError) -> ChaparError | None:
    """Return what a person can do about it; None: nothing that is known here."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # above that stand details
    if code in _DAMAGED or code in _UNUSABLE:
        return _of_file(str(error.orig), damaged=code in _DAMAGED)
    if not isinstance(error, OperationalError):
        return None
    if "locked" in str(error.orig) or "busy" in str(error.orig):
        return Retryable(
            "the operations store is busy; try again in a moment",
            "پایگاه عملیات مشغول است؛ لحظه‌ای دیگر دوباره تلاش کنید",
        )
    if error.connection_invalidated or "connect" in str(error.orig):
        return Retryable(
            "the operations store does not answer; see CHAPAR_DATABASE_URL and whether its server runs",
            "پایگاه عملیات پاسخ نمی‌دهد؛ CHAPAR_DATABASE_URL و کارگزار آن را بررسی کنید",
        )
    return None


def _of_file(said: str, *, damaged: bool) -> Broken:
    """Name the file of SQLite that cannot be used, and the mend."""
    file = database_url().removeprefix("sqlite:///")
    if damaged:
        return Broken(
            f"the operations store {file} is damaged ({said}); end all of Chapar, keep a copy of the file, "
            "restore it from a backup",
            f"پایگاه عملیات {file} آسیب دیده است؛ همه چاپار را ببندید، رونوشتی از فایل نگه دارید و آن را از "
            "نسخه پشتیبان بازگردانید",
        )
    return Broken(
        f"the operations store {file} cannot be used ({said}); see that it is a file which may be written, "
        "in a folder that is there, on a disk with room: CHAPAR_HOME or CHAPAR_DATABASE_URL name it",
        f"پایگاه عملیات {file} به کار نمی‌آید؛ ببینید که فایلی نوشتنی در پوشه‌ای موجود و دیسکی با جا باشد: "
        "CHAPAR_HOME یا CHAPAR_DATABASE_URL آن را نام می‌برد",
    )


def _is_current(url: str) -> bool:
    from data.store.migrations import newest

    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return False
    with _engine(url, True, os.getpid()).begin() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest())


@cache
def _engine(url: str, writes: bool, pid: int) -> Engine:  # noqa: ARG001
    """One pair of engines a process: `pid` is in the key so that a forked child never shares a connection."""
    if not url.startswith("sqlite"):
        level = "READ COMMITTED" if writes else "REPEATABLE READ"  # a report is of one moment
        made = sa.create_engine(url, isolation_level=level, pool_pre_ping=True)
        _open.append(made)
        return made if writes else made.execution_options(postgresql_readonly=True)
    engine = sa.create_engine(
        url, connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", _open_writing if writes else _open_reading)
    event.listen(engine, "begin", _begin_immediate if writes else _begin)
    _open.append(engine)
    return engine


def _open_writing(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # SQLAlchemy, not the driver, says when a transaction begins
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        raw.execute(f"PRAGMA {pragma}").close()


def _open_reading(raw: Any, record: Any) -> None:
    _open_writing(raw, record)
    raw.execute("PRAGMA query_only=ON").close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _make_private(home: Path) -> None:
    private(home)
    database = home / "operations.sqlite"
    if not database.exists():
        database.touch(mode=0o600)
