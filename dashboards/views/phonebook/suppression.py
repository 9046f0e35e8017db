"""Who must not be written to: opted out, on the own blacklist, blocked at the operator; lists read in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboards import words
from dashboards.session import Here, attempt, escaped
from dashboards.widgets import collection, input_form
from dashboards.widgets.collection import PAGE_ROWS, Action, Chosen, Collection, Filters, Found, Pick
from dashboards.widgets.input_form import Form, Saved
from dashboards.widgets.table import Column, table
from data.rules import msisdn
from data.rules.inputs.suppression import Reason, Suppression, apart
from data.rules.purposes import LABELS
from data.settings import settings
from data.use_cases import suppression
from data.use_cases.suppression import Entry, Filter, Import
from targeting.suppression_file import Wish, import_file

IMPORT_COLUMNS = (("file", "wide"), ("why", "wide"), ("accepted", "number"), ("existing", "number"),
                  ("rejected", "number"), ("at", "time"), ("by", "text"))  # fmt: skip


def find(here: Here, filters: Filters, after: str) -> Found:
    """Return a page of entries in force, newest first."""
    wanted = _wanted(filters)
    page = suppression.listing(here.who, wanted, limit=PAGE_ROWS, after=int(after) if after else None)
    many = {one.kind: one.entries for one in suppression.head(here.who).kinds}
    total = len(page.entries) if wanted.number is not None else many.get(wanted.kind or "", 0)
    return Found([_row(here, one) for one in page.entries], total,
                 None if page.next_after is None else str(page.next_after))  # fmt: skip


def export(here: Here, filters: Filters) -> pl.DataFrame:
    """Return every entry that is found, as columns."""
    return suppression.export(here.who, _wanted(filters))


def _wanted(filters: Filters, ids: tuple[str, ...] = ()) -> Filter:
    kind = filters.get("kind", "")
    wanted = Filter(kind if kind in LABELS else "opt_out", ids=tuple(map(int, ids)) or None)
    if not filters.get("number"):
        return wanted
    try:
        return replace(wanted, number=msisdn.parse(filters["number"], settings().region))
    except msisdn.NumberRefused:
        return replace(wanted, number=0)  # nobody has it


def _row(here: Here, one: Entry) -> dict[str, Any]:
    number = words.plain(msisdn.show(one.msisdn), here.language)
    return {
        "id": str(one.id), "name": number, "number": number,
        "line": words.plain(one.line, here.language) if one.line else here.say("every_line"),
        "since": here.moment(one.at), "why": one.note or here.say(f"from_{one.source}"),
        "by": (one.actor or "–").removeprefix("user:"),
    }  # fmt: skip


def _save(here: Here, values: Mapping[str, Any]) -> Saved:
    done = suppression.add(here.who, apart(str(values["numbers"])), why=str(values["why"]))
    told = here.say("suppression_added", n=here.count(done.added), existing=here.count(done.existing),
                    rejected=here.count(len(done.rejected)))  # fmt: skip
    newest = suppression.listing(here.who, Filter("blacklist"), limit=1).entries
    st.session_state["suppression_kind"] = "blacklist"
    return Saved(told, str(newest[0].id) if newest and done.added else None)


def _remove(here: Here, chosen: Chosen, values: Mapping[str, Any]) -> str:
    wanted = _wanted(chosen.filters, chosen.ids)
    return here.say("done_to", n=here.count(suppression.remove_found(here.who, wanted, why=values["why"])))


def _above(here: Here) -> str:
    head = suppression.head(here.who)
    return here.say("suppression_head", people=here.count(head.people), new=here.count(head.this_month))


def _imports(here: Here) -> None:
    """Read a list in, and show what came of those that were."""
    with st.expander(here.say("suppression_imports"), icon=":material/upload_file:"):
        file = st.file_uploader(here.say("file"), type=["csv", "txt", "tsv"], key="suppression_file")
        values, problems = input_form.fields(here, Reason, "suppression_import", options={})
        ready = file is not None and not problems
        pressed = st.button(here.say("suppression_import"), disabled=not ready, key="suppression_import")
        if file is not None:
            input_form.lacking(here, problems)
            wish = Wish(str(values["why"]), name=file.name)
            content = file.getvalue()
            done = attempt(here, lambda: import_file(here.who, content, wish)) if pressed else None
            if done:
                st.success(escaped(_came_of(here, done)), icon=":material/check:")
        columns = [Column(name, here.say(f"column_{name}"), kind) for name, kind in IMPORT_COLUMNS]
        rows = [_import(here, one) for one in suppression.imports(here.who)]
        table(here, columns, rows, key="suppression_imports")


def _came_of(here: Here, done: Import) -> str:
    return here.say("suppression_added", n=here.count(done.accepted), existing=here.count(done.existing),
                    rejected=here.count(done.rejected))  # fmt: skip


def _import(here: Here, one: Import) -> dict[str, Any]:
    counts = {name: here.count(getattr(one, name)) for name in ("accepted", "existing", "rejected")}
    return counts | {
        "id": str(one.id), "file": one.name or "–", "why": one.note, "at": here.moment(one.at),
        "by": one.actor.removeprefix("user:"),
    }  # fmt: skip


def _kinds(here: Here) -> dict[str, str]:
    return {kind: label[0] if here.language == "fa" else label[1] for kind, label in LABELS.items()}


SUPPRESSION = Collection(
    noun="suppression",
    columns=(("number", "code"), ("line", "text"), ("since", "time"), ("why", "wide"), ("by", "text")),
    find=find,
    filters=(Pick("kind", _kinds, tabs=True), Pick("number")),
    form=Form(Suppression, _save, example=lambda here: {"why": here.say("suppression_example_why")}),
    actions=(
        Action("remove", ":material/undo:", _remove, Reason, when=lambda on: on.get("kind") == "blacklist"),
    ),
    export=export,
    above=_above,
    more=_imports,
)
show = partial(collection.draw, its=SUPPRESSION)
