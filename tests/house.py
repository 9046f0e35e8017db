"""What the house rules look at: the product's files, their syntax trees, their registries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("data", "targeting", "gateways", "flows", "dashboards")
WORKSHOP = ("tools", "bench")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def product() -> list[Path]:
    """Every Python file of the five rooms."""
    return _python(*ROOMS)


def workshop() -> list[Path]:
    """The product and what it is set up and measured with."""
    return _python(*ROOMS, *WORKSHOP)


def everything() -> list[Path]:
    """The above and the tests."""
    return _python(*ROOMS, *WORKSHOP, "tests")


def documents() -> list[Path]:
    """Everything written for people."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def statements() -> list[Path]:
    """Every file of analytical SQL."""
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.sql"))]


def name(file: Path) -> str:
    """A file's path as people say it."""
    return file.relative_to(ROOT).as_posix()


def text(file: Path) -> str:
    """A file's text."""
    return file.read_text(encoding="utf-8")


@cache
def tree(file: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(text(file), filename=str(file))


def functions(file: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    for node in ast.walk(tree(file)):
        if isinstance(node, Function):
            yield node


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a file with the dotted name of what is called."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def dotted(node: ast.expr) -> str:
    """`st.cache_data` for that expression; empty where it is not a plain name."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return node.id if isinstance(node, ast.Name) else ""


def registry(room: str, wanted: str) -> tuple[Path, str] | None:
    """Find the module of `room` that assigns `wanted`; return it with the names that the value mentions.

    A name imported from a plug-in's module counts as that module, however it is called in the registry.
    """
    for file in sorted((ROOT / room).rglob("*.py")):
        for node in tree(file).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == wanted for target in targets):
                value = getattr(node, "value", None)
                return (file, _mentions(file, value)) if value is not None else None
    return None


def _mentions(file: Path, value: ast.expr) -> str:
    origin: dict[str, str] = {}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom):
            origin.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
        elif isinstance(node, ast.Import):
            origin.update({a.asname or a.name: a.name for a in node.names})
    words = []
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            words.append(origin.get(node.id, node.id))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.append(node.value)
    return " ".join(words)


def _python(*folders: str) -> list[Path]:
    return [
        file
        for folder in folders
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not {"node_modules", "vendor"} & set(file.parts)
    ]
