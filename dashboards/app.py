"""The frame of every page: who is signed in, toolbar, the section's menu, then the page itself."""

from __future__ import annotations

import streamlit as st

from dashboards import chrome, session
from dashboards.pages import PAGES

st.set_page_config(layout="wide", initial_sidebar_state="auto")
here = session.current()
pages = {
    entry.path: st.Page(
        chrome.framed(entry, here),
        title=entry.title(here.language),
        url_path=entry.path,
        default=entry.path == "home",
    )
    for entry in PAGES
}
page = st.navigation(list(pages.values()), position="hidden")
entry = next(one for one in PAGES if pages[one.path].url_path == page.url_path)
st.session_state["pages"] = pages
chrome.toolbar(here, entry, pages)
chrome.menu(here, entry, pages)
chrome.banner(here)
page.run()
