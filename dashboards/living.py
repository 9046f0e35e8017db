"""Parts of a page that run by themselves (a timer, a dragged shape, an open question): each asks first
whether the session still lives, and leads to the door where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, cast

import streamlit as st

from dashboards.session import Here, show_problem, turn_away
from data.errors import ChaparError
from data.use_cases import sessions
from data.use_cases.floor import SignedOut

P = ParamSpec("P")
Part = Callable[Concatenate[Here, P], None]


def fragment(draw: Part[P], *, every: float | None = None) -> Part[P]:
    """Return a part that is drawn apart from its page, again after so many seconds if wished."""
    part: Part[P] = st.fragment(_asked(draw), run_every=every)
    return part


def dialog(title: str, draw: Part[P]) -> Part[P]:
    """Return a question that stands in front of its page."""
    part: Part[P] = st.dialog(title)(_asked(draw))
    return part


def _asked(draw: Part[P]) -> Part[P]:
    @wraps(draw)
    def drawn(here: Here, *args: P.args, **named: P.kwargs) -> None:
        try:
            sessions.living(here.who)
            draw(replace(here, known={}), *args, **named)
        except SignedOut:
            turn_away()
        except ChaparError as problem:
            show_problem(here, problem)

    return cast("Part[P]", drawn)
