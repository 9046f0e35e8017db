"""No circles of imports, the hidden ones inside functions and under TYPE_CHECKING among them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import house

ROOMS = ("data", "targeting", "gateways", "flows", "dashboards")
Graph = dict[str, set[str]]


def module_of(file: Path) -> str:
    parts = file.relative_to(house.ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    """The modules of ours that any import of a file names, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{one.name}" for one in node.names} & modules
            yield from inner
            if node.module in modules and len(inner) < len(node.names):
                yield node.module


def graph_of(sources: dict[str, str]) -> Graph:
    return {name: set(named(ast.parse(text), set(sources))) - {name} for name, text in sources.items()}


def circles(graph: Graph) -> list[list[str]]:
    """The groups of modules that reach one another: strongly connected components, after Tarjan."""
    order, low, stack, found = dict[str, int](), dict[str, int](), list[str](), list[list[str]]()

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            cut = stack.index(name)
            group = sorted(stack[cut:])
            del stack[cut:]
            if len(group) > 1:
                found.append(group)

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return sorted(found)


def test_no_modules_import_one_another_in_a_circle_not_even_inside_functions() -> None:
    files = [file for room in ROOMS for file in sorted((house.ROOT / room).rglob("*.py"))]
    sources = {module_of(file): file.read_text("utf-8") for file in files if "node_modules" not in file.parts}
    assert circles(graph_of(sources)) == []


def test_a_hidden_circle_is_found() -> None:
    sources = {
        "data.a": "import data.b",
        "data.b": "def f():\n    from data import c\n    return c",
        "data.c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from data.a import A",
        "data.d": "import data.a",
    }
    assert circles(graph_of(sources)) == [["data.a", "data.b", "data.c"]]
