"""The Persian half of the product, kept by a machine: whatever is said in English is said in Persian too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import house
import pytest

from data.rules.persian import persian_sentence

HOLE = "⟦⟧"  # where a value of the moment stands
PERSIAN = re.compile(r"[آ-ی]{2}")
PATTERN = re.compile(r"\\s|\r\n")  # a text that holds this is a pattern or a file, no sentence
# Both sentences of what is told to people, by their places in the call.
TOLD = {
    "Refused": (1, 2), "Retryable": (0, 1), "Broken": (0, 1), "ChangedError": (0, 1), "Notice": (1, 2),
    "Unacceptable": (0, 1),
}  # fmt: skip
# What people copy stands between such signs, and is in whatever language it is in.
COPIED = re.compile(r"«[^»⟦]*»|`[^`]*`|\"[^\"]*\"|\{[^{}]*\}|\bchapar [a-zA-Z ⟦⟧-]+|\b[A-Z]+_\w+")
NAMES = re.compile(r"-*[A-Za-z⟦][\w./:@⟦⟧-]*[./:@_-][\w./:@⟦⟧-]*|--\w+|\.[a-z]+\b|\\1|%\w")
WORD = re.compile(r"[A-Za-z]+")
LATIN_COMMA = re.compile(r"(?<=[آ-ی⟧»)]) ?,(?=\s|$)|,\s?(?=[آ-ی⟦«])")
# Words that stay Latin in a Persian sentence, by why they do.
ALLOWED: dict[str, str] = {
    "values that are written so": "true false male female all any none prepaid postpaid circle polygon fa en",
    "names of fields": "every n until times age_from kind account audience token recurrence lon lat table "
    "source radio mcc net area cell Get Post",
    "letters, classes, countries and placeholders that are written so": "a z A Z G IR SR DIR N ACCOUNT E",
    "formats and standards": "JSON YAML CSV UTF PDF GeoJSON Shapefile Polygon MultiPolygon Parquet WGS SHA "
    "gzip ASCII GSM UCS HTTP IP API Key BTS https Text YYYY MM DD",
    "names of programs, and of what they start with": "Prefect demo home raw synthetic port",
    "texts of two languages": "Chapar gateway test audience waterfall price in rials delivery summary audit "
    "swept published population",
}
WORDS = {word: why for why, words in ALLOWED.items() for word in words.split()}


def _flat(node: ast.expr) -> str | None:
    """The static part of a text, with a hole for each value; None where it is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join((_flat(v) or "") if isinstance(v, ast.Constant) else HOLE for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _flat(node.left), _flat(node.right)
        return None if left is None and right is None else (left or HOLE) + (right or HOLE)
    return None


def _texts(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every whole text of a tree that has Persian words, without docstrings and the text of files."""
    said = _flat(node) if isinstance(node, ast.expr) else None
    if said is not None and isinstance(node, ast.expr):
        if PERSIAN.search(said) and not PATTERN.search(said):
            yield node, said
        for hole in ast.walk(node):
            if isinstance(hole, ast.FormattedValue):
                yield from _texts(hole.value)
        return
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from _texts(child)


def _sentences(file: Path) -> list[tuple[str, str]]:
    where = house.name(file)
    return [(f"{where}:{node.lineno}", said) for node, said in _texts(house.tree(file))]


def _plain(said: str) -> str:
    """A sentence without what people copy and without names, so that words and commas are its own."""
    return NAMES.sub(" ", COPIED.sub(" ", said))


def _comma(said: str) -> list[str]:
    return LATIN_COMMA.findall(COPIED.sub(" ", said))


def _english(said: str) -> list[str]:
    return [word for word in WORD.findall(_plain(said)) if word not in WORDS]


def _digits(said: str) -> list[str]:
    """Latin digits that are shown: a word with letters or colons and `HTTP 429` keep theirs."""
    if " " not in said:
        return []  # a keyword, such as لغو11
    shown = COPIED.sub(" ", persian_sentence(COPIED.sub(" ", said).replace(HOLE, "7")))
    shown = re.sub(r"[A-Za-z] [0-9]+", " ", shown)
    return [word for word in re.split(r"[\s()،؛…]+", shown) if re.search(r"[0-9]", word) and _is_number(word)]


def _is_number(word: str) -> bool:
    return not re.search(r"[A-Za-z:\\]|^\d{4}-\d\d-\d\d$|^0-9$", word)


@pytest.mark.parametrize(
    ("judge", "bad", "good"),
    [
        (_comma, "تهران, کرج", "تهران، کرج، {a, b} و [a, b]"),
        (_english, "از ۱ to ۲", "با `chapar line list` و --home و true یا CHAPAR_HOME در docs/sms.md"),
        (_digits, "از -180 تا ۱۸۰", "از 10 تا 1,000 نفر با UTF-8 از 08:00"),
    ],
)
def test_each_slip_is_found_and_nothing_else(judge: object, bad: str, good: str) -> None:
    assert callable(judge)
    assert judge(bad)
    assert not judge(good)


@pytest.mark.parametrize("judge", [_comma, _english, _digits])
def test_persian_sentences_are_persian(judge: object) -> None:
    assert callable(judge)
    found = [
        f"{where}: {said!r}: {slips}"
        for file in house.product()
        for where, said in _sentences(file)
        if (slips := judge(said))
    ]
    assert found == []


def test_the_words_of_pages_have_no_latin_digits() -> None:
    """Pages turn the numbers that they fill in; what is written there already is shown as it is."""
    found = [
        f"{where}: {said!r}"
        for file in house.product()
        if file.is_relative_to(house.ROOT / "dashboards" / "words")
        for where, said in _sentences(file)
        if persian_sentence(said) != said
    ]
    assert found == []


def _lacks(call: ast.Call, en_at: int, fa_at: int) -> str | None:
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None  # both are handed on together
    named = {one.arg: one.value for one in call.keywords}
    fa = call.args[fa_at] if len(call.args) > fa_at else named.get("fa")
    en = call.args[en_at] if len(call.args) > en_at else named.get("en")
    if fa is None or (isinstance(fa, ast.Constant) and fa.value is None):
        return "has no Persian sentence"
    if en is not None and ast.dump(en) == ast.dump(fa):
        return "says the same in both languages"
    said = _flat(fa)
    if said is not None and not PERSIAN.search(said) and re.search("[A-Za-z]{2}", said):
        return "says English for Persian"
    return None


def test_whatever_is_told_to_people_is_told_in_persian() -> None:
    found = [
        f"{house.name(file)}:{call.lineno}: {what} {lack}"
        for file in house.product()
        for what, call in house.calls(file)
        if what in TOLD and (lack := _lacks(call, *TOLD[what]))
    ]
    assert found == []


def _given(function: house.Function) -> dict[str, ast.expr]:
    """What each local name was given, where it was given once and plainly."""
    given: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                given[target.id] = node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                given.update({one.id: value for one, value in pairs if isinstance(one, ast.Name)})
    return given


def _own_words(value: ast.expr) -> list[str]:
    """Latin lists and English words that a value brings along: `", ".join(…)`, `… or "none yet"`."""
    if isinstance(value, ast.BoolOp):
        return [word for one in value.values for word in _own_words(one)]
    if isinstance(value, ast.IfExp):
        return [*_own_words(value.body), *_own_words(value.orelse)]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "join":
        glue = _flat(value.func.value) or ""
        return [glue] if "," in glue or WORD.search(glue) else []
    said = _flat(value)
    return [said] if said and re.search(r"[a-z]{2}", _plain(said)) and not PERSIAN.search(said) else []


def test_lists_and_words_filled_into_persian_are_persian() -> None:
    found = []
    for file in house.product():
        for function in house.functions(file):
            given = _given(function)
            for node, _ in _texts(function):
                for hole in ast.walk(node):
                    if isinstance(hole, ast.FormattedValue):
                        value = hole.value
                        value = given.get(value.id, value) if isinstance(value, ast.Name) else value
                        found += [f"{house.name(file)}: {word!r}" for word in _own_words(value)]
    assert sorted(set(found)) == []
