"""When an answer is not given, so that two machines do not talk for ever: limits for each (line, sender).

A pair is a robot once it wrote three equal texts in five minutes, or five messages with less than five
seconds between them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

ANSWERS_MAX, ANSWERS_WITHIN = 5, timedelta(minutes=10)
ROBOT_ANSWERS_MAX, ROBOT_WITHIN = 5, timedelta(days=1)
EQUAL_TEXTS, EQUAL_WITHIN = 3, timedelta(minutes=5)
QUICK_MESSAGES, QUICK_APART = 5, timedelta(seconds=5)
PAIR: Final = ["line_id", "msisdn"]


def robots(heard: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs (PAIR) that are robots, from what was heard of them within ROBOT_WITHIN:
    PAIR, folded, received_at.
    """
    heard = heard.sort("received_at")
    at, pairs = pl.col("received_at"), pl.col(PAIR)
    equal = at - at.shift(EQUAL_TEXTS - 1).over([*PAIR, "folded"]) <= EQUAL_WITHIN
    close = (at.diff().over(PAIR) < QUICK_APART).cast(pl.UInt32).fill_null(0)
    quick = close.rolling_sum(QUICK_MESSAGES - 1, min_samples=1).over(PAIR) >= QUICK_MESSAGES - 1
    return heard.filter(equal | quick).select(pairs).unique()


def refused(pairs: pl.DataFrame, answers: pl.DataFrame, robots: pl.DataFrame) -> pl.Series:
    """Return for each pair why it gets no answer now (robot, ceiling) or null.

    `answers` are those given within ROBOT_WITHIN: PAIR and `recent` (within ANSWERS_WITHIN).
    """
    given = answers.group_by(PAIR).agg(pl.len().alias("day"), pl.col("recent").sum().alias("now"))
    told = pairs.join(given, on=PAIR, how="left", maintain_order="left").join(
        robots.with_columns(robot=True), on=PAIR, how="left", maintain_order="left"
    )
    is_robot = pl.col("robot").fill_null(value=False) & (pl.col("day").fill_null(0) >= ROBOT_ANSWERS_MAX)
    many = pl.col("now").fill_null(0) >= ANSWERS_MAX
    why = pl.when(is_robot).then(pl.lit("robot")).when(many).then(pl.lit("ceiling"))
    return told.select(why.alias("why"))["why"]
