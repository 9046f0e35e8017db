"""The send page offers the next ones of a list and a named series."""

from __future__ import annotations

from datetime import datetime

import pytest
from doors import House
from streamlit.testing.v1 import AppTest

from data import clock as the_clock
from data.facts import recipients
from data.records import campaigns, lines, runs, slices
from data.store import lake, operations
from data.use_cases.floor import Who, new_key
from targeting.orders import checking, choosing, counting
from targeting.orders.counting import Asked

NUMBERS = [f"0912333{n:04d}" for n in range(20)]
TREE = {"any": [{"kind": "numbers", "numbers": NUMBERS}]}


def _page(account_id: int, user_id: int, language: str) -> None:
    import streamlit as st

    from dashboards.drafts import Addition, Draft
    from dashboards.session import Here
    from dashboards.widgets import slice_picker
    from data import clock
    from data.records import sessions
    from data.store import operations

    if "draft" not in st.session_state:
        with operations.writing() as c:
            opaque = sessions.open_session(c, user_id, address="127.0.0.1", now=clock.now())
        numbers = [f"0912333{n:04d}" for n in range(20)]
        st.session_state.draft = Draft(
            "quick", additions=[Addition({"kind": "numbers", "numbers": numbers}, "twenty", 20)]
        )
        st.session_state.opaque = opaque
    with operations.reading() as c:
        viewer = sessions.find_session(c, st.session_state.opaque, now=clock.now())
    assert viewer
    assert viewer.account.id == account_id
    slice_picker.pick(Here(viewer, language), st.session_state.draft)


def sent(house: House, now: datetime, **cut: object) -> None:
    """Order, choose and remember a slice, as planning does."""
    with operations.writing() as c:
        if not lines.find(c, house.demo_id, "3000"):
            lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="test", now=now)
            new = lines.NewLine("3000", "sim", house.demo_id, "service", 90, 60)
            lines.create_line(c, new, actor="test", now=now)
        file = {"line": "3000", "text": "سلام", "kind": "quick", "audience": TREE | cut}
        who = checking.Orderer(house.demo_id, "test", new_key())
        order = campaigns.get(
            c, campaigns.create(c, checking.draft_of(c, file, who, now=now), now=now), account_id=None
        )
        line = lines.get(c, order.line_id)
        run_id, _ = runs.approve(c, order, line, key="k", due_at=now, now=now)
        scope = choosing.scope_of(c, order, today=now.date())
    chosen = choosing.choose(order, scope, line.tariff)
    written = recipients.write_set(chosen.frame)
    with operations.writing() as c:
        lake.record(c, written, run_ids=[run_id], now=now)
        runs.move(c, run_id, to="running", expected=("approved",), set_path=written.path)
        mark = chosen.mark
        taken = slices.Taken(
            chosen.key, chosen.row, chosen.frame.height, mark.last_key, begins=mark.begins, own=True
        )
        slices.take(c, runs.get(c, run_id), taken, now=now)


def page(house: House, language: str = "en") -> AppTest:
    shown = AppTest.from_function(_page, args=(house.demo_id, 2, language)).run(timeout=20)
    assert not shown.exception
    return shown


def test_nothing_is_offered_where_nothing_was_sent(house: House) -> None:
    shown = page(house)
    assert not shown.info
    assert not shown.button


@pytest.mark.parametrize(("language", "row"), [("en", "row 8"), ("fa", "ردیف ۸")])
def test_the_next_ones_begin_where_the_last_slice_ended(house: House, language: str, row: str) -> None:
    sent(house, the_clock.now(), row=1, count=7)
    shown = page(house, language)
    assert row in shown.info[0].value
    shown.button(key="next_ones").click().run(timeout=20)
    assert not shown.exception
    assert shown.session_state.draft.row == 8
    assert shown.session_state.draft.tree["row"] == 8
    assert shown.button(key="next_ones").disabled


def test_a_series_is_named_and_has_its_own_next_ones(house: House) -> None:
    sent(house, the_clock.now(), row=1, count=12, series="Spring")
    sent(house, the_clock.now(), row=1, count=3)
    shown = page(house)
    assert "row 4" in shown.info[0].value
    shown.text_input[0].set_value(" spring ").run(timeout=20)
    assert shown.session_state.draft.tree["series"] == "spring"
    assert "row 13" in shown.info[0].value


def test_a_name_that_cannot_be_seen_is_no_series(house: House) -> None:
    shown = page(house)
    shown.text_input[0].set_value("\u200c").run(timeout=20)
    assert not shown.exception
    assert "series" not in shown.session_state.draft.tree


def test_the_page_counts_with_the_series_and_the_round(house: House) -> None:
    sent(house, the_clock.now(), row=1, count=12, series="Spring")
    asked = Asked("quick", TREE | {"series": "SPRING"})
    told = counting.counted(Who(house.demo_id), asked).count
    assert (told.selected, told.proposed_row) == (8, 13)
    assert "had_already" in {notice.code for notice in told.notices}
