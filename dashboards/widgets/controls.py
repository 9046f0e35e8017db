"""Pause, resume and stop of a campaign, each asked once more before it is done (R2.10)."""

from __future__ import annotations

import streamlit as st

from dashboards import reading
from dashboards.session import Here, attempt

VERBS = {
    "running": ("pause", "stop"),
    "paused": ("resume", "stop"),
    "approved": ("stop",),
    "planning": ("stop",),
    "scheduled": ("stop",),
    "active": ("stop",),
}
ICONS = {"pause": ":material/pause:", "resume": ":material/play_arrow:", "stop": ":material/stop:"}


def draw(here: Here, found: reading.Report) -> None:
    """Draw the buttons that the state allows."""
    if found.run and found.run.cancel_at:
        st.caption(here.say("stopping"))
        return
    for verb in VERBS.get(found.state, ()):
        with st.popover(here.say(verb), icon=ICONS[verb]):
            st.markdown(here.say(f"sure_{verb}"))
            if st.button(here.say(f"yes_{verb}"), key=f"yes_{verb}", type="primary"):
                attempt(here, lambda verb=verb: reading.act(found, verb, here.actor))  # type: ignore[misc]
                st.rerun()
