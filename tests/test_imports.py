"""What a process may load before it does anything, so that small commands start in under a second."""

from __future__ import annotations

import json
import subprocess
import sys

import house

HEAVY = {"prefect", "streamlit", "geopandas", "pandas", "fastapi", "playwright"}
COMMANDS = sorted(f for f in (house.ROOT / "flows/commands").glob("*.py") if f.stem != "__init__")


def _loaded(*modules: str) -> set[str]:
    program = f"import {', '.join(modules)}, json, sys; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", program]
    asked = subprocess.run(command, capture_output=True, text=True, check=True, cwd=house.ROOT)
    return {module.split(".")[0] for module in json.loads(asked.stdout)}


def test_the_command_starts_without_the_heavy_packages() -> None:
    assert _loaded("flows.cli") & HEAVY == set()


def test_no_command_loads_a_heavy_package_before_it_is_used() -> None:
    assert _loaded(*(f"flows.commands.{file.stem}" for file in COMMANDS)) & HEAVY == set()


def test_scalar_rules_load_no_data_frames() -> None:
    scalar = [f for f in (house.ROOT / "data/rules").glob("*.py") if not f.stem.endswith("_columns")]
    names = [f"data.rules.{file.stem}" for file in scalar if file.stem not in {"__init__", "order"}]
    assert _loaded("data.rules", *names) & {"polars", "numpy", "duckdb", "sqlalchemy"} == set()


def test_the_set_up_needs_nothing_but_python() -> None:
    bare = ("setup", "say", "debian", "index", "frontend")
    outside = {
        f"{house.name(file)}: {module}"
        for file in [house.ROOT / "tools" / f"{stem}.py" for stem in bare]
        for module in _imports(file)
        if module not in sys.stdlib_module_names and module != "tools"
    }
    assert outside == set()


def _imports(file: house.Path) -> set[str]:
    nodes = list(house.ast.walk(house.tree(file)))
    plain = {a.name for node in nodes if isinstance(node, house.ast.Import) for a in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, house.ast.ImportFrom)}
    return {name.split(".")[0] for name in plain | named}
