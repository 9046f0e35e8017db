"""What surrounds a page: sections on top, their options at the side, the profile (spec 10.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from dashboards import words
from dashboards.session import Here, escaped, show_problem, turn_away
from dashboards.widgets.go import go
from data.errors import ChaparError
from data.use_cases import money, reports, sessions
from data.use_cases.floor import SignedOut

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from dashboards.pages import Entry


def framed(entry: Entry, here: Here) -> Callable[[], None]:
    """Return the page as Streamlit runs it: a refusal is shown in words, never as a trace."""

    def draw() -> None:
        try:
            entry.draw(replace(here, manual=entry.manual))
        except SignedOut:
            turn_away()
        except ChaparError as problem:
            show_problem(here, problem)

    draw.__name__ = entry.path.replace("-", "_")
    return draw


def toolbar(here: Here, current: Entry, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw brand, groups, credit and profile in one row; on a narrow screen one button holds the groups."""
    from dashboards.pages import PAGES, SECTION_ICONS, SECTIONS

    offered = [section for section in SECTIONS if any(e.section == section and e.may(here) for e in PAGES)]
    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="brand", width="content"):
            st.page_link(pages["home"], label=f"**{here.say('brand')}**")
        with st.container(key="sections", horizontal=True, width="stretch", gap="small"):
            for section in offered:
                first = next(entry for entry in PAGES if entry.section == section and entry.may(here))
                with st.container(
                    key=f"section_{section}_{'on' if section == current.section else 'off'}", width="content"
                ):
                    st.page_link(
                        pages[first.path], label=here.say(f"section_{section}"), icon=SECTION_ICONS[section]
                    )
        with (
            st.container(key="all_sections", width="content"),
            st.popover(here.say("menu"), icon=":material/menu:", key="menu", on_change="rerun") as opened,
        ):
            for section in offered if opened.open else ():
                st.caption(here.say(f"section_{section}"))
                _links(here, section, pages, key="narrow")
        _profile(here, current)


def menu(here: Here, current: Entry, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw the pages of the current group at the side."""
    with st.sidebar:
        st.caption(here.say(f"section_{current.section}"))
        _links(here, current.section, pages, key="side")
        if current.section == "reports":
            _kinds(here, pages)
        st.space("stretch")


def banner(here: Here) -> None:
    """Say on every page whose data and money an acting administrator sees."""
    if not here.viewer.acting:
        return
    credit = _credit(here)
    with st.container(key="acting_banner", horizontal=True, vertical_alignment="center"):
        said = here.say(
            "acting_banner", account=here.viewer.account.title, credit=credit,
            name=here.viewer.user.display_name,
        )  # fmt: skip
        st.markdown(f":material/visibility: {escaped(said)}", width="stretch")
        if st.button(here.say("act_as_self"), key="banner_back"):
            sessions.act_as_self(here.who)
            st.rerun()


def _links(here: Here, section: str, pages: Mapping[str, StreamlitPage], *, key: str) -> None:
    from dashboards.pages import PAGES

    with st.container(key=f"links_{key}_{section}"):
        for entry in PAGES:
            if entry.section == section and entry.listed and entry.may(here):
                st.page_link(pages[entry.path], label=entry.title(here.language), icon=entry.icon)


def _kinds(here: Here, pages: Mapping[str, StreamlitPage]) -> None:
    """List the reports of each kind that has any (R2.2)."""
    for kind, many in here.once("kinds", lambda: reports.kinds(here.who)):
        label = f"{words.kind(kind, here.language)} ({here.count(many)})"
        st.page_link(pages["reports"], label=label, icon=":material/label:", query_params={"kind": kind})


def _credit(here: Here) -> str:
    return here.rials(here.once("balances", lambda: money.balances(here.who)).available)


def _previous_sign_in(here: Here) -> str:
    """Say when the person was here before: a time that is not theirs tells them that somebody else was."""
    key = f"previous_sign_in_{here.viewer.session}"  # it does not change while the session lasts
    if key not in st.session_state:
        st.session_state[key] = sessions.previous_sign_in(here.who)
    at = st.session_state[key]
    return f"{here.say('last_login')}: {here.moment(at)}" if at else here.say("first_login")


def _profile(here: Here, current: Entry) -> None:
    person = here.viewer.user
    credit = _credit(here)
    with st.container(key="credit", width="content"):
        st.caption(f"{here.say('credit')} **{credit}**")
    if here.viewer.acting:
        with st.container(key="acting", width="content"):
            st.badge(here.say("acting"), icon=":material/visibility:", color="orange")
    name = f"{person.display_name} · {words.role(person.role, here.language)}"
    with (
        st.container(key="profile", width="content"),
        st.popover(
            escaped(name), icon=":material/account_circle:", key="profile_menu", on_change="rerun"
        ) as opened,
    ):
        if opened.open:
            _about_me(here, current)


def _about_me(here: Here, current: Entry) -> None:
    person, account = here.viewer.user, here.viewer.account
    st.text(person.display_name)
    st.caption(escaped(f"{account.title} · {words.role(person.role, here.language)}"))
    if here.viewer.acting and st.button(here.say("act_as_self"), width="stretch", key="act_as_self"):
        sessions.act_as_self(here.who)
        st.rerun()
    if here.viewer.is_admin:
        _act_as(here)
    st.caption(_previous_sign_in(here))
    other = "en" if here.language == "fa" else "fa"
    if st.button(here.say("other_language"), icon=":material/translate:", width="stretch"):
        sessions.set_language(here.who, other)
        back = quote("/" if current.path == "home" else f"/{current.path}")
        go(f"/language?to={other}&back={back}", key="language")
    if st.button(here.say("sign_out"), icon=":material/logout:", width="stretch"):
        go("/logout", key="leave", method="post")


def _act_as(here: Here) -> None:
    """Let an administrator choose whose panel to see; it is written down."""
    known = {one.name: one.title for one in sessions.accounts_to_see(here.who)}
    chosen = st.selectbox(
        here.say("act_as"), list(known), index=None, key="act_as", help=here.say("act_as_help"),
        placeholder=here.say("choose"), format_func=lambda name: known.get(name, name),
    )  # fmt: skip
    if st.button(here.say("act_as_go"), disabled=not chosen, width="stretch", key="act_as_go") and chosen:
        sessions.act_as(here.who, chosen)
        del st.session_state["act_as"]
        st.rerun()
