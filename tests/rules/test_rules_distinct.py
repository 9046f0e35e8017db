"""What follows from a word is worked out once a word and given to every row."""

from __future__ import annotations

import polars as pl
import pytest

from data.rules.distinct_columns import by_word


@pytest.mark.parametrize(
    "words", [[], [None], ["a"], ["b", None, "a", "b"], ["", "سلام", "", None, "x" * 300], ["a", "A", "a "]]
)
def test_each_row_gets_what_its_word_says(words: list[str | None]) -> None:
    asked: list[str] = []

    def answer(distinct: pl.Series) -> pl.DataFrame:
        asked.extend(distinct)
        return pl.DataFrame({"length": distinct.str.len_bytes(), "twice": distinct + distinct})

    found = by_word(pl.Series(words, dtype=pl.String), answer)
    assert sorted(asked) == sorted({word for word in words if word is not None})
    assert found["length"].to_list() == [None if word is None else len(word.encode()) for word in words]
    assert found["twice"].to_list() == [None if word is None else word * 2 for word in words]
