"""Numbers as people write them: shared vectors, reasons, and a column that agrees."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules.msisdn import REASONS, NumberRefused, mask, parse, show
from data.rules.msisdn_columns import parse_column

ANSI = "\u202a09121234567\u202c"


def _read(text: str, region: str = "IR") -> tuple[int | None, str | None]:
    try:
        return parse(text, region), None
    except NumberRefused as error:
        return None, error.reason


def _column(texts: list[str | None], region: str = "IR") -> list[tuple[int | None, str | None]]:
    return parse_column(pl.Series(texts, dtype=pl.String), region).rows()


def _vectors(folder: Path, region: str) -> list[dict[str, str]]:
    with (folder / f"{region.lower()}_phone_vectors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("region", ["IR", "LI"])
def test_every_shared_number_is_read_as_it_says(reference_data: Path, region: str) -> None:
    vectors = _vectors(reference_data, region)
    answers = _column([row["input"] for row in vectors], region)
    for row, answer in zip(vectors, answers, strict=True):
        msisdn, reason = answer
        assert answer == _read(row["input"], region), row
        if row["type"] == "mobile":
            assert f"+{msisdn}" == row["e164"], row
        else:
            assert msisdn is None, row
            assert reason in REASONS, row
        if row["type"] == "fixed":
            assert reason == "landline", row
        if ":" in row["type"]:
            assert reason == "foreign", row


@pytest.mark.parametrize(
    "text",
    ["09121234567", "9121234567", "989121234567", "+989121234567", "00989121234567", "+98 (0) 912 123-4567",
     "۰۹۱۲۱۲۳۴۵۶۷", "٠٩١٢١٢٣٤٥٦٧",
     "０９１２１２３４５６７", "0912.123.4567", "0912\u200c123\u200c4567",
     "\ufeff09121234567", ANSI,
     "'09121234567", "9809121234567", "9121234567.0", " 9121234567.00 ",
     "0912\u00a0123\u20114567", "۰۹۱۲ ۱۲۳ ۴۵۶۷"],
)  # fmt: skip
def test_one_number_has_many_writings(text: str) -> None:
    assert parse(text) == 989121234567
    assert _column([text]) == [(989121234567, None)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), (" \u200c-", "empty"), ("abc", "not_a_number"), ("+", "not_a_number"),
     ("09+121234567", "not_a_number"),
     ("x" * 70, "not_a_number"), ("0" * 70, "not_a_number"), 
     ("9.12E+09", "scientific"), ("9.121234567e9", "scientific"),
     ("۹٫۱۲E+۰۹", "scientific"), ("02188776655", "landline"), ("0912123456", "too_short"),
     ("5000", "too_short"),
     ("091212345678", "too_long"),
     ("+442079460958", "foreign"), ("+441", "too_short"),
     ("+4420794609581234", "too_long"),
     ("09411234567", "unknown_prefix"), ("09801234567", "unknown_prefix"),
     ("+09121234567", "unknown_prefix")],
)  # fmt: skip
def test_a_refused_number_says_why(text: str, reason: str) -> None:
    assert _read(text) == (None, reason)
    assert _column([text]) == [(None, reason)]


def test_a_damaged_number_says_how_to_mend_the_sheet() -> None:
    with pytest.raises(NumberRefused, match="format the column as text") as told:
        parse("9.12E+09")
    assert "متن" in told.value.say("fa")
    assert told.value.exit_code == 2


def test_a_missing_value_is_empty_and_an_integer_column_is_read() -> None:
    assert _column([None]) == [(None, "empty")]
    assert parse_column(pl.Series([9121234567, 989121234567]))["msisdn"].to_list() == [989121234567] * 2
    assert parse_column(pl.Series([], dtype=pl.String)).schema == {"msisdn": pl.UInt64, "reason": pl.String}


def test_numbers_are_shown_and_masked_as_people_know_them() -> None:
    assert show(989121234567) == "09121234567"
    assert show(423660123456) == "+423660123456"
    assert mask(989121234567) == "0912•••67"
    assert mask(4237912345) == "+423•••45"


def test_reading_iranian_numbers_does_not_load_the_big_library() -> None:
    code = (
        "import sys, data.rules.msisdn as m; m.parse('09121234567');"
        "print('phonenumbers' in sys.modules, 'polars' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


_SIGNS = st.sampled_from(
    [*"0123456789", "9", "+", "-", " ", ".", "(", "e", "E", "a", "۹", "٣", "\u200c", "98", "09", ".0"]
)
_STARTS = st.sampled_from(["", "0", "98", "+98", "0098", "+98(0)", "00", "+", "9809"])


@given(
    st.lists(
        st.builds(lambda start, rest: start + "".join(rest), _STARTS, st.lists(_SIGNS, max_size=14)),
        min_size=1,
    )
)
def test_the_column_says_what_the_scalar_says(texts: list[str]) -> None:
    assert _column([*texts]) == [_read(text) for text in texts]


@given(
    st.lists(st.lists(_SIGNS, max_size=12).map("".join), min_size=1, max_size=20),
    st.sampled_from(["LI", "SR", "GY"]),
)
def test_other_countries_agree_too(texts: list[str], region: str) -> None:
    assert _column([*texts], region) == [_read(text, region) for text in texts]
