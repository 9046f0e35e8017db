"""What sign-in tests share: the house they stand in front of, and how a browser fills in the form."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have another HTTP client than the one it finds
    from starlette.testclient import TestClient

__all__ = ["PASSWORD", "House", "TestClient", "sign_in"]
PASSWORD = "a-long-password"


@dataclass
class House:
    """A home with an admin and the account `demo`."""

    home: Path
    admin_id: int
    demo_id: int


def sign_in(client: TestClient, name: str = "sara", password: str = PASSWORD) -> int:
    """Fill in the form as a browser does; return the status."""
    token = client.get("/login").text.partition('name="token" value="')[2].partition('"')[0]
    answer = client.post("/login", data={"token": token, "username": name, "password": password})
    return int(answer.status_code)
