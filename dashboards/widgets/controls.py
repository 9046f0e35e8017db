"""Pause, resume and stop of campaigns, each asked once more, with number, money and time (R2.10)."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.session import Here, attempt, escaped
from data.use_cases import campaigns
from data.use_cases.campaigns import Outlook

ICONS = {"pause": ":material/pause:", "resume": ":material/play_arrow:", "stop": ":material/stop:"}
DO = {"pause": campaigns.pause, "resume": campaigns.resume, "stop": campaigns.stop}


def draw(here: Here, *campaign_ids: int, key: str = "verbs") -> None:
    """Draw the buttons that all of these campaigns allow now, for whoever may press them."""
    if not offered(here):
        return
    found = [campaigns.outlook(here.who, one) for one in campaign_ids]
    for verb, icon in ICONS.items():
        if not found or not here.may(DO[verb]) or any(verb not in one.verbs for one in found):
            continue
        with st.popover(here.say(verb), icon=icon, key=f"{key}_{verb}"):
            st.markdown(here.say(f"sure_{verb}"))
            st.markdown(f"**{escaped(about(here, found))}**")
            pressed = st.button(here.say(f"yes_{verb}"), key=f"yes_{verb}", type="primary")
            if pressed and attempt(here, lambda verb=verb: _do(here, verb, campaign_ids)) is not None:  # type: ignore[misc]
                st.rerun()


def offered(here: Here) -> bool:
    """Say whether there is any verb for this person."""
    return any(here.may(verb) for verb in DO.values())


def about(here: Here, found: Sequence[Outlook]) -> str:
    """Return what a verb is about: messages that have not left, what is held for them, the next time."""
    due = [one.next_due_at for one in found if one.next_due_at]
    at_most = any(one.at_most for one in found)
    said = here.say(
        "sure_about", n=here.bound(here.count(sum(one.messages for one in found)), at_most),
        rials=here.bound(here.rials(sum(one.rials for one in found)), at_most),
    )  # fmt: skip
    return f"{said}{here.say('list_comma')}{here.say('next_at', when=here.moment(min(due)))}" if due else said


def _do(here: Here, verb: str, campaign_ids: Sequence[int]) -> int:
    for one in campaign_ids:
        DO[verb](here.who, one)
    return len(campaign_ids)
