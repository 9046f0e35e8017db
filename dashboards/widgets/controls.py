"""Pause, resume and stop of a campaign, each asked once more before it is done (R2.10)."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.session import Here, attempt
from data.use_cases import campaigns

ICONS = {"pause": ":material/pause:", "resume": ":material/play_arrow:", "stop": ":material/stop:"}
DO = {"pause": campaigns.pause, "resume": campaigns.resume, "stop": campaigns.stop}


def draw(here: Here, campaign_id: int) -> None:
    """Draw the buttons that the campaign allows now."""
    for verb in campaigns.verbs(here.who, campaign_id):
        with st.popover(here.say(verb), icon=ICONS[verb]):
            st.markdown(here.say(f"sure_{verb}"))
            pressed = st.button(here.say(f"yes_{verb}"), key=f"yes_{verb}", type="primary")
            if pressed and attempt(here, partial(DO[verb], here.who, campaign_id)) is not None:
                st.rerun()
