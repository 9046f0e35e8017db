"""Prefect in a test: its home in a temporary folder before it is imported, its tasks as plain functions."""

from __future__ import annotations

import os
import tempfile
from types import ModuleType
from typing import Any

import pytest

os.environ.setdefault("PREFECT_HOME", tempfile.mkdtemp(prefix="chapar-prefect-"))
os.environ.setdefault("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")


class Shelf:
    """Where artifacts are put instead of a server: key → rows or text."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def put(self, content: Any, *, key: str, description: str) -> None:
        assert description
        self.kept[key] = content


def without_server(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Shelf:
    """Make the tasks of flow modules plain functions and keep artifacts on a shelf."""
    from prefect import Task

    from flows import artifacts

    shelf = Shelf()
    monkeypatch.setattr(artifacts, "create_table_artifact", shelf.put)
    monkeypatch.setattr(artifacts, "create_markdown_artifact", shelf.put)
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, Task):
                monkeypatch.setattr(module, name, value.fn)
    return shelf
