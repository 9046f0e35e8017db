"""Whom a run leaves out: an advert everybody who opted out, a service run the blacklist only."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import FIRST_NUMBER, Desk, open_desk

from data import clock as the_clock
from data.records import suppression
from data.store import operations

KINDS = ("opt_out", "blacklist", "operator")  # of the first three recipients, in this order


def leave_out(desk: Desk) -> None:
    with operations.writing() as c:
        for place, kind in enumerate(KINDS):
            number = [FIRST_NUMBER + place]
            suppression.add(c, number, account_id=desk.account_id, why=kind, source="t", now=the_clock.now())


@pytest.mark.parametrize("when", ["before the set is built", "after it, before the claim"])
@pytest.mark.parametrize(("advertising", "left_out"), [(True, {0, 1, 2}), (False, {1})])
def test_an_opt_out_stops_adverts_and_no_service_run(
    home: Path, when: str, advertising: bool, left_out: set[int]
) -> None:
    desk = open_desk(home)
    if when.startswith("before"):
        leave_out(desk)
    run_id = desk.run(5, advertising=advertising)
    if when.startswith("after"):
        leave_out(desk)
    desk.tick()
    assert desk.of(run_id).purpose == ("advert" if advertising else "service")
    assert set(desk.gateway.copies()) == {FIRST_NUMBER + place for place in range(5) if place not in left_out}
    desk.clean()
