"""The viewer of this script run, read anew from operations at every run: never trusted from memory alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

import streamlit as st

from dashboards import cookies, words
from data.errors import ChaparError, Refused
from data.use_cases import floor, sessions
from data.use_cases.floor import SignedOut, Who

if TYPE_CHECKING:
    from data.use_cases.sessions import Viewer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Here:
    """Who looks, and in which language; every page gets one."""

    viewer: Viewer
    language: str
    manual: str = ""  # the number that the page's section has in the manual
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # in this run of the page

    def once(self, what: str, ask: Callable[[], T]) -> T:
        """Return what was asked before in this run of the page; parts that run by themselves ask anew."""
        if what not in self.known:
            self.known[what] = ask()
        found: T = self.known[what]
        return found

    @property
    def anchor(self) -> str | Literal[False]:
        """The anchor of the page's title: people find a page by the manual's number."""
        return self.manual or False

    @property
    def account_id(self) -> int:
        """The account whose data are shown."""
        return self.viewer.account.id

    @property
    def who(self) -> Who:
        """Who asks, for every use case."""
        return sessions.who(self.viewer)

    @property
    def actor(self) -> str:
        """The name under which actions of this person are written down."""
        return self.who.name

    def may(self, verb: Callable[..., Any]) -> bool:
        """Say whether a use case is offered to this person; it decides for itself once more."""
        return floor.may(self.viewer.user.role, verb)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the viewer's language."""
        return words.say(key, self.language, **values)

    def state(self, key: str, *, good: bool) -> dict[str, str]:
        """Return the cell of a state: its word, and whether all is well."""
        return {"text": self.say(key), "tone": "good" if good else "wait"}

    def count(self, number: int | None) -> str:
        """Return a whole number."""
        return words.count(number, self.language)

    def rials(self, amount: int | None) -> str:
        """Return an amount of money."""
        return words.rials(amount, self.language)

    def bound(self, figure: str, at_most: bool) -> str:
        """Return a figure as it is, or said to be a bound: it is no more than that."""
        return self.say("at_most", n=figure) if at_most else figure

    def moment(self, at: datetime | None) -> str:
        """Return a day and time."""
        return words.moment(at, self.language)


def current() -> Here:
    """Return who looks at this page; without a living session the browser is sent to the sign-in page."""
    opaque = st.context.cookies.get(cookies.session_name(), "")
    language = cookies.language_of(dict(st.context.cookies))
    found = sessions.viewer(opaque) if opaque else None
    if found is None:
        turn_away()
    return Here(found, language)


def turn_away() -> NoReturn:
    """Send the browser to the sign-in page; nothing more of this page is drawn."""
    from dashboards.widgets.go import go

    go("/login", key="signed_out")
    st.stop()


def attempt(here: Here, work: Callable[[], T]) -> T | None:
    """Do what may be refused; show a refusal in the viewer's language and return None."""
    try:
        return work()
    except SignedOut:
        turn_away()
    except ChaparError as problem:
        show_problem(here, problem)
        return None


def show_problem(here: Here, problem: ChaparError) -> None:
    """Show what cannot be done and how to mend it."""
    icon = ":material/edit:" if isinstance(problem, Refused) else ":material/schedule:"
    st.error(icon + " " + escaped(problem.say(here.language)))


def escaped(text: str) -> str:
    """Return a text that Markdown prints as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!|<>~$:" else sign for sign in text)
