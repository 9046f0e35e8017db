"""The house rules of the rooms: no circle, no statement in a door, every registry and paper whole."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator

import house
import pytest

STATEMENT = re.compile(r"\b(SELECT\b[\s\S]+\bFROM|INSERT\s+INTO|UPDATE\b[\s\S]+\bSET|DELETE\s+FROM)\s")
DOORS = ("dashboards/", "flows/", "gateways/")
UNIMPORTED = {  # direct dependencies that no code of ours imports, and why they are asked for
    "whenever": "Prefect reckons its timetables with it, and takes one that is too old",
    "psycopg": "SQLAlchemy's driver for PostgreSQL, by its address",
    "pyarrow": "Polars and geopandas read and write through it",
    "python-multipart": "Starlette reads forms with it",
    "tzdata": "zoneinfo's time zones where the machine has none",
    "httptools": "uvicorn reads requests with it",
    "uvicorn": "started by name",
    "pydantic-settings": "imported as pydantic_settings",
    "pytest-xdist": "make test runs on several cores", "pytest-timeout": "no test hangs",
    "ruff": "make check", "mypy": "make check", "import-linter": "make check",
    "types-geopandas": "make check", "types-requests": "make check", "types-pyyaml": "make check",
}  # fmt: skip


WITHOUT = {  # nouns of use cases that no table and no records file has the name of, and why
    "evidence": "asked of batches, attempts and receipts: nobody edits it",
    "messages": "facts, not rows: data/facts/messages.py",
    "money": "the ledger of accounts, under the word of its askers",
    "reports": "read from runs and facts",
}
FLOOR = {"__init__", "figures", "floor", "veil", "whose"}  # what nouns share
VERBS_OF = {  # commands whose words are not a noun's: what they do stands in steps or orders
    "audience", "audit", "demo", "dispatch", "doctor", "documents", "inbound", "mends", "numbers",
    "population", "receipts", "settings", "sms", "up", "why", "worker",
}  # fmt: skip


def _stems(folder: str) -> set[str]:
    return {file.stem for file in (house.ROOT / folder).rglob("*.py")} - {"__init__"}


def test_a_noun_has_one_word_in_tables_records_use_cases_commands_and_pages() -> None:
    nouns = (_stems("data/use_cases") | _stems("gateways/use_cases")) - FLOOR
    kept = _stems("data/store/tables") | _stems("data/records")
    lost = {noun for noun in nouns - WITHOUT.keys() if noun not in kept and noun not in _stems("gateways")}
    assert lost == set()
    commands = _stems("flows/commands") - VERBS_OF
    assert {word for word in commands if not {word, f"{word}s"} & nouns} == set()
    collections = {"users", "suppression"}
    assert collections <= nouns & _stems("dashboards/views"), "a page of a noun bears its name"


def _asked_for() -> set[str]:
    lists = [house.text(house.ROOT / "requirements" / name) for name in ("prod.in", "dev.in")]
    return {word.lower() for text in lists for word in re.findall(r"^([A-Za-z][\w.-]*)", text, re.MULTILINE)}


def _imported() -> set[str]:
    found = set()
    for file in house.everything():
        for node in ast.walk(house.tree(file)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


def test_every_direct_dependency_is_imported_or_listed_with_why_not() -> None:
    of = importlib.metadata.packages_distributions()
    used = {one.lower().replace("_", "-") for name in _imported() for one in of.get(name, [])}
    idle = _asked_for() - used - set(UNIMPORTED)
    assert idle == set(), "take it out of requirements, or say here what needs it"
    assert set(UNIMPORTED) - _asked_for() == set(), "nobody asks for it any more"
    started = {"uvicorn", "pydantic-settings"}  # by command or another name, and imported too
    assert set(UNIMPORTED) & used - started == set(), "it is imported: no reason is needed"


def test_only_data_and_targeting_hold_statements() -> None:
    told = {
        house.name(file)
        for file in house.product()
        if house.name(file).startswith(DOORS)
        for node in ast.walk(house.tree(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.search(node.value)
    }
    assert told == set()


def _commands() -> Iterator[tuple[str, ...]]:
    import argparse

    from flows import cli

    def under(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            yield words
        for action in groups:
            for name, inner in action.choices.items():
                yield from under(inner, (*words, name))

    yield from under(cli._parser([]), ())


def test_every_command_is_documented() -> None:
    page = house.text(house.ROOT / "docs" / "command.md")
    rows = [row.split(" | ")[0] for row in page.splitlines() if row.startswith("| `")]
    missing = [words for words in _commands() if not any(_tells(row, words) for row in rows)]
    assert missing == []


def _tells(row: str, words: tuple[str, ...]) -> bool:
    return re.match(rf"\| `{words[0]}\b", row) is not None and (
        len(words) == 1 or re.search(rf"\b{re.escape(words[1])}\b", row) is not None
    )


def test_every_command_speaks_as_whom_it_is_told_to() -> None:
    from flows import cli

    own = {"numbers", "sms"}  # they know nothing of anybody
    deaf = [
        name for name in cli.COMMANDS
        if name not in cli.OF_THE_INSTALLATION | own
        if not re.search(r"\bwho\(\)", house.text(house.ROOT / "flows" / "commands" / f"{name}.py"))
    ]  # fmt: skip
    assert deaf == []


PAGES_OF = [
    ("targeting/criteria", "docs/audiences.md", r"`{name}`"),
    ("gateways/sms", "docs/gateways.md", r"\b{name}\b"),
    ("data/use_cases", "ARCHITECTURE.md", r"\b{name}\b"),
    ("gateways/use_cases", "ARCHITECTURE.md", r"\b{name}\b"),
]


@pytest.mark.parametrize(("folder", "page", "form"), PAGES_OF)
def test_every_file_of_a_family_is_told_of(folder: str, page: str, form: str) -> None:
    text = house.text(house.ROOT / page)
    names = [file.stem for file in (house.ROOT / folder).glob("*.py") if file.stem != "__init__"]
    assert [name for name in sorted(names) if not re.search(form.format(name=name), text)] == []


def test_every_kind_of_send_is_documented() -> None:
    from data.rules import kinds

    page = house.text(house.ROOT / "docs" / "campaigns.md")
    assert [kind for kind in kinds.KINDS if f"`{kind}`" not in page] == []


def test_what_is_named_for_adding_one_exists() -> None:
    page = house.text(house.ROOT / "docs" / "adding.md")
    files = set(re.findall(r"`((?:data|targeting|gateways|flows|dashboards|docs)/[\w./-]+\.\w+)`", page))
    files -= {name for name in files if re.search(r"/[A-Z]+\.", name)}  # NAME.py is yours to write
    assert files
    assert [name for name in sorted(files) if not (house.ROOT / name).exists()] == []
    named = set(re.findall(r"`([A-Z]{4,})`", page))
    rooms = ("data", "targeting", "gateways", "flows", "dashboards")
    assert [one for one in sorted(named) if not any(house.registry(room, one) for room in rooms)] == []
    for noun in ("criterion", "gateway", "page", "flow", "use case"):
        assert re.search(rf"^## .*\b{noun}\b", page, re.MULTILINE | re.IGNORECASE), noun


def test_the_tree_in_the_architecture_names_what_is_there() -> None:
    text = house.text(house.ROOT / "ARCHITECTURE.md")
    tree = re.search(r"^## Where is …\?\n.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert tree, "a stranger looks for it under: Where is …?"
    named = re.findall(r"^([\w./]+)", tree[1], re.MULTILINE)
    assert [one for one in named if not (house.ROOT / one).exists()] == []
    folders = {
        "/".join(house.name(file.parent).split("/")[:2]) for file in house.product()
        if file.parent.parent != house.ROOT or file.parent.name in house.ROOMS
    }  # fmt: skip
    told = tree[1]
    assert [one for one in sorted(folders) if one not in told and "versions" not in one] == []
