"""What a send will reach and cost, what stands in its way, the one last step (R1.10, R1.18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import audiences, living
from dashboards.drafts import Draft
from dashboards.session import Here, escaped, show_problem
from dashboards.widgets import listing
from dashboards.widgets.table import Column, table
from data.errors import ChaparError
from data.rules import inputs
from data.rules.inputs.campaign import Campaign
from data.rules.unseen import is_blank
from data.settings import settings
from data.use_cases import money
from data.use_cases.lines import Line
from targeting.adverts import sale_notices
from targeting.orders import counting, placing
from targeting.orders.counting import Asked
from targeting.orders.lacking import Composed, lacking

if TYPE_CHECKING:
    from targeting.orders.promise import Promise

ASKED = inputs.labels(Campaign)
STEPS = ("matched", "duplicate", "suppressed", "already_sent", "not_in_slice", "selected")


@dataclass(frozen=True, slots=True)
class When:
    """Name and time of a send; no time means at once."""

    title: str
    start_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that was put together on the page."""

    draft: Draft
    line: Line
    text: str
    when: When

    @property
    def asked(self) -> Asked:
        """The audience as it is counted."""
        return Asked(self.draft.kind, self.draft.tree or {}, self.line.kind == "ad")

    @property
    def form(self) -> Composed:
        """The order as it is placed."""
        return Composed(
            kind=self.draft.kind,
            line=self.line.name,
            advertising=self.line.kind == "ad",
            text=self.text,
            title=self.when.title,
            audience=self.draft.tree or {},
            start_at=self.when.start_at,
        )


def min_cell() -> int:
    """Return the smallest count of rented numbers that is shown."""
    return settings().privacy.min_cell


def draw(here: Here, order: Order) -> None:
    """Draw total, price, balance after, the rules of the kind, what is missing, and the button."""
    st.subheader(here.say("summary"), anchor=False)
    if order.draft.tree is None:
        st.caption(here.say("summary_empty"))
        st.button(
            here.say("send"),
            type="primary",
            width="stretch",
            disabled=True,
            icon=":material/send:",
            key="send_off",
        )
        return
    try:
        with st.spinner(here.say("counting")):
            found = counting.counted(here.who, order.asked)
        _total(here, found)
        quote = (
            _quote(here, order, found)
            if found.count.selected and not is_blank(order.text) and not found.hidden
            else None
        )
    except ChaparError as problem:
        show_problem(here, problem)
        return
    if found.count.towered is not None and not found.hidden:
        _bts(here, found.count.towered, quote.parts_each if quote else 1)
    for notice in sale_notices(order.line, order.text):
        said = notice.fa if here.language == "fa" else notice.en
        st.caption(f":material/warning: {escaped(said)}")
    lacks = lacking(
        order.form, found, quote, available_rials=money.balances(here.who).available
    )
    for lack in lacks:
        st.caption(f":material/error: {escaped(lack.say(here.language))}")
    if (
        st.button(
            here.say("send"),
            type="primary",
            width="stretch",
            disabled=bool(lacks),
            icon=":material/send:",
            key="send",
        )
        and quote
    ):
        living.dialog(here.say("confirm_title"), _confirm)(here, order, found, quote)


def _total(here: Here, found: counting.Counted) -> None:
    if found.hidden:
        st.metric(here.say("recipients"), here.say("fewer_than", n=here.count(min_cell())))
        return
    at_most = found.count.at_most
    st.metric(here.say("recipients"), here.bound(here.count(found.count.selected), at_most))
    if at_most:
        st.caption(f":material/shield_person: {here.say('bounds')}")
    for notice in found.count.notices:
        st.caption(f":material/info: {escaped(notice.fa if here.language == 'fa' else notice.en)}")
    with st.expander(here.say("waterfall"), icon=":material/filter_list:"):
        waterfall(here, [step.to_json() for step in found.count.waterfall], key="waterfall")


