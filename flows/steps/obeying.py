"""What people's reserved words do: who says stop is left out from the next claim on, who says start comes
back, and each gets one confirmation. The last word of a person counts, whatever order messages came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from data.records import inbound, replies, suppression
from data.rules import loops_columns as loops
from data.rules.reserved import CONFIRMATIONS
from data.store.operations import Connection

ACTOR = "inbound"
AGAIN = timedelta(hours=24)  # who says the same once more gets the same confirmation after this, not before
PAIR = loops.PAIR
_PERSON = ["account_id", "msisdn"]


@dataclass(frozen=True, slots=True)
class Obeyed:
    """How many people's words left or came back."""

    out: int = 0
    back: int = 0


def obey(c: Connection, fresh: pl.DataFrame, *, now: datetime) -> Obeyed:
    """Do what the words among freshly entered messages ask for, and enter the confirmations that are owed.

    `fresh`: id, line_id, owner (of the line), msisdn, word, at.
    """
    words = fresh.filter(pl.col("word").is_in(["stop", "start"]), pl.col("msisdn", "line_id").is_not_null())
    if words.is_empty():
        return Obeyed()
    words = _not_overtaken(c, words)
    numbers = words["msisdn"].unique().to_list()
    writers = inbound.senders(c, words["line_id"].unique().to_list())
    said = words.drop("account_id").join(writers, on="line_id").sort(*_PERSON, "at", "id")
    said = said.with_columns(epoch=(pl.col("word") == "start").cast(pl.UInt32).cum_sum().over(_PERSON))
    changed = _apply(c, said, suppression.opted_out(c, numbers))
    _confirm(c, words, changed, now)
    done = words.filter(pl.col("id").is_in(changed.implode())).unique(["msisdn", "word"])["word"]
    return Obeyed(int((done == "stop").sum()), int((done == "start").sum()))


def _not_overtaken(c: Connection, words: pl.DataFrame) -> pl.DataFrame:
    """Leave out words that are older than one of the same pair that was obeyed before."""
    first = words.select(pl.col("id").min()).item()
    before = inbound.newest_words(c, words["msisdn"].unique().to_list(), below=first)
    newer = words.join(before, on=PAIR, how="left", maintain_order="left")
    return newer.filter(pl.col("said_at").is_null() | (pl.col("at") >= pl.col("said_at"))).drop("said_at")


def _apply(c: Connection, said: pl.DataFrame, live: pl.DataFrame) -> pl.Series:
    """Enter and end opt-outs; return the ids of the messages that changed anything.

    Between two starts of a person (an epoch) a line is left once; the start that follows ends it.
    """
    starts = said.filter(pl.col("word") == "start").unique([*_PERSON, "epoch"], keep="first")
    stops = said.filter(pl.col("word") == "stop").unique([*_PERSON, "line_id", "epoch"], keep="first")
    held = stops.filter(pl.col("epoch") == 0).join(live, on=[*_PERSON, "line_id"], how="semi")
    fresh = stops.join(held, on=["account_id", "id"], how="anti").join(
        starts.select(*_PERSON, epoch=pl.col("epoch") - 1, ends_id="id", ends_at="at"),
        on=[*_PERSON, "epoch"], how="left",
    )  # fmt: skip
    first = starts.filter(pl.col("epoch") == 1).join(live.select(_PERSON).unique(), on=_PERSON, how="semi")
    suppression.come_back(c, first.select(*_PERSON, "id", "at").to_dicts(), actor=ACTOR)
    suppression.leave(c, [_entry(row) for row in fresh.sort("id").iter_rows(named=True)])
    return pl.concat([fresh["id"], fresh["ends_id"].drop_nulls(), first["id"]]).unique()


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    ended = row["ends_at"] is not None
    return {
        "account_id": row["account_id"], "msisdn": row["msisdn"], "line_id": row["line_id"], "at": row["at"],
        "inbound_id": row["id"], "actor": ACTOR, "lifted_at": row["ends_at"],
        "lifted_inbound_id": row["ends_id"], "lifted_by": ACTOR if ended else None,
    }  # fmt: skip


def _confirm(c: Connection, words: pl.DataFrame, changed: pl.Series, now: datetime) -> None:
    """One confirmation for the last word of each pair: where it changed something, or was not answered so
    lately. It leaves by the line that was written to and is paid by the line's owner.
    """
    last = words.sort("at", "id").unique(PAIR, keep="last", maintain_order=True)
    text = pl.col("word").replace_strict(CONFIRMATIONS, return_dtype=pl.String)
    numbers = last["msisdn"].unique().to_list()
    given = inbound.answers(c, numbers, since=now - loops.ROBOT_WITHIN)
    lately = given.filter(pl.col("at") > now - AGAIN).select(*PAIR, "text", told=True).unique()
    last = last.with_columns(text=text).join(lately, on=[*PAIR, "text"], how="left", maintain_order="left")
    owed = last.filter(pl.col("id").is_in(changed.implode()) | pl.col("told").is_null())
    heard = inbound.heard(c, numbers, since=now - loops.ROBOT_WITHIN)
    answers = given.with_columns(recent=pl.col("at") > now - loops.ANSWERS_WITHIN)
    why = loops.refused(owed.select(PAIR), answers, loops.robots(heard))
    rows = owed.select(
        pl.col("owner").alias("account_id"), "line_id", "msisdn", "text", inbound_id="id", at=pl.lit(now),
        why=why, state=pl.when(why.is_null()).then(pl.lit("waiting")).otherwise(pl.lit("dropped")),
    )  # fmt: skip
    replies.owe(c, rows.sort("inbound_id").to_dicts())
