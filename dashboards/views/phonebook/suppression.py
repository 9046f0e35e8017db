"""Who must not be written to: opted out, on the own blacklist, blocked at the operator; lists read in."""

from __future__ import annotations

from functools import partial

from dashboards.widgets import collection
from dashboards.widgets import suppression_imports as imports
from dashboards.widgets.collection import Action, Collection, Form, Pick, Shown
from data.rules import msisdn
from data.rules.inputs.suppression import Reason, Return, Suppression
from data.use_cases import suppression
from data.use_cases.suppression import bring_back, enter, take_off

SUPPRESSION = Collection(
    noun="suppression", key=lambda one: one.id, called=lambda one: msisdn.show(one.msisdn),
    find=suppression.listing, sought=suppression.sought, export=suppression.export, above=imports.above,
    told=lambda here, done: imports.counted(here, done.added, done.existing, len(done.rejected)),
    columns=(
        Shown("number", "code", lambda _, one: msisdn.show(one.msisdn)),
        Shown("line", "text", lambda here, one: one.line or here.say("every_line")),
        Shown("since", "time", "at"),
        Shown("why", "wide", lambda here, one: {
            "text": one.note or here.say(f"from_{one.source}"), "sub": one.said,
        }),
        Shown("by", "text", lambda _, one: (one.actor or "").removeprefix("user:")),
    ),
    filters=(Pick("kind", imports.tabs, tabs=True), Pick("number")), tabs={"imports": imports.IMPORTS},
    form=Form(
        Suppression, enter, options=imports.ENTERED, example=imports.example, row=lambda done: done.newest,
        seen_by=lambda said: {"kind": said["kind"]},
    ),
    actions=(
        Action("remove", ":material/undo:", take_off, asks=Reason, when=lambda on: on["kind"] == "blacklist"),
        Action("come_back", ":material/undo:", bring_back, asks=Return, one=True,
               when=lambda on: on["kind"] == "opt_out"),
    ),
)  # fmt: skip
show = partial(collection.draw, its=SUPPRESSION)
