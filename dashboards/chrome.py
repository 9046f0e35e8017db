"""What surrounds a page: sections on top, their options at the side, the profile (spec 10.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from dashboards import people, words
from dashboards.session import Here, escaped, show_problem, turn_away
from dashboards.widgets.go import go
from data.errors import ChaparError
from data.use_cases import money, reports
from data.use_cases.floor import SignedOut

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from dashboards.pages import Entry


def framed(entry: Entry, here: Here) -> Callable[[], None]:
    """Return the page as Streamlit runs it: a refusal is shown in words, never as a trace."""

    def draw() -> None:
        try:
            entry.draw(here)
        except SignedOut:
            turn_away()
        except ChaparError as problem:
            show_problem(here, problem)

    draw.__name__ = entry.path.replace("-", "_")
    return draw


def toolbar(here: Here, current: Entry, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw brand, sections and profile in one row."""
    from dashboards.pages import PAGES, SECTION_ICONS, SECTIONS

    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="brand", width="content"):
            st.page_link(pages["home"], label=f"**{here.say('brand')}**")
        with st.container(key="sections", horizontal=True, width="stretch", gap="small"):
            for section in SECTIONS:
                first = next(entry for entry in PAGES if entry.section == section)
                with st.container(
                    key=f"section_{section}_{'on' if section == current.section else 'off'}", width="content"
                ):
                    st.page_link(
                        pages[first.path], label=here.say(f"section_{section}"), icon=SECTION_ICONS[section]
                    )
        _profile(here, current)


def menu(here: Here, current: Entry, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw the options of the current section at the side."""
    from dashboards.pages import PAGES

    with st.sidebar:
        st.caption(here.say(f"section_{current.section}"))
        for entry in PAGES:
            if entry.section == current.section and entry.listed:
                st.page_link(pages[entry.path], label=entry.title(here.language), icon=entry.icon)
        if current.section == "reports":
            _kinds(here, pages)
        st.space("stretch")


def _kinds(here: Here, pages: Mapping[str, StreamlitPage]) -> None:
    """List the reports of each kind that has any (R2.2)."""
    for kind, many in reports.kinds(here.who):
        label = f"{words.kind(kind, here.language)} ({here.count(many)})"
        st.page_link(pages["reports"], label=label, icon=":material/label:", query_params={"kind": kind})


def _previous_sign_in(here: Here) -> str:
    """Say when the person was here before: a time that is not theirs tells them that somebody else was."""
    key = f"previous_sign_in_{here.viewer.session}"  # it does not change while the session lasts
    if key not in st.session_state:
        st.session_state[key] = people.previous_sign_in(here.viewer)
    at = st.session_state[key]
    return f"{here.say('last_login')}: {here.moment(at)}" if at else here.say("first_login")


def _profile(here: Here, current: Entry) -> None:
    person, account = here.viewer.user, here.viewer.account
    with (
        st.container(key="profile", width="content"),
        st.popover(escaped(person.display_name), icon=":material/account_circle:"),
    ):
        st.text(person.display_name)
        st.caption(escaped(f"{account.title} · {here.say(f'role_{account.role}')}"))
        if here.viewer.acting:
            st.badge(here.say("acting"), icon=":material/visibility:", color="orange")
            if st.button(here.say("act_as_self"), width="stretch"):
                people.act_as_self(here.viewer)
                st.rerun()
        st.markdown(f"{here.say('credit')}: **{here.rials(money.balances(here.who).available)}**")
        st.caption(_previous_sign_in(here))
        other = "en" if here.language == "fa" else "fa"
        if st.button(here.say("other_language"), icon=":material/translate:", width="stretch"):
            people.set_language(here.viewer, other)
            go(
                f"/language?to={other}&back={quote('/' if current.path == 'home' else '/' + current.path)}",
                key="language",
            )
        if st.button(here.say("sign_out"), icon=":material/logout:", width="stretch"):
            go("/logout", key="leave", method="post")
