"""Fields in texts: filled once, printed as they are; a broken brace is refused before anything is sent."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules.merge import Field, TemplateRefused, merge, missing_fields, parse_template
from data.rules.merge_columns import merged, missing

GREETING = parse_template("سلام {نام|دوست} عزیز، کد شما {code} است")


def _column(text: str, frame: pl.DataFrame) -> list[str]:
    return frame.with_columns(merged(parse_template(text), set(frame.columns)))["text"].to_list()


def test_a_text_is_cut_into_words_and_fields() -> None:
    assert GREETING.fields == ("نام", "code")
    assert GREETING.needed == ("code",)
    assert GREETING.pieces == ("سلام ", Field("نام", "دوست"), " عزیز، کد شما ", Field("code"), " است")


def test_every_recipient_gets_own_words() -> None:
    assert merge(GREETING, {"نام": "زهرا", "code": "12"}) == "سلام زهرا عزیز، کد شما 12 است"
    assert merge(GREETING, {"نام": "  ", "code": None}) == "سلام دوست عزیز، کد شما  است"
    assert merge(GREETING, {}) == "سلام دوست عزیز، کد شما  است"


def test_values_are_printed_literally() -> None:
    values = ["{balance}", "{0.__class__}", "$1", "\\1", "%s", "{{x}}"]
    assert [merge(parse_template("a{name}b"), {"name": value}) for value in values] == [
        f"a{v}b" for v in values
    ]
    assert _column("a{name}b", pl.DataFrame({"name": values})) == [f"a{value}b" for value in values]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "a {name",
        "name} b",
        "{{name}}",
        "{a{b}}",
        "{}",
        "{ }",
        "{|x}",
        "{a\nb}",
        "{" + "x" * 65 + "}",
    ],
)
def test_a_broken_brace_is_refused_and_its_place_named(text: str) -> None:
    with pytest.raises(TemplateRefused, match="character") as told:
        parse_template(text)
    assert told.value.field == "text"
    assert "نویسه" in told.value.say("fa")
    assert told.value.exit_code == 2


def test_a_brace_that_is_meant_can_be_written() -> None:
    template = parse_template(r"\{name\} {name}")
    assert template.fields == ("name",)
    assert merge(template, {"name": "x"}) == "{name} x"
    assert _column(r"\{name\} {name}", pl.DataFrame({"name": ["x"]})) == ["{name} x"]


def test_who_lacks_a_value_is_known_before_approval() -> None:
    frame = pl.DataFrame({"نام": ["زهرا", None, ""], "code": ["1", " \u00a0", None]})
    assert frame.select(missing(GREETING)).to_series().to_list() == [False, True, True]
    assert frame.with_columns(missing(GREETING, {"نام"}))["missing"].to_list() == [True] * 3
    rows = [missing_fields(GREETING, row) for row in frame.iter_rows(named=True)]
    assert rows == [(), ("code",), ("code",)]


def test_a_text_without_fields_lacks_nothing() -> None:
    plain = parse_template("سلام")
    frame = pl.DataFrame({"msisdn": [1, 2]})
    assert frame.with_columns(missing(plain))["missing"].to_list() == [False, False]
    assert frame.with_columns(merged(plain, set()))["text"].to_list() == ["سلام", "سلام"]
    assert frame.with_columns(merged(parse_template(""), set()))["text"].to_list() == ["", ""]


def test_a_field_that_nobody_has_is_missing_for_everybody() -> None:
    template = parse_template("{amount} {city|تهران}")
    frame = pl.DataFrame({"msisdn": [1, 2]})
    assert frame.with_columns(missing(template, {"msisdn"}))["missing"].to_list() == [True, True]
    assert frame.with_columns(merged(template, {"msisdn"}))["text"].to_list() == [" تهران"] * 2


def test_numbers_in_columns_are_printed_as_numbers() -> None:
    assert _column("{amount} ریال", pl.DataFrame({"amount": [1200, 0]})) == ["1200 ریال", "0 ریال"]


_VALUES = st.one_of(
    st.none(),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=5),
    st.sampled_from([" ", "\x1c", "\u2003"]),
)


@given(st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=10))
def test_columns_merge_like_the_scalar(rows: list[tuple[str | None, str | None]]) -> None:
    names = ["نام", "code"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    found = frame.with_columns(merged(GREETING, set(names)), missing(GREETING))
    for row, text, lacks in zip(rows, found["text"], found["missing"], strict=True):
        values = dict(zip(names, row, strict=True))
        assert text == merge(GREETING, values)
        assert lacks == bool(missing_fields(GREETING, values))
