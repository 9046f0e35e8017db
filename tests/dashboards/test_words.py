"""Both languages say the same things, and figures are written as each language writes them."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboards import words
from data.rules import kinds

ROOM = Path(words.__file__).parent.parent
FA, EN = words.LANGUAGES["fa"], words.LANGUAGES["en"]


def test_both_languages_have_the_same_keys() -> None:
    assert FA.keys() == EN.keys()


def test_both_languages_fill_the_same_names() -> None:
    names = re.compile(r"\{(\w+)\}")
    assert {k: set(names.findall(v)) for k, v in FA.items()} == {
        k: set(names.findall(v)) for k, v in EN.items()
    }


def test_no_sentence_is_empty() -> None:
    assert [key for table in (FA, EN) for key, sentence in table.items() if not sentence.strip()] == []


def test_every_word_that_pages_say_is_written_down() -> None:
    said = {key for file in ROOM.rglob("*.py") for key in _said(file)}
    assert sorted(said - FA.keys()) == []


def test_every_kind_says_what_it_is_about() -> None:
    assert [kind for kind in kinds.KINDS if f"about_{kind}" not in FA] == []


@pytest.mark.parametrize(
    ("number", "persian", "english"), [(0, "۰", "0"), (1234567, "۱٬۲۳۴٬۵۶۷", "1,234,567"), (None, "–", "–")]
)
def test_counts_have_the_digits_of_the_language(number: int | None, persian: str, english: str) -> None:
    assert (words.count(number, "fa"), words.count(number, "en")) == (persian, english)


def test_a_share_of_nothing_is_a_dash() -> None:
    assert words.percent(0, 0, "fa") == "–"
    assert words.percent(1, 3, "fa") == "۳۳٫۳٪"
    assert words.percent(1, 3, "en") == "33.3%"


def test_a_moment_is_written_in_tehran_time_and_the_calendar_of_the_language() -> None:
    late = datetime(2026, 3, 20, 21, 0, tzinfo=UTC)  # half past midnight of Nowruz in Tehran
    assert words.moment(late, "fa") == "۱۴۰۵/۰۱/۰۱ ۰۰:۳۰"
    assert words.moment(late, "en") == "2026-03-21 00:30"
    assert words.day_short(date(2026, 11, 22), "fa") == "۱ آذر"


def _said(file: Path) -> list[str]:
    calls = [
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    asked = [call.args[0] for call in calls if _name(call.func) == "say" and call.args]
    return [arg.value for arg in asked if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def test_a_line_begins_with_a_capital_and_one_part_is_no_parts() -> None:
    circle = words.say("label_circle", "en", km="6.8")
    assert words.opening(circle) == "Circle of 6.8 km radius"
    assert words.opening("دایره") == "دایره"
    assert words.opening("") == ""
    assert (EN["compose_part"], EN["compose_parts"]) == ("part", "parts")
