"""Persian words that are the same to a reader are the same to a search."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Refused
from data.rules.persian import digits, fold, listed, persian_digits, persian_sentence
from data.rules.persian_columns import digits_expr, fold_expr


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كرج", "کرج"),
        ("علي", "علی"),
        ("خانة", "خانه"),
        ("آباد", "اباد"),
        ("می‌خواهم", "میخواهم"),
        ("مُحَمَّد", "محمد"),
        ("تهـــران", "تهران"),
        ("  سلام \u00a0 دنیا\n", "سلام دنیا"),
        ("کد ۱۲٣", "کد 123"),
        ("Tehran", "TEHRAN"),
        ("STRASSE", "Straße"),
        ("\u202bکد\u202c", "کد"),
        ("ﻻله", "لاله"),
        ("خانهٔ", "خانه"),
        ("ΟΔΟΣ", "οδοσ"),
    ],
)
def test_two_writings_of_a_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_different_words_stay_different() -> None:
    assert fold("کرج") != fold("کرخ")
    assert fold("لغو ۱۱") == "لغو 11"
    assert fold("") == ""


def test_digits_change_and_nothing_else() -> None:
    assert digits("علي ۱۲٣ abc 4") == "علي 123 abc 4"
    assert persian_digits("12٣ ریال") == "۱۲۳ ریال"
    assert persian_digits(1403) == "۱۴۰۳"


_SIGNS = st.sampled_from(
    [
        *"يىكةۀآأإئؤ",
        *"۰۹٠٩",
        " ",
        "\u00a0",
        "\n",
        "\x1c",
        "\u200c",
        "\u064b",
        "ـ",
        "A",
        "ß",
        "Σ",
        "é",
        "ﻻ",
        "😀",
    ]
)
_TEXT = st.one_of(st.lists(_SIGNS, max_size=12).map("".join), st.text("ابپتثجچ abcXYZ0123۴۵", max_size=12))


@given(st.lists(_TEXT, min_size=1, max_size=20))
def test_a_column_folds_like_the_scalar(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}).select(
        folded=fold_expr(pl.col("text")), plain=digits_expr(pl.col("text"))
    )
    assert frame["folded"].to_list() == [fold(text) for text in texts]
    assert frame["plain"].to_list() == [digits(text) for text in texts]


def test_a_persian_list_has_persian_commas() -> None:
    assert listed(["a", "b", "c"]) == "a، b یا c"
    assert listed([1, 2], "و") == "1 و 2"
    assert listed(["a"]) == "a"
    assert listed([]) == ""


@given(_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_no_text_stays_no_text() -> None:
    frame = pl.DataFrame({"text": pl.Series([None], dtype=pl.String)})
    assert frame.select(fold_expr(pl.col("text"))).item() is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("از 1,234,567 نفر 12.5 درصد", "از ۱٬۲۳۴٬۵۶۷ نفر ۱۲٫۵ درصد"),
        ("سطر 3 «09 12»: رقم‌ها کم است", "سطر ۳ «09 12»: رقم‌ها کم است"),
        ("کرج (2302)؛ مانند 0912", "کرج (۲۳۰۲)؛ مانند ۰۹۱۲"),
        ("با `chapar campaign start 12` آغاز کنید", "با `chapar campaign start 12` آغاز کنید"),
        ("مانند 2027-01-31T10:00+03:30", "مانند 2027-01-31T10:00+03:30"),
        ("UTF-8، SHA-256، GSM-432-11-1021-15342، G0", "UTF-8، SHA-256، GSM-432-11-1021-15342، G0"),
        ("/a/2024 b/3.csv و 127.0.0.1 و 9.12E+09", "/a/2024 b/3.csv و 127.0.0.1 و 9.12E+09"),
        ("نه JSON است: line 1 column 5 (char 4)", "نه JSON است: line 1 column 5 (char 4)"),
    ],
)
def test_a_persian_sentence_shows_persian_digits(written: str, shown: str) -> None:
    assert persian_sentence(written) == persian_sentence(shown) == shown
    assert Refused("field", "sentence", written).fa == shown


@given(st.text(alphabet="0123456789,.-:/ab «»` {}فارسی", max_size=40))
def test_a_persian_sentence_keeps_its_meaning(text: str) -> None:
    once = persian_sentence(text)
    assert persian_sentence(once) == once
    assert digits(once).replace("\u066c", ",").replace("\u066b", ".") == text
