"""The house rules of the code, kept by a machine (ARCHITECTURE.md, House style)."""

from __future__ import annotations

import ast
import re

import house
import pytest

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
POSITIONAL_MAX = 4
HOME_PATHS = re.compile(r"(?<![\w.])(/root/|/home/\w|/tmp\b|/work/\w|/Users/)|\bshared/data\b")


def _lines_of_data(tree: ast.Module) -> int:
    """The lines of a file's tables: literals that are given a name and hold nothing to be reckoned."""
    given = [node for node in tree.body if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value]
    return sum(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in given
        if node.value and all(isinstance(part, _DATA) for part in ast.walk(node.value))
    )


_DATA = (
    ast.Dict, ast.Tuple, ast.List, ast.Set, ast.Constant, ast.JoinedStr, ast.UnaryOp, ast.unaryop,
    ast.expr_context, ast.Name,
)  # fmt: skip


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        house.name(file): house.text(file).count("\n") - _lines_of_data(house.tree(file))
        for file in house.everything()
        if "versions" not in file.parts  # a migration is a list of tables
    }
    assert {file: n for file, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_a_table_of_data_counts_no_lines_and_a_function_does() -> None:
    table = "WORDS = {\n    'a': ('b', 'c'),\n    'd': ('e', 'f'),\n}\n"
    assert _lines_of_data(ast.parse(table)) == 4
    assert _lines_of_data(ast.parse("X = [\n    f(),\n]\ndef f():\n    return 1\n")) == 0


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{house.name(file)}: {f.name} has {f.end_lineno - f.lineno + 1} lines"
        for file in house.workshop()
        if "versions" not in file.parts  # a migration is a list of tables
        for f in house.functions(file)
        if f.end_lineno and f.end_lineno - f.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_more_than_four_things_are_said_by_name() -> None:
    many = [
        f"{house.name(file)}: {f.name} takes {_positional(f)}"
        for file in house.workshop()
        for f in house.functions(file)
        if _positional(f) > POSITIONAL_MAX
    ]
    assert many == []


def _positional(function: house.Function) -> int:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_every_module_says_what_it_is() -> None:
    silent = [house.name(file) for file in house.everything() if not ast.get_docstring(house.tree(file))]
    assert silent == []


def test_no_error_is_swallowed() -> None:
    swallowed = [
        f"{house.name(file)}:{node.lineno}"
        for file in house.workshop()
        for node in ast.walk(house.tree(file))
        if isinstance(node, ast.ExceptHandler) and _swallows(node)
    ]
    swallowed += [
        f"{house.name(file)}:{call.lineno}"
        for file in house.workshop()
        for called, call in house.calls(file)
        if called.endswith("suppress") and {"Exception", "BaseException"} & set(map(house.dotted, call.args))
    ]
    assert swallowed == []


def _swallows(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    catches_all = house.dotted(handler.type) in {"Exception", "BaseException"}
    return catches_all and all(isinstance(line, ast.Pass | ast.Continue) for line in handler.body)


def test_only_the_commands_output_module_prints() -> None:
    printing = {
        house.name(file) for file in house.product() for called, _ in house.calls(file) if called == "print"
    }
    assert len(printing) <= 1
    assert all(file.startswith("flows/") for file in printing)


def test_no_path_of_somebodys_machine_is_written_down() -> None:
    scripts = [house.ROOT / "Makefile", house.ROOT / ".ci" / "run", house.ROOT / "pyproject.toml"]
    found = [
        f"{house.name(file)}: {match[0]}"
        for file in [*house.workshop(), *house.statements(), *house.documents(), *scripts]
        if (match := HOME_PATHS.search(house.text(file)))
    ]
    assert found == []


def test_an_audience_is_never_called_a_segment() -> None:
    rooms = ("targeting/", "dashboards/", "data/records/", "flows/commands/")
    calling = [
        f"{house.name(file)}: {match[0]}"
        for file in house.product()
        if house.name(file).startswith(rooms) and "spool" not in house.text(file)  # a spool does have them
        if (match := re.search(r"\bsegments?\b|\bsegmentation\b", house.text(file), re.IGNORECASE))
    ]
    assert calling == []


def test_every_statement_is_used_and_says_why() -> None:
    code = "\n".join(house.text(file) for file in [*house.workshop()])
    unused = [house.name(f) for f in house.statements() if not re.search(rf"\b{re.escape(f.stem)}\b", code)]
    silent = [house.name(f) for f in house.statements() if not house.text(f).lstrip().startswith("--")]
    assert unused == []
    assert silent == []


PLUG_INS = [
    ("targeting/criteria", "targeting", "CRITERIA"),
    ("gateways/sms", "gateways", "GATEWAYS"),
    ("dashboards/views", "dashboards", "PAGES"),
]


@pytest.mark.parametrize(("folder", "room", "registry"), PLUG_INS)
def test_every_plug_in_is_a_line_of_its_registry(folder: str, room: str, registry: str) -> None:
    files = [f for f in sorted((house.ROOT / folder).rglob("*.py")) if not f.stem.startswith("_")]
    if not files:
        return
    found = house.registry(room, registry)
    assert found, f"no module of {room} assigns {registry}"
    words = set(re.findall(r"\w+", found[1]))
    assert [house.name(file) for file in files if file.stem not in words] == []


def test_every_flow_is_a_line_of_the_one_timetable() -> None:
    flows = {
        file.stem
        for file in (house.ROOT / "flows").glob("*.py")
        if any(_is_flow(f) for f in house.functions(file))
    }
    jobs = re.findall(r'\bJob\(\s*"(\w+)"', house.text(house.ROOT / "flows" / "timetable.py"))
    assert sorted(jobs) == sorted(flows)


def test_nobody_else_keeps_a_timetable() -> None:
    keeping = [
        f"{house.name(file)}: {word}"
        for file in house.product()
        if house.name(file) != "flows/timetable.py"
        for word in re.findall(r'"(?:\d+|\*)(?: (?:\d+|\*)){4}"', house.text(file))
    ]
    assert keeping == []


def _is_flow(function: house.Function) -> bool:
    marks = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return any(house.dotted(mark) in {"flow", "prefect.flow"} for mark in marks)


def test_pages_show_strangers_words_as_words() -> None:
    wrong = []
    for file in house.product():
        for called, call in house.calls(file):
            names = {keyword.arg for keyword in call.keywords}
            if "unsafe_allow_html" in names or called == "st.write" or _html_of_data(called, call):
                wrong.append(f"{house.name(file)}:{call.lineno}: {called}")
    assert wrong == []


def _html_of_data(called: str, call: ast.Call) -> bool:
    return called == "st.html" and any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in call.args)


def test_a_cache_never_mixes_two_accounts() -> None:
    wrong = [
        f"{house.name(file)}: {function.name}"
        for file in house.product()
        for function in house.functions(file)
        for mark in function.decorator_list
        if house.dotted(getattr(mark, "func", mark)).startswith(("st.cache_data", "st.cache_resource"))
        if not _of_one_account(function, mark)
    ]
    assert wrong == []


def _of_one_account(function: house.Function, mark: ast.expr) -> bool:
    scope = next((k.value for k in getattr(mark, "keywords", []) if k.arg == "scope"), None)
    if isinstance(scope, ast.Constant) and scope.value == "session":
        return True
    arguments = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    return bool(arguments & {"account", "account_id"})
