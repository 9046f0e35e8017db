"""Both languages say the same things, and figures are written as each language writes them."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboards import words
from dashboards.pages import COLLECTIONS as PAGES_OF_NOUNS
from data.rules import kinds

ROOM = Path(words.__file__).parent.parent
FA, EN = words.LANGUAGES["fa"], words.LANGUAGES["en"]
OF_A_NOUN = ("title", "about", "new", "count", "empty", "example")  # what widgets.collection says of each
COLLECTIONS = PAGES_OF_NOUNS | {one.noun: one for its in PAGES_OF_NOUNS.values() for one in its.tabs.values()}
VARIABLE = "(.+)"


def test_every_word_stands_once_in_persian_and_in_english_side_by_side() -> None:
    keys = [key for part in words.PARTS for key in part.WORDS]
    assert [key for key in keys if keys.count(key) > 1] == []
    assert [key for part in words.PARTS for key, said in part.WORDS.items() if len(said) != 2] == []
    assert FA.keys() == EN.keys() == set(keys)


def test_every_word_is_said_somewhere() -> None:
    code = [file for file in ROOM.rglob("*.py") if "words" not in file.parts]
    constants, patterns = _of_a_noun(), set[str]()
    for node in (one for file in code for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            constants.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            patterns.add("".join(_pattern(part) for part in node.values))
    spoken = [re.compile(one) for one in patterns if re.search("[a-z]{2}", one.replace(VARIABLE, ""))]
    silent = [key for key in FA if key not in constants and not any(one.fullmatch(key) for one in spoken)]
    assert silent == []


def _of_a_noun() -> set[str]:
    """What the mechanism of lists says of each noun, by the noun's name."""
    return {
        f"{noun}_{what}" for noun in COLLECTIONS for what in OF_A_NOUN
        if what != "about" or noun in PAGES_OF_NOUNS
    } | {
        f"{noun}_{action.name}{what}"
        for noun, its in COLLECTIONS.items() for action in its.actions for what in ("", "_sure")
    }  # fmt: skip


def test_every_noun_says_all_that_its_page_needs() -> None:
    assert sorted(_of_a_noun() - FA.keys()) == []


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else VARIABLE


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
