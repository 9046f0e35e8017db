"""`chapar --version`: the package's own, at once."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import house
import pytest

from flows.cli import main

VERSION = tomllib.loads(house.text(house.ROOT / "pyproject.toml"))["project"]["version"]


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"chapar {VERSION}\n"
    assert main(["--version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": VERSION}


def test_the_version_costs_no_command() -> None:
    program = (
        "import sys, flows.cli; flows.cli.main(['--version']);"
        "heavy = ('flows.commands', 'pydantic', 'polars', 'sqlalchemy');"
        "print(sorted(name for name in sys.modules if name.startswith(heavy)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"chapar {VERSION}", "[]"]
