"""Recipients of a place on the map: everybody of an area, or the people of its cell towers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import streamlit as st

from dashboards import audiences, words
from dashboards.session import Here
from dashboards.widgets import filters
from dashboards.widgets.map import Limits, Shape, View, draw_map, place
from data.rules.kinds import TOWERS_IN
from data.settings import settings

EARTH_RADIUS_M = 6_371_008.8
DEFAULT_RADIUS_M = 2_000
RADIUS_MAX_M = 500_000


def area(here: Here) -> tuple[Any, ...] | None:
    """A circle or polygon, with gender, age, operator and trade as free filters (decisions 26)."""
    shape = _shape(here, "area", Limits(radius_max_m=RADIUS_MAX_M))
    with st.expander(here.say("narrow"), icon=":material/filter_alt:"):
        narrowed, said = _filters(here)
    if not shape:
        return None
    nodes = [shape, *narrowed]
    where = _describe(here, shape)
    return (nodes[0] if len(nodes) == 1 else {"all": nodes}), " · ".join([*said, where])


def towers(here: Here) -> tuple[Any, ...] | None:
    """The Irancell numbers last seen at the towers of a place (R1.35, R1.36, decisions 26, 27)."""
    bts = settings().bts
    shape = _shape(here, "bts", Limits(radius_min_m=bts.radius_min_m, radius_max_m=bts.radius_max_m))
    if not shape:
        return None
    return {"kind": TOWERS_IN, "shape": shape}, here.say("label_towers", where=_describe(here, shape))


def _shape(here: Here, key: str, limits: Limits) -> Shape | None:
    shape = draw_map(here, key=f"map_{key}", view=View(*audiences.centre()), limits=limits)
    with st.expander(here.say("by_numbers"), icon=":material/pin_drop:"):
        typed = _boxes(here, key, shape, limits)
    if typed and st.session_state.pop(f"{key}_typed", False):
        place(f"map_{key}", typed)
        st.rerun(scope="fragment")
    return shape


def _boxes(here: Here, key: str, shape: Shape | None, limits: Limits) -> Shape | None:
    """Draw the accessible second way: longitude, latitude and radius of a circle."""
    circle = shape if shape and shape["kind"] == "circle" else None
    if circle and st.session_state.get(f"{key}_shown") != circle:
        st.session_state[f"{key}_shown"] = circle
        st.session_state.update(
            {
                f"{key}_lon": circle["lon"],
                f"{key}_lat": circle["lat"],
                f"{key}_radius": int(circle["radius_m"]),
            }
        )
    longitude, latitude, _ = audiences.centre()
    for name, value in (("lon", longitude), ("lat", latitude), ("radius", DEFAULT_RADIUS_M)):
        st.session_state.setdefault(f"{key}_{name}", value)

    def typed() -> None:
        st.session_state[f"{key}_typed"] = True

    columns = st.columns(3)
    lon = columns[0].number_input(
        here.say("longitude"), -180.0, 180.0, step=0.01, format="%.5f", key=f"{key}_lon"
    )
    lat = columns[1].number_input(
        here.say("latitude"), -90.0, 90.0, step=0.01, format="%.5f", key=f"{key}_lat"
    )
    radius = columns[2].number_input(
        here.say("radius"), limits.radius_min_m, limits.radius_max_m, step=100, key=f"{key}_radius"
    )
    st.button(here.say("put_circle"), on_click=typed, key=f"{key}_put", icon=":material/add_location:")
    return {"kind": "circle", "lon": round(lon, 6), "lat": round(lat, 6), "radius_m": int(radius)}


def _filters(here: Here) -> tuple[list[dict[str, Any]], list[str]]:
    nodes: list[dict[str, Any]] = []
    said: list[str] = []
    if st.checkbox(here.say("by_person"), key="area_by_person"):
        gender, ages, label = filters.person(here, "area")
        nodes.append(
            {"kind": "gender_age", "age_from": ages[0], "age_to": ages[1]}
            | ({"gender": gender} if gender else {})
        )
        said.append(label)
    columns = st.columns(2)
    with columns[0]:
        operator = filters.operators(here, "area")
    with columns[1]:
        line_type = st.selectbox(
            here.say("line_type"),
            [None, *filters.LINE_TYPES],
            key="area_line_type",
            format_func=lambda one: here.say(f"line_type_{one}") if one else here.say("all"),
        )
    chosen = {name: value for name, value in (("operator", operator), ("line_type", line_type)) if value}
    if chosen:
        nodes.append({"kind": "line", **chosen})
        said += [audiences.operator_name(operator, here.language)] if operator else []
        said += [here.say(f"line_type_{line_type}")] if line_type else []
    node, label = filters.occupations(here, "area_job")
    if node:
        nodes.append(node)
        said.append(label)
    return nodes, said


def _describe(here: Here, shape: Shape) -> str:
    if shape["kind"] == "circle":
        kilometres = f"{shape['radius_m'] / 1000:.1f}"
        return here.say("label_circle", km=words.decimal(kilometres, here.language))
    return here.say("label_polygon", km2=words.decimal(f"{_square_km(shape):.1f}", here.language))


def _square_km(shape: Shape) -> float:
    """Return the area of a small polygon on the sphere, for its label only."""
    ring = shape["geometry"]["coordinates"][0]
    total = 0.0
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        total += math.radians(lon_b - lon_a) * (
            2 + math.sin(math.radians(lat_a)) + math.sin(math.radians(lat_b))
        )
    return abs(total) * EARTH_RADIUS_M**2 / 2 / 1e6
