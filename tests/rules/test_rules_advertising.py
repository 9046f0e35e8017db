"""What is advertising follows from line and people; an advert ends with the way out of it, in exact words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Refused
from data.rules import advertising
from data.rules.sms import count_parts


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("سلام", "سلام\nلغو۱۱"),
        ("سلام\nلغو۱۱", "سلام\nلغو۱۱"),
        ("سلام لغو۱۱", "سلام لغو۱۱"),
        ("سلام\nلغو۱۱ \n", "سلام\nلغو۱۱"),
        ("سلام\nلغو: ۱۱", "سلام\nلغو۱۱"),
        ("سلام\nلغو11", "سلام\nلغو۱۱"),
        ("سلام لغو ١١.", "سلام\nلغو۱۱"),
        ("لغو۱۱ بفرستید", "لغو۱۱ بفرستید\nلغو۱۱"),
        ("کد لغو۱۱۲", "کد لغو۱۱۲\nلغو۱۱"),
        ("{name|}", "{name|}\nلغو۱۱"),
    ],
)
def test_an_advert_ends_with_these_very_words(text: str, sent: str) -> None:
    assert advertising.ended(text) == sent


@given(st.text(alphabet="سلام لغو۱۱11:.\n{}ab", min_size=1).filter(str.strip))
def test_ending_it_twice_changes_nothing_and_its_words_count(text: str) -> None:
    sent = advertising.ended(text)
    assert sent.endswith("لغو۱۱")
    assert advertising.ended(sent) == sent
    assert count_parts(sent).encoding == "ucs2"


def test_the_words_cost_a_part_where_they_do_not_fit() -> None:
    full = "س" * 70
    assert count_parts(full).parts == 1
    assert count_parts(advertising.ended(full)).parts == 2


@pytest.mark.parametrize(
    ("line", "rented", "advert"), [("ad", True, True), ("ad", False, True), ("service", False, False)]
)
def test_line_and_people_say_what_is_advertising(line: str, rented: bool, advert: bool) -> None:
    advertising.refuse_line(line, rented=rented)
    assert advertising.is_advertising(line, rented=rented) is advert
    advertising.refuse_contradiction(None, advertising=advert)
    advertising.refuse_contradiction(advert, advertising=advert)


def test_rented_people_get_nothing_from_a_service_line() -> None:
    with pytest.raises(Refused, match="your own customers only") as refused:
        advertising.refuse_line("service", rented=True)
    assert refused.value.field == "line"


def test_an_advert_cannot_say_that_it_is_none() -> None:
    with pytest.raises(Refused, match="leave the field out") as refused:
        advertising.refuse_contradiction(False, advertising=True)
    assert refused.value.field == "advertising"
    with pytest.raises(Refused, match="true or false"):
        advertising.refuse_contradiction("no", advertising=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("سفارش شما آماده است", []),
        ("۲۰٪ تخفيف تا فردا", ["تخفیف"]),
        ("حراج! فروش ویژه", ["حراج", "فروش ویژه"]),
        ("فروش‌ فوق‌العاده", ["فروش فوق‌العاده"]),
        ("SALE today", ["sale"]),
        ("wholesale", []),
    ],
)
def test_words_of_selling_are_seen(text: str, words: list[str]) -> None:
    assert advertising.sale_words(text) == words
