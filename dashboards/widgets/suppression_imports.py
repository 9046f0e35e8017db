"""Lists of numbers that were read into suppression, and the form that reads one in: a tab of its page."""

from __future__ import annotations

from typing import Any

from dashboards.session import Here
from dashboards.widgets.collection import Collection, Form, Shown
from data.rules.inputs.suppression import ENTERED as KINDS
from data.rules.inputs.suppression import SuppressionImport
from data.rules.purposes import LABELS
from data.use_cases import suppression, suppression_imports
from targeting.suppression_file import import_given


def labels(here: Here) -> dict[str, str]:
    """Return kind of suppression → how it is called."""
    return {kind: fa if here.language == "fa" else en for kind, (fa, en) in LABELS.items()}


def tabs(here: Here) -> dict[str, str]:
    """Return the tabs of the page of suppression: its kinds, then what was read in."""
    return labels(here) | {"imports": here.say("suppression_imports_title")}


def above(here: Here) -> str:
    """Return what stands above the list of suppressed numbers."""
    head = suppression.head(here.who)
    return here.say("suppression_head", people=here.count(head.people), new=here.count(head.this_month))


def example(here: Here) -> dict[str, Any]:
    """Return what the form of suppression can begin with."""
    return {"kind": KINDS[0], "why": here.say("suppression_example_why")}


def counted(here: Here, added: int, existing: int, rejected: int) -> str:
    """Return what came of some numbers."""
    return here.say("suppression_added", n=here.count(added), existing=here.count(existing),
                    rejected=here.count(rejected))  # fmt: skip


ENTERED = {"kind": lambda here: {kind: labels(here)[kind] for kind in KINDS}}
IMPORTS = Collection(
    noun="suppression_imports", key=lambda one: one.id, find=suppression_imports.found,
    told=lambda here, done: counted(here, done.accepted, done.existing, done.rejected),
    columns=(
        Shown("file", "wide", lambda here, one: {"text": one.name, "sub": labels(here)[one.kind]}),
        Shown("why", "wide", "note"),
        *(Shown(name, "number") for name in ("accepted", "existing", "repeated", "rejected")),
        Shown("at", "time"),
        Shown("by", "text", lambda _, one: one.actor.removeprefix("user:")),
    ),
    form=Form(SuppressionImport, import_given, options=ENTERED, row=lambda done: done.id,
              seen_by=lambda _: {"kind": "imports"}),
)  # fmt: skip
