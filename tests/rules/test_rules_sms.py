"""Encoding, units and parts: shared vectors and real texts, in three forms that must agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules.sms import GSM7_BASIC, GSM7_EXTENSION, PartSizes, count_parts, split_parts, tables
from data.rules.sms_columns import with_parts

NAMES = {"GSM-7": "gsm7", "UCS-2": "ucs2"}
SIXTY_SIX = PartSizes(ucs2_part=66)


@pytest.fixture(scope="module")
def vectors(reference_data: Path) -> list[dict[str, Any]]:
    with (reference_data / "sms_segmentation_vectors.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _widths(part: str, encoding: str) -> int:
    return (
        len(part.encode("utf-16-le")) // 2
        if encoding == "UCS-2"
        else sum(1 + (c in GSM7_EXTENSION) for c in part)
    )


def test_every_shared_vector_is_counted_as_it_says(vectors: list[dict[str, Any]]) -> None:
    assert len(vectors) == 175
    for vector in vectors:
        found = count_parts(vector["text"])
        told = (NAMES[vector["encoding"]], vector["units"], vector["segments"])
        assert (found.encoding, found.units, found.parts) == told, vector["id"]
        room = {"gsm7": (160, 153), "ucs2": (70, 67)}[found.encoding][found.parts > 1]
        assert found.left_in_part == room - (vector["part_units"] or [0])[-1], vector["id"]
        assert (found.forced_by is None) == (found.encoding == "gsm7")


def test_every_shared_vector_is_cut_as_it_says(vectors: list[dict[str, Any]]) -> None:
    for vector in vectors:
        parts = split_parts(vector["text"])
        assert "".join(parts) == vector["text"]
        assert [len(part) for part in parts] == vector["part_chars"], vector["id"]
        assert [_widths(part, vector["encoding"]) for part in parts] == vector["part_units"], vector["id"]


def test_columns_agree_with_every_shared_vector(vectors: list[dict[str, Any]]) -> None:
    found = with_parts(pl.DataFrame({"text": [vector["text"] for vector in vectors]}))
    assert found["ucs2"].to_list() == [vector["encoding"] == "UCS-2" for vector in vectors]
    assert found["units"].to_list() == [vector["units"] for vector in vectors]
    assert found["parts"].to_list() == [vector["segments"] for vector in vectors]


def test_real_texts_in_thirty_languages_are_counted_alike(reference_data: Path) -> None:
    corpus = pl.read_parquet(reference_data / "sms_corpus.parquet").rename({"units": "told_units"})
    found = with_parts(corpus)
    assert found["units"].to_list() == corpus["told_units"].to_list()
    assert found["parts"].to_list() == corpus["segments"].to_list()
    assert found["ucs2"].to_list() == (corpus["encoding"] == "UCS-2").to_list()
    scalar = [count_parts(text) for text in corpus["text"]]
    assert [parts.parts for parts in scalar] == corpus["segments"].to_list()


@pytest.mark.parametrize(
    ("letters", "parts", "parts_of_66"),
    [(70, 1, 1), (71, 2, 2), (134, 2, 3), (135, 3, 3), (201, 3, 4), (202, 4, 4)],
)
def test_persian_letters_cost_what_the_table_says(letters: int, parts: int, parts_of_66: int) -> None:
    assert count_parts("ش" * letters).parts == parts
    assert count_parts("ش" * letters, SIXTY_SIX).parts == parts_of_66
    column = pl.DataFrame({"text": ["ش" * letters]})
    assert with_parts(column)["parts"].item() == parts
    assert with_parts(column, sizes=SIXTY_SIX)["parts"].item() == parts_of_66


@pytest.mark.parametrize(("letters", "parts"), [(160, 1), (161, 2), (306, 2), (307, 3)])
def test_latin_letters_cost_what_the_table_says(letters: int, parts: int) -> None:
    assert count_parts("a" * letters).parts == parts


@pytest.mark.parametrize("sign", ["ی", "۵", "\u200c", "😀", "`", "ş", "\t"])
def test_one_foreign_sign_makes_the_whole_text_ucs2(sign: str) -> None:
    found = count_parts("hello " + sign + " ü ژ")
    assert (found.encoding, found.forced_by) == ("ucs2", sign)


def test_the_empty_text_is_one_part_with_all_its_room() -> None:
    found = count_parts("")
    assert (found.encoding, found.units, found.parts, found.left_in_part) == ("gsm7", 0, 1, 160)
    assert split_parts("") == [""]
    assert with_parts(pl.DataFrame({"text": ["", None]})).select("units", "parts").rows() == [(0, 1), (0, 1)]


def test_a_pair_that_does_not_fit_opens_the_next_part() -> None:
    assert [len(part) for part in split_parts("a" * 152 + "€" + "a" * 152)] == [152, 152, 1]
    emoji = split_parts("ا" * 66 + "😀" + "ا" * 66)
    assert [len(part) for part in emoji] == [66, 66, 1]


def test_an_empty_frame_keeps_its_columns() -> None:
    found = with_parts(pl.DataFrame(schema={"text": pl.String}))
    assert found.schema == {"text": pl.String, "ucs2": pl.Boolean, "units": pl.UInt32, "parts": pl.UInt16}


def test_a_text_longer_than_the_column_can_say_is_capped() -> None:
    assert with_parts(pl.DataFrame({"text": ["ا" * 67 * 65_600]}))["parts"].item() == 65_535


def test_the_browser_gets_the_same_tables() -> None:
    told = json.loads(json.dumps(tables(SIXTY_SIX)))
    assert told["basic"] == GSM7_BASIC
    assert told["extension"] == GSM7_EXTENSION
    assert told["sizes"]["ucs2_part"] == 66
    assert len(set(GSM7_BASIC)) == 127
    assert len(GSM7_EXTENSION) == 10


_SIGNS = st.sampled_from(
    ["a", "é", "€", "{", "\n", "ی", "۷", "\u200c", "😀", "\U000f0000", "\U0010ffff", "`"]
)
_RUNS = st.lists(st.tuples(_SIGNS, st.integers(1, 90)), max_size=8)
_SIZES = st.builds(PartSizes, ucs2_part=st.integers(64, 68), gsm7_part=st.integers(150, 153))


@given(st.lists(_RUNS, min_size=1, max_size=8), _SIZES)
def test_the_three_forms_agree_on_any_text(texts: list[list[tuple[str, int]]], sizes: PartSizes) -> None:
    column = ["".join(sign * times for sign, times in runs) for runs in texts]
    found = with_parts(pl.DataFrame({"text": column}), sizes=sizes)
    for text, ucs2, units, parts in found.iter_rows():
        told = count_parts(text, sizes)
        assert (told.encoding == "ucs2", told.units, told.parts) == (ucs2, units, parts)
        pieces = split_parts(text, sizes)
        assert len(pieces) == parts
        assert "".join(pieces) == text
