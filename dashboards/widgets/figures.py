"""Charts in the viewer's language: Persian digits and the Jalali calendar in Persian, colours by meaning."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import altair as alt
import streamlit as st

from dashboards import words
from dashboards.session import Here
from data.rules import status

if TYPE_CHECKING:
    import polars as pl

RIGHT_TO_LEFT, END = "\u2067", "\u2069"
NUMERALS_FA = list("۰۱۲۳۴۵۶۷۸۹")
GOOD, BAD, BLUE, GREY, AMBER = "#12946f", "#d64545", "#3b82f6", "#9aa5b1", "#e0982f"
SERIES = (("delivered", GOOD), ("failed", BAD), ("received", BLUE))
STATE_TONES = {
    "delivered": GOOD,
    "delivered_uncharged": GOOD,
    "at_operator": "#59b8a5",
    "submitted": BLUE,
    "queued": GREY,
    "unknown": AMBER,
    "cancelled": GREY,
    "suppressed": GREY,
}
OPERATOR_COLOURS = ["#14919b", "#e8b13d", "#7c5cc4", "#c2578a", "#9aa5b1", "#5a86c5"]
EMPTY_TOP = 10  # the axis of a chart of nothing still has a height
LABELLED_DAYS = 5  # every fifth day is written under the axis


def activity(here: Here, daily: pl.DataFrame, *, height: int = 260) -> None:
    """Draw messages a day: delivered, failed, received. `daily` holds day, delivered, failed, received."""
    names = [here.say(f"series_{name}") for name, _ in SERIES]
    rows = [
        {"place": place, "day": _day(here, row["day"]), "series": said, "n": row[name]}
        for place, row in enumerate(daily.iter_rows(named=True))
        for (name, _), said in zip(SERIES, names, strict=True)
    ]
    colours = alt.Scale(domain=names, range=[colour for _, colour in SERIES])
    legend = alt.Legend(title=None, orient="top", symbolType="circle", labelLimit=300)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusTopLeft=3, cornerRadiusTopRight=3)
        .encode(
            x=_days(here, daily),
            y=_counts(max(EMPTY_TOP, *(row["n"] for row in rows))),
            xOffset=alt.XOffset("series:N", sort=names),
            color=alt.Color("series:N", scale=colours, legend=legend),
            tooltip=[
                alt.Tooltip("day:N", title=here.say("day")),
                alt.Tooltip("series:N", title=here.say("kind")),
                alt.Tooltip("n:Q", format=",d", title=here.say("messages")),
            ],
        )
        .properties(height=height)
    )
    _show(here, chart)


def _days(here: Here, daily: pl.DataFrame) -> Any:
    marked = [_day(here, day) for day in daily["day"].to_list()[::-LABELLED_DAYS]]
    look: dict[str, Any] = {
        "labelAngle": 0,
        "grid": False,
        "ticks": False,
        "labelPadding": 8,
        "domainColor": "#cfd9de",
    }
    return alt.X(
        "day:N", sort=alt.EncodingSortField("place"), title=None, axis=alt.Axis(values=marked, **look)
    )


def _counts(top: int) -> Any:
    axis = alt.Axis(format=",d", tickCount=4, gridColor="#e6ecef", domain=False, ticks=False)
    return alt.Y("n:Q", title=None, scale=alt.Scale(domain=[0, top], nice=True), axis=axis)


def states(here: Here, counts: dict[str, int]) -> None:
    """Draw how many messages are in each state, as labelled bars."""
    rows = [
        {
            "name": status.label(state, here.language),
            "n": many,
            "text": here.count(many),
            "colour": STATE_TONES.get(state, BAD),
        }
        for state, many in counts.items()
    ]
    _bars(here, rows, title=here.say("messages"))


def operators(here: Here, counts: dict[str, int]) -> None:
    """Draw how many messages went to each operator."""
    rows = [
        {
            "name": name,
            "n": many,
            "text": here.count(many),
            "colour": OPERATOR_COLOURS[place % len(OPERATOR_COLOURS)],
        }
        for place, (name, many) in enumerate(counts.items())
    ]
    _bars(here, rows, title=here.say("messages"))


def _day(here: Here, day: date) -> str:
    """Charts are drawn left to right; the mark keeps a Persian day in its own order."""
    text = words.day_short(day, here.language)
    return f"{RIGHT_TO_LEFT}{text}{END}" if here.language == "fa" else text


def _bars(here: Here, rows: list[dict[str, Any]], *, title: str) -> None:
    rtl = here.language == "fa"
    most = max((row["n"] for row in rows), default=1) or 1
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            title=None,
            axis=alt.Axis(
                orient="right" if rtl else "left", ticks=False, domain=False, labelPadding=10, labelLimit=220
            ),
        ),
        x=alt.X("n:Q", title=None, axis=None, scale=alt.Scale(domain=[0, most * 1.22], reverse=rtl)),
        tooltip=[alt.Tooltip("name:N", title=here.say("kind")), alt.Tooltip("n:Q", format=",d", title=title)],
    )
    bars = base.mark_bar(cornerRadius=4, height=16).encode(color=alt.Color("colour:N", scale=None))
    texts = base.mark_text(align="right" if rtl else "left", dx=-8 if rtl else 8, color="#33424c").encode(
        text="text:N"
    )
    _show(here, (bars + texts).properties(height=max(46, 34 * len(rows))))


def _show(here: Here, chart: Any) -> None:
    locale = {
        "number": {
            "decimal": "٫",
            "thousands": "٬",
            "grouping": [3],
            "currency": ["", ""],
            "numerals": NUMERALS_FA,
        }
    }
    config: dict[str, Any] = {
        "background": "transparent",
        "font": "Vazirmatn",
        "axis": {"labelFontSize": 12.5, "labelColor": "#44535d"},
        "legend": {"labelFontSize": 13, "labelColor": "#26353f"},
        "view": {"stroke": None},
    }
    if here.language == "fa":
        config["locale"] = locale
    st.altair_chart(chart.configure(**config), theme=None)
