"""The small forms that several send kinds share: person, place, operator, trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboards import audiences
from dashboards.session import Here

AGE_MAX = 120
LINE_TYPES = ("prepaid", "postpaid")
GENDERS = ("female", "male")


def occupations(here: Here, key: str) -> tuple[dict[str, Any], str]:
    """Draw groups and trades; return a node (empty when nothing is chosen) and words."""
    groups = audiences.occupations(here.language)
    columns = st.columns([1, 2])
    with columns[0]:
        group = st.selectbox(
            here.say("occupation_group"),
            [None, *groups],
            key=f"{key}_group",
            format_func=lambda g: g or here.say("all"),
        )
    offered = (
        groups.get(group, {})
        if group
        else {code: name for names in groups.values() for code, name in names.items()}
    )
    with columns[1]:
        codes = st.multiselect(
            here.say("occupations"),
            list(offered),
            key=f"{key}_codes",
            format_func=lambda c: offered.get(c, c),
            placeholder=here.say("occupations_hint"),
        )
    if not codes and not group:
        return {}, ""
    names = "، ".join(offered[code] for code in codes[:3]) + ("…" if len(codes) > 3 else "")
    return {"kind": "occupation", "codes": codes or [group]}, names or str(group)


def person(here: Here, key: str) -> tuple[str | None, tuple[int, int], str]:
    """Draw gender and ages; return gender, ages and words."""
    columns = st.columns([1.3, 1, 1])
    with columns[0]:
        gender = st.segmented_control(
            here.say("gender"), GENDERS, key=f"{key}_gender", format_func=named(here, "gender")
        )
    low = int(columns[1].number_input(here.say("age_from"), 0, AGE_MAX, 25, step=1, key=f"{key}_age_from"))
    high = int(columns[2].number_input(here.say("age_to"), 0, AGE_MAX, 40, step=1, key=f"{key}_age_to"))
    who = here.say(f"gender_{gender}") if gender else here.say("everybody")
    return gender, (low, high), here.say("label_person", who=who, low=here.count(low), high=here.count(high))


def operators(here: Here, key: str) -> str | None:
    """Draw a choice of operators; None stands for all."""
    known = audiences.operators()
    chosen: str | None = st.selectbox(
        here.say("operator"),
        [None, *known],
        key=f"{key}_operator",
        format_func=lambda one: audiences.operator_name(one, here.language) if one else here.say("all"),
    )
    return chosen


def place(here: Here, key: str, *, required: bool) -> tuple[dict[str, str], str]:
    provinces = audiences.provinces(here.language)
    columns = st.columns(2)
    with columns[0]:
        province = st.selectbox(
            here.say("province"),
            list(provinces),
            key=f"{key}_province",
            index=None,
            format_func=lambda code: provinces.get(code, code),
            placeholder=here.say("choose" if required else "all"),
        )
    cities = audiences.cities(province, here.language) if province else {}
    with columns[1]:
        city = st.selectbox(
            here.say("city"),
            list(cities),
            key=f"{key}_city_{province}",
            index=None,
            format_func=lambda code: cities.get(code, code),
            placeholder=here.say("all"),
            disabled=not province,
        )
    if not province:
        return {}, ""
    return {"province": province} | ({"city": city} if city else {}), cities[city] if city else provinces[
        province
    ]


def named(here: Here, prefix: str) -> Callable[[str | None], str]:
    return lambda value: here.say(f"{prefix}_{value}") if value else here.say("all")
