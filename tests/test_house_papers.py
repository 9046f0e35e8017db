"""The house rules of what is not code: documents, locks, settings, the tables of commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import house
import pytest
from pydantic import BaseModel

from data.settings import Settings

ADDRESS = re.compile(r"https?://|file:|git\+|--(extra-)?index-url|--find-links|--trusted-host")
LOCKS = sorted((house.ROOT / "requirements").glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: file.name)
def test_a_lock_names_hashes_and_no_address(lock: house.Path) -> None:
    found = house.text(lock)
    assert not ADDRESS.search(found)
    pinned = re.findall(r"^[\w.\-\[\],]+==\S+.*\\\n    --hash=sha256:", found, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.\-\[\],]+==", found, re.MULTILINE)) > 0


def test_every_direct_dependency_is_locked() -> None:
    for lock in LOCKS:
        wanted = re.findall(r"^([\w.-]+)", house.text(lock.with_suffix(".in")), re.MULTILINE)
        names = {word.lower().replace("_", "-") for word in wanted if not word.startswith("-")}
        have = set(re.findall(r"^([\w.-]+?)(?:\[[\w,-]+\])?==", house.text(lock), re.MULTILINE))
        assert names - have == set(), f"{lock.name} is behind its list: make lock"


def test_the_front_end_lock_names_hashes_and_no_address() -> None:
    lock = json.loads(house.text(house.ROOT / "dashboards/frontend/package-lock.json"))
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in entries.items() if not entry.get("integrity")] == []
    assert not ADDRESS.search(json.dumps(lock))


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "## [Unreleased]" in house.text(house.ROOT / "CHANGELOG.md")


def test_every_make_command_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", house.text(house.ROOT / "Makefile"), re.MULTILINE))
    said = {
        (house.name(file), target)
        for file in house.documents()
        for target in re.findall(r"(?:`|^ {4}|^)make ([a-z-]+)", house.text(file), re.MULTILINE)
    }
    assert {(file, target) for file, target in said if target not in targets} == set()


def test_every_link_between_the_documents_leads_somewhere() -> None:
    broken = [
        f"{house.name(file)}: {link}"
        for file in house.documents()
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", house.text(file))
        if "://" not in link and not (file.parent / link).exists()
    ]
    assert broken == []


def test_every_document_is_in_the_index() -> None:
    index = house.text(house.ROOT / "docs" / "README.md")
    pages = [file.name for file in (house.ROOT / "docs").glob("*.md") if file.name != "README.md"]
    assert [page for page in pages if page not in index] == []


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, means in _settings(Settings) if not means] == []


def test_the_page_of_settings_is_the_settings() -> None:
    from tools.settings_page import PAGE, page

    assert house.text(PAGE) == page(), "type: make docs"


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _settings(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.description


def test_the_page_of_flows_has_every_line_of_the_timetable() -> None:
    from flows import timetable

    page = house.text(house.ROOT / "docs" / "flows.md")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", page, re.MULTILINE))
    said = {job.name: f"`{job.cron}`" if job.cron else "shifts" for job in timetable.JOBS}
    assert {name: when.split(",")[0] for name, when in rows.items()} == said
