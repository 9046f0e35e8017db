"""What is checked is what is asked: every criterion, named in every way people name things, selects those
whom its codes select, takes away those in `none`, and is one audience with one key.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from data.errors import Refused
from data.rules.persian import persian_digits
from targeting.audience import Scope, audience_hash, build, count, parse_audience, understand
from targeting.criteria import CRITERIA
from targeting.uploads import store_upload
from tests.targeting.conftest import Bank

OPERATORS = {
    "mci": ("mci", "MCI", "همراه اول", "همراه‌اول", "همراهِ اول", "Hamrah-e Aval", "hamrah e aval",
            "Hamrah-e Aval (MCI)"),
    "irancell": ("irancell", "IRANCELL", "ایرانسل", "ايرانسل", "ایران‌سل", "MTN Irancell", "mtn irancell "),
    "rightel": ("rightel", "RighTel", "رایتل", "رايتل", "رای‌تل"),
}  # fmt: skip
PROVINCES = {
    "23": ("23", "۲۳", "٢٣", "تهران", "تـهران", "Tehran", "TEHRAN", " tehran "),
    "10": ("10", "۱۰", "اصفهان", "اصفهان‌", "Isfahan", "ISFAHAN"),
}
CITIES = {"2301": ("2301", "۲۳۰۱", "تهران", "تِهران", "Tehran", "TEHRAN")}
GENDERS = {
    "female": ("female", "Female", "FEMALE", "زن", "زنان", "خانم‌ها", "خانمها", "بانوان"),
    "male": ("male", "MALE", "مرد", "مَرد", "آقایان"),
    "all": ("all", "ALL", "همه", "هر دو"),
}
LINE_TYPES = {
    "prepaid": ("prepaid", "Prepaid", "pre-paid", "اعتباری", "اعتباري"),
    "postpaid": ("postpaid", "POSTPAID", "دائمی", "دائمي", "دایمی"),
}
CIRCLE = {"lon": 51.4, "lat": 35.7, "radius_m": 60_000}
SQUARE = {"type": "Polygon", "coordinates": [[[51, 35.5], [52, 35.5], [52, 36.5], [51, 36.5], [51, 35.5]]]}
TURNED = {"type": "Polygon", "coordinates": [[[52, 36.5], [52, 35.5], [51, 35.5], [51, 36.5], [52, 36.5]]]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": SQUARE}


def every(kind: str, rest: dict[str, Any], **named: dict[str, tuple[str, ...]]) -> list[tuple[Any, Any]]:
    """Return (the criterion by code, the criterion written otherwise) for every way of naming every field."""
    return [
        ({"kind": kind, **rest, field: code}, {"kind": kind, **rest, field: word})
        for field, words in named.items()
        for code, several in words.items()
        for word in several
    ]


def several(kind: str, field: str, *groups: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    return [
        ({"kind": kind, field: group[0]}, {"kind": kind, field: one}) for group in groups for one in group
    ]


PAIRS = [
    *every("circle", CIRCLE, operator=OPERATORS),
    *every("polygon", {"geometry": SQUARE}, operator=OPERATORS),
    *several("polygon", "geometry", (SQUARE, TURNED, FEATURE)),
    *every("region", {"province": "23"}, operator=OPERATORS, province=PROVINCES, city=CITIES),
    *every("line", {}, operator=OPERATORS, line_type=LINE_TYPES, city=CITIES),
    *every("gender_age", {"age_from": 18, "age_to": 60}, operator=OPERATORS, gender=GENDERS,
           province=PROVINCES, city=CITIES),
    *every("occupation", {"codes": ["J1"]}, province=PROVINCES, city=CITIES),
    *several("occupation", "codes",
             (["J1"], ["پزشک"], ["پزشك"], ["Doctor"], ["DOCTOR"], ["j1"]),
             (["J1", "J2"], ["سلامت"], ["ســلامت"], ["Nurse", "Doctor"], ["j2", "J1", "پزشک"])),
    *every("prefix", {"prefix": "912"}, city=CITIES),
    *several("prefix", "prefix", ("912", "0912", "۰۹۱۲", "٠٩١٢", " 912 ", "０９１２", "0 912")),
    *several("postcode", "prefix", ("11345", "۱۱۳۴۵", "١١٣٤٥", "11 345", "113-45")),
    *several("district", "names",
             (["d1"], ["D1"], ["ونک"], ["ونك"], ["Vanak"], ["VANAK"], ["وَنک"]),
             (["d2", "81"], ["میدان", "۸۱"], ["٨١", "ميدان"], ["Square", " 81"])),
    *several("towers", "towers",
             (["GSM-432-11-1-1"], ["gsm-432-11-1-1"], ["GSM-۴۳۲-۱۱-۱-۱"], ["GSM–432–11–1–1"],
              ["gsm 432 11 1 1"])),
]  # fmt: skip
EVERYBODY = [{"kind": "region", "province": "23"}, {"kind": "region", "province": "10"}]


def key(criterion: dict[str, Any], bank: Bank) -> str:
    return audience_hash(understand(parse_audience({"all": [criterion]}), bank.population, None))


def test_every_rented_criterion_is_named_here_in_every_field_that_takes_a_word() -> None:
    named = {(one["kind"], field) for pair in PAIRS for one in pair for field in one if pair[0] != pair[1]}
    words = {"operator", "province", "city", "gender", "line_type", "codes", "prefix", "names", "towers"}
    takes = {
        (kind, field)
        for kind, cls in CRITERIA.items()
        if not cls.own
        for field in cls.__dataclass_fields__  # type: ignore[attr-defined]
        if field in words
    }
    assert takes <= named


@pytest.mark.parametrize(("by_code", "written"), PAIRS)
def test_however_it_is_named_it_selects_whom_the_code_selects(
    bank: Bank, who: Scope, by_code: dict[str, Any], written: dict[str, Any]
) -> None:
    expected, found = (
        count(parse_audience({"all": [one]}), bank.population, who) for one in (by_code, written)
    )
    assert (found.matched, found.by_operator) == (expected.matched, expected.by_operator)
    assert expected.matched or by_code["kind"] == "postcode"
    left, gone = (
        count(parse_audience({"any": EVERYBODY, "none": [one]}), bank.population, who).matched
        for one in (by_code, written)
    )
    assert gone == left == bank.people.height - expected.matched
    assert key(by_code, bank) == key(written, bank)


@pytest.mark.parametrize("kind", ["circle", "polygon", "region", "line"])
def test_an_operator_that_nobody_knows_is_refused_with_the_nearest(bank: Bank, who: Scope, kind: str) -> None:
    rest = {"circle": CIRCLE, "polygon": {"geometry": SQUARE}, "region": {"province": "23"}, "line": {}}[kind]
    for place in ("any", "none"):
        tree = {"any": EVERYBODY} | {place: [*EVERYBODY, {"kind": kind, **rest, "operator": "ایرانسیل"}]}
        with pytest.raises(Refused) as refused:
            count(parse_audience(tree), bank.population, who)
        assert refused.value.field == f"{place}.2.operator"
        assert "nearest are irancell" in refused.value.en


@pytest.mark.parametrize(
    ("criterion", "near"),
    [
        ({"kind": "region", "province": "Tehrann"}, "Tehran (23)"),
        ({"kind": "region", "province": "اصفهون"}, "Isfahan (10)"),
        ({"kind": "line", "city": "Isfhan"}, "Isfahan (1001)"),
        ({"kind": "district", "names": ["Vanack"]}, "Vanak (d1)"),
        ({"kind": "occupation", "codes": ["doktor"]}, "Doctor (J1)"),
        ({"kind": "prefix", "prefix": "936"}, "935"),
        ({"kind": "postcode", "prefix": "82345"}, "81"),
        ({"kind": "towers", "towers": ["LTE-432-35-7-8"]}, "LTE-432-35-7-9"),
    ],
)
def test_a_place_that_does_not_exist_is_refused_with_the_three_nearest_the_best_first(
    bank: Bank, who: Scope, criterion: dict[str, Any], near: str
) -> None:
    with pytest.raises(Refused) as refused:
        count(parse_audience({"all": [criterion]}), bank.population, who)
    after = refused.value.en.rpartition("nearest are ")[2]
    assert near in after
    assert after.count(",") <= 2


def test_the_same_numbers_are_one_audience_however_they_are_typed() -> None:
    ways = [
        ["09121234567", "09351234567"],
        ["+98 935 123 4567", "۰۹۱۲۱۲۳۴۵۶۷"],
        ["9351234567", "0098-912-123-4567", "09121234567"],
    ]
    keys = {
        audience_hash(understand(parse_audience({"all": [{"kind": "numbers", "numbers": way}]}), None, None))
        for way in ways
    }
    assert len(keys) == 1


@pytest.mark.usefixtures("home")
def test_a_column_of_a_file_is_one_by_header_by_number_and_left_to_us(who: Scope) -> None:
    upload = store_upload("name,Mobile\nسارا,09121234567\n".encode(), None)
    ways = [{}, *({"column": word} for word in ("Mobile", "mobile ", "MOBILE", "2", persian_digits(2)))]
    trees = [parse_audience({"all": [{"kind": "file", "upload": upload, **way}]}) for way in ways]
    assert len({audience_hash(understand(tree, None, None)) for tree in trees}) == 1
    assert [build(tree, None, who).frame.height for tree in trees] == [1] * len(ways)


@pytest.mark.usefixtures("home")
def test_the_key_of_a_file_is_known_before_and_after_it_was_read(who: Scope) -> None:
    upload = store_upload(b"a,b\n1,09121234567\n", None)
    tree = parse_audience({"all": [{"kind": "file", "upload": upload}]})
    before = audience_hash(understand(tree, None, None))
    assert before == count(tree, None, who).audience_hash
    other = parse_audience({"all": [{"kind": "file", "upload": store_upload(b"09121234567\n", None)}]})
    assert before != count(other, None, who).audience_hash


def test_what_is_asked_of_two_operators_differs(bank: Bank) -> None:
    names = product([{"kind": "line", "operator": name} for name in OPERATORS], repeat=2)
    assert all((key(one, bank) == key(other, bank)) == (one == other) for one, other in names)
