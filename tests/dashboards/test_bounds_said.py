"""A bound is said to be one wherever it stands on a page, in both languages; an exact figure is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.session import Here
from dashboards.widgets import listing
from data.use_cases.reports import Listed, Money

FIGURE = {"fa": "۱٬۲۳۴", "en": "1,234"}
SAID = {"fa": "حداکثر", "en": "At most"}


def _page(language: str, at_most: bool) -> None:
    from dashboards.session import Here
    from dashboards.views.send import compose
    from dashboards.widgets import summary
    from targeting.orders.counting import Counted
    from targeting.scope import Count, Step

    steps = (Step("matched", 0, 1_234), Step("selected", 0, 1_234))
    cells = {"mci": 1_234}
    count = Count(
        "s", "h", 1_234, 1_234, cells, cells, steps, 0.0, bank=True, rented=1_234, towered=None, next_row=1,
        proposed_row=1, at_most=at_most,
    )  # fmt: skip
    here, found = Here(None, language), Counted(count, hidden=False, as_of=None)  # type: ignore[arg-type]
    compose._live(here, found)
    summary._total(here, found)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("at_most", [True, False])
def test_a_count_and_a_total_say_whether_they_are_bounds(language: str, at_most: bool) -> None:
    page = AppTest.from_function(_page, args=(language, at_most), default_timeout=30).run()
    assert not page.exception
    told = [page.subheader[0].value, page.metric[0].value]
    assert all(FIGURE[language] in one for one in told)
    assert [SAID[language] in one for one in told] == [at_most, at_most]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("at_most", [True, False])
def test_a_list_says_which_of_its_figures_are_bounds(language: str, at_most: bool) -> None:
    row = Listed(
        7, "t", "area", "x", "3000", "shop", "active", "running", datetime(2026, 11, 22, tzinfo=UTC), None,
        1_234, 1_234, 0, Money(1_234), at_most,
    )  # fmt: skip
    drawn = listing._row(Here(None, language), row)  # type: ignore[arg-type]
    for name in ("recipients", "price"):
        assert FIGURE[language] in drawn[name]
        assert (SAID[language] in drawn[name]) == at_most
    assert SAID[language] not in drawn["net"], "what was charged is exact"
