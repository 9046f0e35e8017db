"""People of two accounts and of the installation, signed in, with cheap hashing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from data import clock as the_clock
from data.records import accounts, sessions, users
from data.store import operations
from data.use_cases.floor import Who

SignIn = Callable[[str], Who]


@pytest.fixture
def town(home: Path, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """The accounts head (admin), shop and other, a person each: head, sara, omid; returns who signs in."""
    monkeypatch.setattr(users, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    now = the_clock.now()
    with operations.writing() as c:
        for name, role, person in (
            ("head", "admin", "head"), ("shop", "user", "sara"), ("other", "user", "omid")
        ):  # fmt: skip
            account = accounts.create_account(c, accounts.NewAccount(name, role=role), actor="t", now=now)
            users.create_user(c, users.NewUser(account, person, "a-long-password"), actor="t", now=now)

    def signed_in(person: str) -> Who:
        with operations.writing() as c:
            known = users.credentials(c, person)
            assert known
            opaque = sessions.open_session(c, known[0], address="127.0.0.1", now=the_clock.now())
            viewer = sessions.find_session(c, opaque, now=the_clock.now())
        assert viewer
        return Who(viewer.account.id, viewer.user.role, "page", session=viewer.session)

    return signed_in
