"""The map on which a circle or polygon is drawn; offline, on our own outlines (decisions 5).

It returns the shape while it is drawn or dragged, debounced. The same shape can be given in number boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards.session import Here

_HERE = Path(__file__).parent
_WORDS = (
    "map", "zoom_in", "zoom_out", "draw_circle", "draw_polygon", "clear", "hint_circle", "hint_polygon",
    "m", "km",
)  # fmt: skip
_component = st.components.v2.component(
    "chapar_map",
    html='<div class="chapar-tools" role="toolbar"></div><div class="chapar-map" role="application"></div>',
    css=(_HERE / "map.css").read_text(encoding="utf-8"),
    js=(_HERE / "map.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # Leaflet's own styles live in the page
)
Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """Where the map opens."""

    lon: float = 53.6
    lat: float = 32.6
    zoom: float = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Which shapes may be drawn, and how large a circle may be, metres."""

    shapes: Sequence[str] = ("circle", "polygon")
    radius_min_m: int = 50
    radius_max_m: int = 500_000


def draw_map(here: Here, *, key: str, view: View, limits: Limits) -> Shape | None:
    """Draw the map and return the criterion drawn on it: `circle{…}` or `polygon{…}`, or None."""
    placed: Shape | None = st.session_state.get(f"{key}_placed")
    answer = _component(
        key=key,
        data={
            "shape": placed,
            "version": st.session_state.get(f"{key}_version", 0),
            "view": {"lon": view.lon, "lat": view.lat, "zoom": view.zoom},
            "shapes": list(limits.shapes),
            "radius_min": limits.radius_min_m,
            "radius_max": limits.radius_max_m,
            "towers": True,
            "language": here.language,
            "words": {word: here.say(f"map_{word}") for word in _WORDS},
        },
        on_shape_change=lambda: st.session_state.update({f"{key}_moved": True}),
    )
    if st.session_state.pop(f"{key}_moved", False):
        st.session_state[f"{key}_shape"] = answer.shape
    shape: Shape | None = st.session_state.get(f"{key}_shape")
    return dict(shape) if shape else None


def place(key: str, shape: Shape | None) -> None:
    """Put a shape on the map from outside it, such as from the number boxes."""
    st.session_state[f"{key}_placed"] = shape
    st.session_state[f"{key}_shape"] = shape
    st.session_state[f"{key}_version"] = st.session_state.get(f"{key}_version", 0) + 1
