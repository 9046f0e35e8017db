"""The numbers that an account sends from."""

from __future__ import annotations

from data.records import lines
from data.records.lines import Line
from data.use_cases.floor import Case, question


@question("line.own")
def own(case: Case) -> list[Line]:
    """Return the lines of the account that asks, by name."""
    assert case.who.account_id is not None, "lines of one account"
    return lines.of_account(case.c, case.who.account_id)
