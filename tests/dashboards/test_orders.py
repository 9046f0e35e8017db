"""From the form to one campaign row, and what keeps a form from being sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from doors import House

from dashboards import takeaway
from dashboards.drafts import Addition, Draft
from data import clock as the_clock
from data.errors import Refused
from data.records import lines
from data.rules.pricing import Tariff
from data.store import operations
from data.use_cases import messages, reports
from data.use_cases.floor import Who
from data.use_cases.reports import Filter
from targeting.orders import counting, placing
from targeting.orders.counting import Asked
from targeting.orders.lacking import Composed, lacking
from targeting.orders.promise import Promise
from targeting.orders.quote import quote_count
from targeting.texts import checked

NUMBERS = {"kind": "numbers", "numbers": ["09121234567", "09351234567"]}
TARIFF = Tariff(90, 225, 60)


@pytest.fixture
def line(house: House) -> str:
    """Give the demo account a line."""
    now = the_clock.now()
    with operations.writing() as c:
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="test", now=now)
        lines.create_line(
            c, lines.NewLine("3000", "sim", house.demo_id, "service", 90, 60), actor="test", now=now
        )
    return "3000"


def form(**changed: object) -> Composed:
    """A form that could be sent."""
    whole: dict[str, object] = {
        "kind": "quick", "line": "3000",
        "advertising": False, "text": "سلام", "title": "", "audience": {"any": [NUMBERS]}, "start_at": None,
    }  # fmt: skip
    return Composed(**(whole | changed))  # type: ignore[arg-type]


def placed(who: Who, given: Composed, token: str = "t1") -> int:
    """Order what a form says."""
    return placing.order(who, given.to_order(), token=token, scheduled=True)[0]


def counted(house: House) -> counting.Counted:
    """The count of the two numbers."""
    return counting.counted(Who(house.demo_id), Asked("quick", {"any": [NUMBERS]}))


def promised(house: House) -> Promise:
    """What the two numbers would cost."""
    return Promise(counted(house).count, quote_count({"mci": 2}, checked("سلام"), TARIFF), 1, veiled=False)


def test_additions_are_a_union_and_the_same_choice_stands_once() -> None:
    draft = Draft("quick")
    draft.add(Addition(NUMBERS, "two", 2))
    draft.add(Addition(NUMBERS, "two again", 2))
    draft.row, draft.count = 3, 5
    assert draft.tree == {"any": [NUMBERS], "row": 3, "count": 5}


def test_taking_a_line_out_of_the_list_forgets_the_slice() -> None:
    draft = Draft("quick", row=4)
    draft.add(Addition(NUMBERS, "two", 2))
    draft.remove(0)
    assert (draft.tree, draft.row) == (None, 1)


def test_confirming_one_form_twice_makes_one_campaign(house: House, line: str) -> None:
    sara = Who(house.demo_id, "user", name="user:sara")
    first, second = (placed(sara, form()) for _ in range(2))
    other = placed(sara, form(), "t2")
    assert first == second != other


def test_a_form_that_is_complete_lacks_nothing(house: House) -> None:
    quote = promised(house)
    assert lacking(form(), counted(house), quote, available_rials=1_000_000) == []


def test_a_form_names_everything_that_it_lacks(house: House) -> None:
    quote = promised(house)
    past = the_clock.now() - timedelta(minutes=5)
    short = lacking(form(text=" ", start_at=past), counted(house), quote, available_rials=100)
    assert [problem.field for problem in short] == ["start_at", "text", "credit"]
    assert "۸۰" in short[-1].fa or "80" in short[-1].fa


@pytest.mark.parametrize(
    ("towered", "parts_each", "broken"),
    [(6_000, 8, ["bts.min_product"]), (25_001, 2, []), (25_000, 2, ["bts.min_product"]),
     (4_999, 11, ["bts.min_recipients"]), (None, 1, [])],
)  # fmt: skip
def test_a_tower_send_keeps_both_of_its_rules(
    house: House, towered: int | None, parts_each: int, broken: list[str]
) -> None:
    brings = replace(promised(house).count, towered=towered)
    quote = replace(promised(house), count=brings, parts_each=parts_each)
    found = lacking(form(), counted(house), quote, available_rials=1_000)
    assert [problem.field for problem in found] == broken


def test_a_campaign_of_another_account_is_unknown(house: House, line: str) -> None:
    campaign_id = placed(Who(house.demo_id), form())
    with pytest.raises(Refused):
        reports.report(Who(house.admin_id), campaign_id)
    assert reports.search(Who(house.admin_id), Filter(), limit=10).total == 0
    assert reports.search(Who(house.demo_id), Filter(), limit=10).total == 1


def test_a_search_finds_by_text_kind_state_and_day(house: House, line: str) -> None:
    placed(Who(house.demo_id), form(text="جشنواره پاییز"))
    today = the_clock.now().date()
    hits = [
        reports.days(text="جشنواره"), reports.days(kind="quick"),
        reports.days(state="scheduled"),
        reports.days(since=today - timedelta(days=1), until=today + timedelta(days=1)),
    ]  # fmt: skip
    misses = [
        reports.days(text="بهار"), reports.days(kind="bts"), reports.days(state="closed"),
        reports.days(until=today - timedelta(days=2)), reports.days(text="%"),
    ]  # fmt: skip
    who = Who(house.demo_id)
    assert [reports.search(who, wanted, limit=10).total for wanted in hits] == [1, 1, 1, 1]
    assert [reports.search(who, wanted, limit=10).total for wanted in misses] == [0, 0, 0, 0, 0]


def test_a_month_without_messages_is_thirty_days_of_nothing(house: House) -> None:
    daily = reports.daily(Who(house.demo_id), 30)
    assert daily.height == 30
    assert daily.select("delivered", "failed", "received", "sent").sum().row(0) == (0, 0, 0, 0)


@pytest.mark.parametrize("cell", ["=1+1", "+98", "-1", "@sum", "\tx"])
def test_no_cell_of_a_file_is_taken_for_a_formula(cell: str) -> None:
    plain = takeaway.plain(pl.DataFrame({cell: [cell, f"x{cell}"]}))
    assert plain[cell].to_list() == [f"'{cell}", f"x{cell}"]


def test_rented_numbers_are_masked_and_own_ones_are_not() -> None:
    assert messages.shown(989121234567, bank=True) == "0912•••67"
    assert messages.shown(989121234567, bank=False) == "09121234567"
