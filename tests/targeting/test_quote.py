"""What a send costs: merged texts, their parts, the price, and what is refused before any money moves."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Refused
from data.rules.pricing import Tariff
from data.rules.sms import count_parts
from data.rules.unseen import is_blank
from targeting.orders.quote import SCHEMA, by_operator, missing_people, quote, quote_count, recipient_set
from targeting.texts import checked

TARIFF = Tariff(price_rials=90, latin_price_rials=225)


def built(names: list[str | None], **more: list[str]) -> pl.DataFrame:
    n = len(names)
    return pl.DataFrame(
        {
            "msisdn": pl.Series([989120000000 + place for place in range(n)], dtype=pl.UInt64),
            "operator": ["mci"] * n,
            "bank": [False] * n,
            "order_key": pl.Series(range(n), dtype=pl.UInt64),
            "نام": names,
            **more,
        },
        schema_overrides={"نام": pl.String},
    )


def test_the_set_holds_each_text_its_parts_and_its_price() -> None:
    recipients = recipient_set(built(["علی", "A" * 90, ""]), checked("Hi {نام|dear}"), TARIFF)
    assert dict(recipients.schema) == {
        name: kind() if isinstance(kind, type) else kind for name, kind in SCHEMA.items()
    }
    assert recipients["pos"].to_list() == [1, 2, 3]
    assert recipients["text"].to_list() == ["Hi علی", "Hi " + "A" * 90, "Hi dear"]
    assert recipients["ucs2"].to_list() == [True, False, False]
    assert recipients["price_rials"].to_list() == [90, 225, 225]
    priced = quote(recipients)
    assert (priced.recipients, priced.parts, priced.cost_rials, priced.parts_spread) == (3, 3, 540, {1: 3})
    assert [(share.language, share.recipients) for share in priced.by_operator] == [("gsm7", 2), ("ucs2", 1)]
    assert by_operator(recipients)[0] == {
        "operator": "mci",
        "language": "gsm7",
        "recipients": 2,
        "parts": 2,
        "cost_rials": 450,
    }


def test_who_lacks_a_field_is_counted_and_the_text_refused() -> None:
    frame = built(["x"] * 460 + [None] * 30 + [" "] * 10)
    with pytest.raises(Refused, match="40 people have no نام") as refused:
        recipient_set(frame, checked("Dear {نام}"), TARIFF)
    assert refused.value.field == "text"
    assert "۴۰ نفر" in refused.value.fa
    assert missing_people(frame, checked("Dear {نام}")) == 40
    left = recipient_set(frame, checked("Dear {نام}"), TARIFF, skip_missing=True)
    assert (left.height, left["pos"].to_list()[-1]) == (460, 460)


@pytest.mark.parametrize("text", ["{city} {نام}", "{city|شهر} {نام}"])
def test_a_field_that_no_file_has_is_refused_with_the_columns_there_are(text: str) -> None:
    with pytest.raises(Refused, match="no column 'city'; the columns are نام"):
        recipient_set(built(["a", "b", "c"]), checked(text), TARIFF)


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "\u200c", " \u200f\u200e\u200d ", "\ufeff\u00ad\u2060\u3164"]
)
def test_a_text_that_nobody_can_see_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="write a text"):
        recipient_set(built(["a"]), checked(text), TARIFF)
    with pytest.raises(Refused, match="write a text"):
        quote_count({"mci": 3}, checked(text), TARIFF)


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\t", "\x1b", "\x85", "\ud800"])
def test_control_characters_and_half_characters_are_refused_with_their_place(sign: str) -> None:
    with pytest.raises(Refused, match=rf"character 3 .* \(U\+{ord(sign):04X}\)") as refused:
        recipient_set(built(["a"]), checked(f"Hi{sign}there"), TARIFF)
    assert refused.value.field == "text"
    assert recipient_set(built(["a"]), checked("Hi\r\nthere"), TARIFF).height == 1


@pytest.mark.parametrize("text", ["{نام|}", " {نام| }\n", "{نام|\u200c}\u200f"])
def test_a_merged_text_of_nothing_is_counted_and_refused(text: str) -> None:
    frame = built(["x"] * 5 + [None, " ", "\u200c"])
    with pytest.raises(Refused, match=r"3 people would get an empty text: write \{نام") as refused:
        recipient_set(frame, checked(text), TARIFF)
    assert (refused.value.field, "۳ نفر" in refused.value.fa) == ("text", True)
    assert missing_people(frame, checked(text)) == 3
    assert recipient_set(frame, checked(text), TARIFF, skip_missing=True)["pos"].to_list() == [1, 2, 3, 4, 5]


def test_a_value_that_nobody_can_see_is_no_value_where_it_is_the_whole_text() -> None:
    with pytest.raises(Refused, match="2 people have no نام"):
        recipient_set(built(["x", None, "\u200c"]), checked("{نام}"), TARIFF)


@given(
    st.text(
        st.sampled_from("a ب\n\x1c\x85\u00a0\u00ad\u200c\u200e\u2028\u2060\u3000\u2800\ufe0f\ufeff"),
        max_size=6,
    )
)
def test_the_column_and_the_single_text_agree_on_what_is_empty(value: str) -> None:
    assert missing_people(built([value]), checked("{نام|}")) == int(is_blank(value))


def test_a_text_of_too_many_parts_is_refused_with_the_people_it_concerns() -> None:
    with pytest.raises(Refused, match="21 parts for 1 people"):
        recipient_set(built(["a", "ب" * 67 * 20 + "ب"]), checked("{نام}"), TARIFF)
    with pytest.raises(Refused, match="21 parts"):
        quote_count({"mci": 3}, checked("ب" * (67 * 20 + 1)), TARIFF)


def test_values_are_printed_literally_and_columns_of_ours_do_not_leak() -> None:
    recipients = recipient_set(
        built(["{balance}"], text=["mine"], parts=["7"]), checked("{نام} {text} {parts}"), TARIFF
    )
    assert recipients["text"].to_list() == ["{balance} mine 7"]
    assert recipients["parts"].to_list() == [1]


def test_an_empty_set_costs_nothing() -> None:
    for text in ("Hi", "Hi {نام}"):
        priced = quote(recipient_set(built([]), checked(text), TARIFF))
        assert (priced.recipients, priced.cost_rials, priced.parts_spread, priced.by_operator) == (
            0,
            0,
            {},
            (),
        )


@given(
    values=st.lists(st.text(st.sampled_from("a€ب😀"), min_size=1, max_size=150), min_size=1, max_size=4),
    text=st.sampled_from(["{نام}", "سلام {نام}", "😀 {نام}", "Hi {نام|😀}", "س{نام}" + "ب" * 60]),
)
def test_the_parts_of_a_merged_text_are_those_of_the_text_alone(values: list[str], text: str) -> None:
    recipients = recipient_set(built(list(values)), checked(text), TARIFF)
    alone = [count_parts(one) for one in recipients["text"]]
    assert recipients["parts"].to_list() == [one.parts for one in alone]
    assert recipients["ucs2"].to_list() == [one.encoding == "ucs2" for one in alone]


@given(
    text=st.text(st.sampled_from("aé€ب😀\\"), min_size=1, max_size=300).filter(str.strip),
    people=st.integers(1, 5),
    units=st.sampled_from([66, 67]),
)
def test_a_text_without_fields_costs_the_same_with_and_without_its_set(
    text: str, people: int, units: int
) -> None:
    tariff = Tariff(price_rials=90, latin_price_rials=225, ucs2_part_units=units)
    frame = built([str(n) for n in range(people)])
    with_set = quote(recipient_set(frame, checked(text), tariff))
    assert with_set == quote_count({"mci": people}, checked(text), tariff)
    assert with_set.parts == people * count_parts(text, tariff.sizes).parts


@pytest.mark.parametrize(
    ("names", "said"), [(["سارا", None], "۱ نفر «نام» ندارد:"), ([None, ""], "۲ نفر «نام» ندارند:")]
)
def test_one_lacks_and_two_lack_in_persian(names: list[str | None], said: str) -> None:
    with pytest.raises(Refused) as refused:
        recipient_set(built(names), checked("سلام {نام}"), TARIFF)
    assert refused.value.fa.startswith(said)
