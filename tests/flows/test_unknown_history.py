"""The report shows what was tried for a batch whose outcome is not known, and what was heard of it since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.session import Here
from dashboards.widgets import evidence as drawn
from data import clock as the_clock
from data.records import accounts, batches, users
from data.records.sessions import Viewer
from data.store import operations
from data.use_cases import evidence
from data.use_cases.floor import OPERATOR

Opened = Callable[..., Any]


@pytest.fixture
def unknown(desk: Opened, clock: Any) -> int:
    """A run with one batch: an answer that was lost, then a word of the operator. Returns the run's id."""
    d = desk("G0", script=["lost"])
    run_id = d.run(3)
    d.tick()
    with operations.writing() as c:
        batch_id = d.batch(run_id).id
        batches.note(c, batch_id, kind="operator", text="two of three arrived", now=the_clock.now())
        users.create_user(
            c, users.NewUser(d.account_id, "sara", "a-long-password"), actor="test", now=the_clock.now()
        )
    return int(run_id)


def _page(run_id: int, language: str) -> None:
    from dashboards.session import Here
    from dashboards.widgets import evidence
    from data import clock
    from data.records import sessions, users
    from data.store import operations

    with operations.writing() as c:
        person = users.get(c, 1)
        assert person
        opaque = sessions.open_session(c, person.id, address="127.0.0.1", now=clock.now())
        viewer = sessions.find_session(c, opaque, now=clock.now())
    assert viewer
    evidence.draw(Here(viewer, language), run_id)


@pytest.mark.parametrize(
    ("language", "attempt", "lost", "said"),
    [
        ("en", "Attempt 1", "Answer lost", "The operator's word"),
        ("fa", "تلاش ۱", "پاسخ گم شد", "سخن اپراتور"),
    ],
)
def test_attempts_and_evidence_are_shown(
    unknown: int, language: str, attempt: str, lost: str, said: str
) -> None:
    with operations.reading() as c:
        person = users.get(c, 1)
        assert person
        here = Here(Viewer(person, accounts.get(c, person.account_id), False, ""), language)
    tried, told = (drawn._happening(here, one) for one in evidence.of_run(OPERATOR, unknown).history)
    assert (tried["what"], tried["result"].startswith(lost)) == (attempt, True)
    assert tried["why"] != "–"
    assert (told["what"], told["result"], told["why"]) == (said, "–", "two of three arrived")
    page = AppTest.from_function(_page, args=(unknown, language)).run(timeout=20)
    assert not page.exception


def test_a_long_list_is_cut_and_says_so(unknown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "BATCHES_SHOWN", 0)
    found = evidence.of_run(OPERATOR, unknown)
    assert (found.history, found.left_out) == ((), 1)
    page = AppTest.from_function(_page, args=(unknown, "en")).run(timeout=20)
    assert page.caption[-1].value == "Batches left out of this list: 1"
