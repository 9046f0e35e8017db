"""Charts in the viewer's language: Persian digits and the Jalali calendar in Persian, colours by meaning."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import words
from dashboards.session import Here
from data.rules import status

if TYPE_CHECKING:
    import polars as pl

Spec = dict[str, Any]  # Vega-Lite as it is: a library that builds it would check it at every drawing
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
    spec = {
        "data": {"values": rows},
        "mark": {"type": "bar", "cornerRadiusTopLeft": 3, "cornerRadiusTopRight": 3},
        "encoding": {
            "x": _days(here, daily),
            "y": _counts(max(EMPTY_TOP, *(row["n"] for row in rows))),
            "xOffset": {"field": "series", "type": "nominal", "sort": names},
            "color": {
                "field": "series", "type": "nominal",
                "scale": {"domain": names, "range": [colour for _, colour in SERIES]},
                "legend": {"title": None, "orient": "top", "symbolType": "circle", "labelLimit": 300},
            },
            "tooltip": [
                {"field": "day", "type": "nominal", "title": here.say("day")},
                {"field": "series", "type": "nominal", "title": here.say("kind")},
                {"field": "n", "type": "quantitative", "format": ",d", "title": here.say("messages")},
            ],
        },
        "height": height,
    }  # fmt: skip
    _show(here, spec)


def _days(here: Here, daily: pl.DataFrame) -> Spec:
    marked = [_day(here, day) for day in daily["day"].to_list()[::-LABELLED_DAYS]]
    axis = {
        "values": marked, "labelAngle": 0, "grid": False, "ticks": False, "labelPadding": 8,
        "domainColor": "#cfd9de",
    }  # fmt: skip
    return {"field": "day", "type": "nominal", "sort": {"field": "place"}, "title": None, "axis": axis}


def _counts(top: int) -> Spec:
    axis = {"format": ",d", "tickCount": 4, "gridColor": "#e6ecef", "domain": False, "ticks": False}
    scale = {"domain": [0, top], "nice": True}
    return {"field": "n", "type": "quantitative", "title": None, "scale": scale, "axis": axis}


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
    axis = {
        "orient": "right" if rtl else "left", "ticks": False, "domain": False, "labelPadding": 10,
        "labelLimit": 220,
    }  # fmt: skip
    length = {"domain": [0, most * 1.22], "reverse": rtl}
    text = {"type": "text", "align": "right" if rtl else "left", "dx": -8 if rtl else 8, "color": "#33424c"}
    spec = {
        "data": {"values": rows},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": axis},
            "x": {"field": "n", "type": "quantitative", "title": None, "axis": None, "scale": length},
            "tooltip": [
                {"field": "name", "type": "nominal", "title": here.say("kind")},
                {"field": "n", "type": "quantitative", "format": ",d", "title": title},
            ],
        },
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadius": 4, "height": 16},
                "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {"mark": text, "encoding": {"text": {"field": "text", "type": "nominal"}}},
        ],
        "height": max(46, 34 * len(rows)),
    }
    _show(here, spec)


def _show(here: Here, spec: Spec) -> None:
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
    st.vega_lite_chart({**spec, "config": config}, theme=None)
