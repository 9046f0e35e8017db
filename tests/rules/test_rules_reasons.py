"""Reasons in both languages: kept as two lines, fixed ones known by heart, none of ours left in English."""

from __future__ import annotations

import ast

import house
import pytest

from data.records import doubt
from data.rules import reasons
from flows.steps import resolving

PERSIAN = ("ا", "ی", "ه")
SPOKEN = {  # functions of steps and gateways whose text argument is a reason, and which argument that is
    "outcome": 2, "Answer": 1, "_look_again": None, "_resend": None, "_back_to_unknown": None, "_miss": None,
}  # fmt: skip


def test_a_reason_of_two_sentences_is_told_in_each_language() -> None:
    kept = reasons.both("audience: too few", "مخاطبان کم است")
    assert reasons.say(kept, "en") == reasons.plain(kept) == "audience: too few"
    assert reasons.say(kept, "fa") == "مخاطبان کم است"
    assert len(reasons.both("x" * 900, "ی" * 900)) <= 500
    assert reasons.plain(None) == ""


def test_a_reason_that_is_too_long_for_its_column_keeps_both_sentences() -> None:
    kept = reasons.bounded(reasons.both("x" * 400, "ی" * 400), 300)
    assert len(kept) <= 300
    assert {*reasons.say(kept, "en")} == {"x"}
    assert {*reasons.say(kept, "fa")} == {"ی"}
    assert reasons.bounded("x" * 400, 300) == "x" * 300
    assert reasons.bounded(reasons.both("too few", "کم است"), 300) == "too few\nکم است"


@pytest.mark.parametrize(
    ("why", "persian"),
    [
        (reasons.BY_A_PERSON, "به دست یک نفر متوقف شد"),
        ("HTTP 503 proves nothing", "HTTP 503 چیزی را ثابت نمی‌کند"),
        ("answer lost: ReadTimeout: x", "پاسخ گم شد: ReadTimeout: x"),
        ("the gateway says 411", "درگاه می‌گوید: 411"),
        ("12 accepted", "۱۲ پذیرفته شد"),
        ("خط بسته است", "خط بسته است"),
    ],
)
def test_what_calls_come_to_is_told_in_persian(why: str, persian: str) -> None:
    assert reasons.say(why, "fa") == persian
    assert reasons.say(why, "en") == why


def _texts() -> set[str]:
    """Every reason that steps and gateways write out, with its own parts as X."""
    found = {doubt.WHY, resolving.ELSEWHERE}
    for folder in ("flows/steps", "gateways"):
        for file in sorted((house.ROOT / folder).rglob("*.py")):
            for call in (node for node in ast.walk(house.tree(file)) if isinstance(node, ast.Call)):
                name = house.dotted(call.func).rpartition(".")[2]
                if name in SPOKEN:
                    place = SPOKEN[name]
                    given = [word.value for word in call.keywords if word.arg == "why"]
                    given += call.args[place : place + 1] if place is not None else []
                    found |= {text for one in given if (text := _text(one))}
    return found


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return ""


def test_no_reason_of_ours_is_english_alone() -> None:
    texts = {text for text in _texts() if " " in text}
    assert len(texts) > 15
    lost = {text for text in texts if not any(letter in reasons.say(text, "fa") for letter in PERSIAN)}
    # a number alone is the same in both; the other one is kept in no row
    assert lost == {"HTTP X", "this gateway brings what it knows by itself"}
