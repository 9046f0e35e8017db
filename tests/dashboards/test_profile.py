"""The profile tells when the person signed in before, so that a stranger's sign-in is noticed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from doors import PASSWORD, House
from streamlit.testing.v1 import AppTest

from data.use_cases import sessions

FIRST = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECOND = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def _page(opaque: str, language: str) -> None:
    import streamlit as st

    from dashboards import chrome
    from dashboards.session import Here
    from data.use_cases import sessions

    viewer = sessions.viewer(opaque)
    assert viewer
    st.caption(chrome._previous_sign_in(Here(viewer, language)))


def told(opaque: str, language: str) -> str:
    """Return what the profile says of the sign-in before this one."""
    page = AppTest.from_function(_page, args=(opaque, language)).run(timeout=20)
    assert not page.exception
    return str(page.caption[0].value)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "This is the first sign-in", "Previous sign-in: 2026-11-20 12:30"),
        ("fa", "این نخستین ورود است", "ورود پیشین: ۱۴۰۵/۰۸/۲۹ ۱۲:۳۰"),
    ],
)
def test_the_sign_in_before_this_one_is_told(
    house: House, clock: Any, language: str, first: str, second: str
) -> None:
    clock.at(FIRST)
    sessions.sign_in("admin", PASSWORD, "127.0.0.1")
    one = sessions.sign_in("sara", PASSWORD, "127.0.0.1")
    assert told(one, language) == first
    clock.at(SECOND)
    assert told(sessions.sign_in("sara", PASSWORD, "127.0.0.1"), language) == second
