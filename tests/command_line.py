"""The command as a test calls it: in this process, with --json, in a home of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main

Chapar = Callable[..., tuple[int, Any]]
NUMBERS = [f"0912000000{i}" for i in range(4)]
AUDIENCE = {"any": [{"kind": "numbers", "numbers": NUMBERS}]}


@pytest.fixture
def chapar(home: Path, clock: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Chapar:
    """Run a command in this process with --json; returns its exit code and the one document on stdout."""

    def run(*words: str, stdin: Any = None, code: int | None = None) -> tuple[int, Any]:
        if stdin is not None:
            file = tmp_path / "given.json"
            file.write_text(stdin if isinstance(stdin, str) else json.dumps(stdin), encoding="utf-8")
            words = tuple(str(file) if word == "@" else word for word in words)
        capsys.readouterr()
        try:
            got = main([*words, "--json"])
        except SystemExit as stopped:
            got = int(stopped.code or 0)
        out = capsys.readouterr().out
        assert out.count("\n") == 1, f"exactly one document: {out!r}"
        document = json.loads(out)
        assert code is None or got == code, document
        return got, document

    return run


@pytest.fixture
def furnished(chapar: Chapar) -> Chapar:
    """A home with account, simulator gateway and line, made by the command itself."""
    chapar("account", "create", "shop", "--credit", "1000000", code=0)
    chapar(
        "gateway",
        "set",
        "sim",
        "@",
        stdin={
            "adapter": "simulator",
            "class": "G2",
            "bulk": 50,
            "behaviour": {"delay_ms": [1, 20], "fates": {}},
        },
        code=0,
    )
    chapar(
        "line",
        "create",
        "3000",
        "--gateway",
        "sim",
        "--account",
        "shop",
        "--kind",
        "service",
        "--price",
        "90",
        "--cost",
        "60",
        code=0,
    )
    return chapar


def order(**more: Any) -> dict[str, Any]:
    return {"title": "t", "account": "shop", "line": "3000", "text": "سلام", "audience": AUDIENCE} | more
