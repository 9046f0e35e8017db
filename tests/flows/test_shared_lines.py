"""A line that several accounts share: each sends from it, none sees another, messages find their account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import FIRST_NUMBER, Desk, open_desk
from people import hear, message, messages

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts, campaigns, lines
from data.store import operations
from data.use_cases import line_shares
from data.use_cases.floor import OPERATOR, NotAllowed, Who


@pytest.fixture
def desk(home: Path) -> Desk:
    return open_desk(home)


def other(name: str = "other") -> int:
    with operations.writing() as c:
        new = accounts.NewAccount(name, credit_rials=9_000)
        return accounts.create_account(c, new, actor="t", now=the_clock.now())


def test_an_account_sends_from_a_line_only_while_it_is_shared_with_it(desk: Desk) -> None:
    theirs = Desk(desk.gateway, other())
    with pytest.raises(Refused) as refused:
        theirs.campaign(2)
    assert refused.value.field == "line"
    assert line_shares.share(OPERATOR, "3000", "other")
    assert not line_shares.share(OPERATOR, "3000", "other")
    run_id = theirs.run(2)
    theirs.tick()
    assert theirs.states(run_id) == {"submitted": 2}
    assert theirs.money().available == 9_000 - 180
    assert desk.money().available == 1_000_000
    assert line_shares.unshare(OPERATOR, "3000", "other")
    with pytest.raises(Refused):
        theirs.campaign(2)
    desk.clean()


def test_who_shares_a_line_sees_neither_its_owner_nor_the_others_nor_their_campaigns(desk: Desk) -> None:
    theirs, third = other(), other("third")
    line_shares.share(OPERATOR, "3000", "other")
    run_id = desk.run(2)
    with operations.reading() as c:
        assert [line.name for line in lines.of_account(c, theirs)] == ["3000"]
        assert lines.of_account(c, third) == []
        with pytest.raises(Refused):
            campaigns.get(c, desk.of(run_id).campaign_id, account_id=theirs)
    assert line_shares.sharers(OPERATOR, "3000") == ("other",)
    for deed in (line_shares.share, line_shares.unshare):
        with pytest.raises(NotAllowed):
            deed(Who(theirs, "user"), "3000", "third")
        with pytest.raises(Refused, match="no line"):
            deed(Who(theirs, "admin"), "3000", "third")
    with pytest.raises(Refused):
        line_shares.share(OPERATOR, "3000", "shop")


def test_a_message_on_a_shared_line_belongs_to_whoever_wrote_last_to_that_number(
    desk: Desk, clock: Any
) -> None:
    theirs = Desk(desk.gateway, other())
    line_shares.share(OPERATOR, "3000", "other")
    theirs.run(2)
    theirs.tick()
    clock.advance(hours=1)
    desk.run(1)
    desk.tick()
    for place in (0, 1, 2):  # written to by the owner last, by the other account only, by nobody
        hear(desk.box, message("سلام", FIRST_NUMBER + place))
    clock.advance(hours=71.5)
    hear(desk.box, message("سلام", FIRST_NUMBER + 1))
    assert messages()["account_id"].to_list() == [
        desk.account_id, theirs.account_id, desk.account_id, desk.account_id
    ]  # fmt: skip