def waterfall(here: Here, steps: list[dict[str, object]], *, key: str) -> None:
    """Draw how the set came about, step by step; the steps add up."""
    columns = [
        Column("step", here.say("column_step")),
        Column("removed", here.say("column_removed"), "number"),
        Column("left", here.say("column_left"), "number"),
    ]
    rows = [
        {
            "step": here.say(f"step_{step['step']}"),
            "removed": here.count(int(str(step["removed"]))) if step["removed"] else "–",
            "left": here.count(int(str(step["left"]))),
        }
        for step in steps
    ]
    table(here, columns, rows, key=key)


def _quote(here: Here, order: Order, found: counting.Counted) -> Promise:
    with st.spinner(here.say("pricing")):
        promised = counting.quoted(here.who, order.asked, found, order.text, line=order.line)
    quote = promised.quote
    columns = [
        Column("operator", here.say("operator")),
        Column("recipients", here.say("column_recipients"), "number"),
        Column("parts", here.say("column_parts"), "number"),
        Column("price", here.say("column_price"), "number"),
    ]
    rows = [
        {
            "operator": {
                "text": audiences.operator_name(share.operator, here.language),
                "sub": here.say(f"language_{share.language}"),
            },
            "recipients": here.count(share.recipients),
            "parts": here.count(share.parts),
            "price": here.count(share.cost_rials),
        }
        for share in quote.by_operator
    ]
    at_most = found.count.at_most
    st.metric(here.say("price"), here.bound(here.rials(quote.cost_rials), at_most))
    with st.expander(here.say("prices"), icon=":material/payments:"):
        table(here, columns, rows, key="prices")
    after = money.balances(here.who).available - quote.cost_rials
    left = here.say("at_least", n=here.rials(after)) if at_most else here.rials(after)
    st.markdown(
        f"{here.say('balance_after')}: "
        + (f"**{left}**" if after >= 0 else f":red[**{left}**]")
    )
    if quote.missing:
        st.warning(here.say("missing_fields", n=here.count(quote.missing)), icon=":material/person_off:")
    return promised


def _bts(here: Here, recipients: int, parts_each: int) -> None:
    """Show both minimum rules of a tower send as meters, by what towers bring (R1.38, R1.39)."""
    bts = settings().bts
    for name, value, least in (
        ("bts_recipients", recipients, bts.min_recipients),
        ("bts_product", recipients * parts_each, bts.min_product),
    ):
        share = min(1.0, value / least) if least else 1.0
        st.progress(share, text=here.say(name, n=here.count(value), least=here.count(least)))


def _confirm(here: Here, order: Order, found: counting.Counted, promised: Promise) -> None:
    when = here.moment(order.when.start_at) if order.when.start_at else here.say("when_now")
    quote, at_most = promised.quote, found.count.at_most
    for name, value in (
        (here.say("recipients"), here.bound(here.count(found.count.selected), at_most)),
        (here.say("column_parts"), here.bound(here.count(quote.parts), at_most)),
        (here.say("price"), here.bound(here.rials(quote.cost_rials), at_most)),
        (ASKED["line"].say(here.language), escaped(order.line.name)),
        (ASKED["start_at"].say(here.language), when),
    ):
        with st.container(horizontal=True):
            st.markdown(name, width="stretch")
            st.markdown(f"**{value}**", width="content")
    with st.container(border=True, key="card_text"):
        st.text(counting.sent(order.text, order.line))
    if st.button(
        here.say("confirm"), type="primary", width="stretch", icon=":material/check:", key="confirm"
    ):
        try:
            with st.spinner(here.say("saving")):
                asked = order.form.to_order()
                campaign_id, _ = placing.order(here.who, asked, token=order.draft.token, scheduled=True)
        except ChaparError as problem:
            show_problem(here, problem)
            return
        st.session_state.pop(f"draft_{here.account_id}_{order.draft.kind}", None)
        listing.open_report(campaign_id)
