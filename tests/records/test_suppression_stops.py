"""What an entry of suppression stops: by its kind, its line, and what a message is for."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from data import clock as the_clock
from data.records import accounts, lines
from data.records import suppression as records
from data.rules.purposes import PURPOSES, SUPPRESSION_KINDS, Purpose, stops
from data.store import operations

ALI, SARA, REZA = 989121230001, 989121230002, 989351230003


@pytest.fixture
def shop(home: Path) -> int:
    with operations.writing() as c:
        return accounts.create_account(c, accounts.NewAccount("shop"), actor="t", now=the_clock.now())


def series(*numbers: int) -> pl.Series:
    return pl.Series(numbers, dtype=pl.UInt64)


WRITTEN = {  # entry, said to this line, to another, to none: what it stops, written out by hand
    ("opt_out", "this"): {"advert", "notice"}, ("opt_out", "that"): {"advert"},
    ("opt_out", None): {"advert", "notice"},
    ("operator", None): {"advert"}, ("operator", "this"): {"advert"}, ("operator", "that"): {"advert"},
    **{("blacklist", line): set(PURPOSES) for line in (None, "this", "that")},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "where"), WRITTEN)
def test_an_entry_stops_what_it_is_about_and_nothing_else(shop: int, kind: str, where: str | None) -> None:
    with operations.writing() as c:
        now = the_clock.now()
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="t", now=now)
        ids = {
            name: lines.create_line(
                c, lines.NewLine(name, "sim", shop, "service", 90, 60), actor="t", now=now
            )
            for name in ("this", "that")
        }
        cause = records.Cause(line_id=ids.get(where or ""))
        records.add(c, [ALI], account_id=shop, why=kind, source="t", now=now, cause=cause)
    purpose: Purpose
    for purpose in PURPOSES:
        wanted = purpose in WRITTEN[kind, where]
        assert stops(kind, purpose, same_line=where != "that") is wanted
        with operations.reading() as c:
            whole = records.numbers(c, shop, stops=purpose, line_id=ids["this"])
            some = records.among(c, shop, series(ALI, SARA), stops=purpose, line_id=ids["this"])
        assert whole["msisdn"].to_list() == some["msisdn"].to_list() == ([ALI] if wanted else [])


def test_what_holds_for_everybody_holds_for_each_account_and_what_ended_for_nobody(shop: int) -> None:
    with operations.writing() as c:
        now = the_clock.now()
        records.add(c, [ALI], account_id=None, why="blacklist", source="t", now=now)
        records.add(c, [SARA, REZA], account_id=shop, why="opt_out", source="t", now=now)
        records.lift(c, [REZA], account_id=shop, now=now + timedelta(seconds=1))
        found = records.among(c, shop, series(ALI, SARA, REZA), stops="advert")
        assert sorted(found["msisdn"]) == [ALI, SARA]
        assert records.among(c, None, series(ALI, SARA, REZA), stops="advert")["msisdn"].to_list() == [ALI]
        for kind, purpose in product(SUPPRESSION_KINDS, PURPOSES):
            assert records.among(c, shop, series(REZA), stops=purpose).is_empty(), kind
