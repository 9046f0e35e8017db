"""At each lease the numbers of its batches are looked up whole: nobody who opted out is missed (P13)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from desk import FIRST_NUMBER, open_desk

from data import clock as the_clock
from data.records import suppression
from data.store import operations

Opened = Callable[..., Any]
ELSE = 98_000_000  # somebody else


def test_an_opt_out_under_a_lower_id_than_was_seen_is_obeyed(desk: Opened) -> None:
    """Ids do not commit in the order in which they were given out."""
    d = desk(bulk=2)
    with operations.writing() as c:
        suppression.add(c, [ELSE], account_id=None, why="operator", source="t", now=the_clock.now())
        c.exec_driver_sql("UPDATE suppression SET id = 500")
    run_id = d.run(4)
    with operations.writing() as c:
        suppression.add(
            c, [FIRST_NUMBER + 3], account_id=None, why="opt_out", source="t", now=the_clock.now()
        )
        c.exec_driver_sql("UPDATE suppression SET id = 7 WHERE msisdn > 98000000")
    d.tick()
    assert d.states(run_id) == {"submitted": 3, "suppressed": 1}
    assert FIRST_NUMBER + 3 not in d.gateway.copies()
    d.clean()


def test_among_many_numbers_those_that_hold_for_the_account_are_found(desk: Opened) -> None:
    d = desk()
    asked = pl.Series("msisdn", range(FIRST_NUMBER, FIRST_NUMBER + 40_000), dtype=pl.UInt64)
    mine, everybodys, lifted = FIRST_NUMBER + 39_999, FIRST_NUMBER + 17, FIRST_NUMBER + 5
    now = the_clock.now()
    with operations.writing() as c:
        for number, account in ((mine, d.account_id), (everybodys, None), (lifted, d.account_id)):
            suppression.add(c, [number], account_id=account, why="opt_out", source="t", now=now)
        suppression.lift(c, [lifted], account_id=d.account_id, now=now)
        assert sorted(suppression.among(c, d.account_id, asked)["msisdn"]) == [everybodys, mine]
        assert suppression.among(c, None, asked)["msisdn"].to_list() == [everybodys]
        assert suppression.among(c, d.account_id, asked.clear()).is_empty()


def test_an_opt_out_that_commits_late_under_a_lower_id_is_obeyed_at_the_lease(postgres: Path) -> None:
    """Who took his id first commits last: the plan cannot have seen him, and sees a higher one."""
    d = open_desk(postgres, bulk=2)
    late, planned = threading.Event(), threading.Event()

    def opt_out() -> None:
        with operations.writing() as c:
            suppression.add(
                c, [FIRST_NUMBER + 1], account_id=None, why="opt_out", source="t", now=the_clock.now()
            )
            late.set()
            assert planned.wait(20)

    slow = threading.Thread(target=opt_out)
    slow.start()
    assert late.wait(20)
    with operations.writing() as c:
        suppression.add(c, [ELSE], account_id=None, why="operator", source="t", now=the_clock.now())
    run_id = d.run(4)
    planned.set()
    slow.join(20)
    d.tick()
    assert d.states(run_id) == {"submitted": 3, "suppressed": 1}
    assert FIRST_NUMBER + 1 not in d.gateway.copies()
    d.clean()
