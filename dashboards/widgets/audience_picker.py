"""How recipients are chosen: a small form per kind (spec 2.2), each a node of the tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards import audiences, words
from dashboards.session import Here
from dashboards.widgets import area_picker, filters, number_picker
from data.rules.kinds import OPERATOR_OF
from data.rules.persian import digits


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form holds: a node of the audience tree, in words, and the fields its rows bring."""

    node: dict[str, Any]
    label: str
    fields: tuple[str, ...] = ()


def pick(here: Here, kind: str) -> Choice | None:
    """Draw the form of a kind; return what it holds, or None while something is missing."""
    found = PICKERS[kind](here)
    return Choice(*found) if found else None


def gender_age(here: Here) -> tuple[dict[str, Any], str] | None:
    """Gender, an age range, a place; MCI's subscribers only (R1.41-R1.43)."""
    place, place_label = filters.place(here, "ga", required=True)
    gender, ages, label = filters.person(here, "ga")
    if not place:
        return None
    node = {
        "kind": "gender_age", "operator": OPERATOR_OF["gender_age"], "age_from": ages[0], "age_to": ages[1],
        **place, **({"gender": gender} if gender else {}),
    }  # fmt: skip
    return node, here.say("label_in", what=label, where=place_label)


def region_irancell(here: Here) -> tuple[dict[str, Any], str] | None:
    """Irancell's subscribers of a province or city (R1.47)."""
    place, label = filters.place(here, "region", required=True)
    return (
        (
            {"kind": "region", "operator": "irancell", **place},
            here.say("label_in", what=audiences.operator_name("irancell", here.language), where=label),
        )
        if place
        else None
    )


def region(here: Here) -> tuple[dict[str, Any], str] | None:
    """The whole country in two modes: by operator and line type, or by prefix (R1.52-R1.55)."""
    by_type, by_prefix = here.say("mode_general"), here.say("mode_prefix")
    mode = st.segmented_control(here.say("mode"), [by_type, by_prefix], default=by_type, key="line_mode")
    place, where = filters.place(here, "line", required=True)
    city = {"city": place["city"]} if "city" in place else {}
    if mode == by_prefix:
        prefix = (
            digits(
                st.text_input(
                    here.say("prefix"),
                    key="line_prefix",
                    placeholder=words.plain("0912", here.language),
                    max_chars=7,
                )
            )
            .strip()
            .lstrip("0")
        )
        label = here.say("label_prefix", prefix=words.plain(f"0{prefix}", here.language))
        return (
            ({"kind": "prefix", "prefix": prefix, **city}, _in(here, label, where if city else ""))
            if prefix
            else None
        )
    columns = st.columns(2)
    with columns[0]:
        operator = filters.operators(here, "line")
    with columns[1]:
        kind = st.selectbox(
            here.say("line_type"),
            [None, *filters.LINE_TYPES],
            key="line_type",
            format_func=filters.named(here, "line_type"),
        )
    chosen = {name: value for name, value in (("operator", operator), ("line_type", kind)) if value}
    if not place and not chosen:
        return None
    said = [audiences.operator_name(operator, here.language)] if operator else []
    said += [here.say(f"line_type_{kind}")] if kind else []
    what = " · ".join(said) or here.say("everybody")
    nodes = ([{"kind": "line", **chosen}] if chosen else []) + (
        [{"kind": "region", **place}] if place else []
    )
    return (nodes[0] if len(nodes) == 1 else {"all": nodes}), _in(here, what, where)


def postcode(here: Here) -> tuple[dict[str, Any], str] | None:
    """The first five digits of a postcode (R1.48)."""
    typed = digits(
        st.text_input(here.say("postcode"), key="postcode", max_chars=5, help=here.say("postcode_help"))
    ).strip()
    coverage = audiences.postcode_coverage(here.language)
    if coverage:
        st.caption(
            here.say(
                "postcode_coverage",
                places="، ".join(coverage) if here.language == "fa" else ", ".join(coverage),
            )
        )
    return (
        (
            {"kind": "postcode", "prefix": typed},
            here.say("label_postcode", code=words.plain(typed, here.language)),
        )
        if typed
        else None
    )


def district(here: Here) -> tuple[dict[str, Any], str] | None:
    """Named districts of a city, found by typing, or the first digits of a postcode (R1.56-R1.58)."""
    known = audiences.districts(here.language)
    sizes = Counter(found.city for found in known.values())
    cities = [city for city, _ in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))]
    columns = st.columns([1, 2])
    with columns[0]:
        city = st.selectbox(here.say("city"), cities, key="district_city")
    with columns[1]:
        chosen = st.multiselect(
            here.say("districts"),
            [code for code, found in known.items() if found.city == city],
            key="districts",
            format_func=lambda code: known[code].name,
            placeholder=here.say("districts_hint"),
        )
    prefix = digits(st.text_input(here.say("district_prefix"), key="district_prefix", max_chars=5)).strip()
    names = [*chosen, *([prefix] if prefix else [])]
    joined = "، ".join(
        [*(known[code].name for code in chosen), *([words.plain(prefix, here.language)] if prefix else [])]
    )
    return ({"kind": "district", "names": names}, joined) if names else None


def occupation(here: Here) -> tuple[dict[str, Any], str] | None:
    """Trades in two levels, in a province or city if wished (R1.66)."""
    node, label = filters.occupations(here, "job")
    place, where = filters.place(here, "job", required=False)
    return ({**node, **place}, _in(here, label, where)) if node else None


def _in(here: Here, what: str, where: str) -> str:
    return here.say("label_in", what=what, where=where) if where else what


PICKERS: dict[str, Callable[[Here], tuple[Any, ...] | None]] = {
    "quick": number_picker.typed,
    "file": number_picker.uploaded,
    "area": area_picker.area,
    "bts": area_picker.towers,
    "gender_age": gender_age,
    "region_irancell": region_irancell,
    "region": region,
    "postcode": postcode,
    "district": district,
    "occupation": occupation,
}
