"""Columns that repeat a few words many times: what follows from a word is worked out once a word."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def by_word(words: pl.Series, answer: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """Return what `answer` says of each word (a row per word it is given), a row per row of `words`.

    `answer` sees every distinct word once, none of them null; a null has null everywhere. A tenth of the time
    of a join on the words, and the same result.
    """
    coded = words.cast(pl.Categorical(pl.Categories.random()))  # codes of these words alone, from 0 on
    distinct = coded.drop_nulls().unique()
    words_by_code = distinct.gather(distinct.to_physical().arg_sort()).cast(pl.String)
    return answer(words_by_code).select(pl.all().gather(coded.to_physical()))
