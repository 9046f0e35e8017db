"""Words that are the same to every line, whatever keyboard wrote them; and the limits of answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules import loops_columns as loops
from data.rules.reserved import SIGNS, WORDS, bare, reserved
from data.rules.reserved_columns import bare_expr, reserved_expr

BEGIN = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("۱۱", "stop"), ("١١", "stop"), ("１１", "stop"), ("لغو۱۱", "stop"), ("لغو  ۱۱.", "stop"),
        ("STOP", "stop"), ("*off*", "stop"), ("خـاموش", "stop"), ("۱۲", "start"), ("عضويت مجدد", "start"),
        ("Start!", "start"), ("راهنما", "help"), ("؟", "help"), ("", "help"), (" … ", "help"),
        ("HELP", "help"), ("لغو-۱۱", "stop"), ("لغو_١١", "stop"), ("عضويت\u200cمجدد", "start"),
        ("13", None), ("1 1", None), ("لغو 12", None), ("stop it", None), ("نوبت لغو", None), ("😀", None),
    ],
)  # fmt: skip
def test_a_whole_message_means_what_the_table_says(text: str, word: str | None) -> None:
    assert reserved(text) == word


LETTERS = "لغو۱۱12 stpofaرخامشيیكک\u200c\u200e.!؟«»*-😀\n"


@given(st.lists(st.text(LETTERS, max_size=8) | st.sampled_from([w for ws in WORDS.values() for w in ws])))
def test_columns_say_the_same_as_one_message_alone(texts: list[str]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    said = frame.select(bare=bare_expr(pl.col("text")), word=reserved_expr(bare_expr(pl.col("text"))))
    assert said["bare"].to_list() == [bare(text) for text in texts]
    assert said["word"].to_list() == [reserved(text) for text in texts]


def test_no_sign_is_a_letter_or_digit() -> None:
    assert not any(sign.isalnum() for sign in SIGNS)


def heard(*seconds: float, texts: str = "") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "line_id": [1] * len(seconds),
            "msisdn": [989121230001] * len(seconds),
            "folded": list(texts or "abcdefghijklmnop"[: len(seconds)]),
            "received_at": [BEGIN + timedelta(seconds=second) for second in seconds],
        }
    )


@pytest.mark.parametrize(
    ("seconds", "texts", "robot"),
    [
        ((0, 150, 300), "aaa", True),
        ((0, 150, 301), "aaa", False),
        ((0, 10, 20, 150), "abca", False),
        ((0, 10, 20, 30, 299), "abaca", True),
        ((0, 4, 8, 12, 16), "", True),
        ((0, 4, 8, 12), "", False),
        ((0, 4, 9, 13, 17, 21), "", False),
        ((0, 4, 9, 13, 17, 21, 25), "", True),
    ],
)
def test_a_pair_is_a_robot_by_three_equal_texts_or_five_quick_messages(
    seconds: tuple[float, ...], texts: str, robot: bool
) -> None:
    assert loops.robots(heard(*seconds, texts=texts)).height == int(robot)


@pytest.mark.parametrize(
    ("answers", "recent", "robot", "why"),
    [
        (4, 4, False, None),
        (5, 5, False, "ceiling"),
        (9, 4, False, None),
        (4, 0, True, None),
        (5, 0, True, "robot"),
    ],
)
def test_who_got_enough_answers_gets_none(answers: int, recent: int, robot: bool, why: str | None) -> None:
    pair = pl.DataFrame({"line_id": [1], "msisdn": [989121230001]})
    given = pl.concat([pair] * answers).with_columns(recent=pl.int_range(pl.len()) < recent)
    assert loops.refused(pair, given, pair if robot else pair.clear()).to_list() == [why]
