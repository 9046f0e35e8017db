"""Unfinished input: opened, written field by field from one tab or several, listed, thrown away.

A form is its person's own. Its token is the idempotency key of what it becomes: whoever places an order under
it closes the form in the same transaction (`targeting.orders.placing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from data.errors import Refused
from data.records import forms
from data.records.forms import Form, Owner
from data.rules import persian, rights
from data.rules.rights import Right
from data.use_cases.floor import Case, NotAllowed, new_key, question, use_case

__all__ = ["BYTES_MAX", "FORMS_MAX", "NOUNS", "Form", "Written", "drop", "listed", "show", "start", "write"]
NOUNS: Final[dict[str, Right]] = {"campaign": "send"}  # what a form may become, and the right that takes
FORMS_MAX = 100  # open forms of a person, of one noun
FIELDS_MAX, NAME_CHARS_MAX, BYTES_MAX = 200, 60, 256 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A form after it was written; `others` are the fields that another tab wrote since `seen`, of which
    `overwritten` now have this tab's value.
    """

    form: Form
    others: dict[str, Any]
    overwritten: tuple[str, ...]


@use_case("form.start", right="view")
def start(case: Case, noun: str) -> Form:
    """Open an empty form; raise Refused where a person has too many open ones."""
    owner = _owner(case, noun)
    if len(forms.still_open(case.c, owner, noun, limit=FORMS_MAX)) == FORMS_MAX:
        raise Refused(
            "form", f"{FORMS_MAX} forms are open: send one or throw one away",
            f"{FORMS_MAX} فرم نیمه‌کاره دارید: یکی را بفرستید یا دور بیندازید",
        )  # fmt: skip
    case.silent = True  # what is typed is no deed; what it becomes is traced
    return _found(case, owner, forms.insert(case.c, owner, noun, new_key(), now=case.now))


@use_case("form.write", right="view")
def write(case: Case, form_id: int, changes: Mapping[str, Any], *, seen: int) -> Written:
    """Put fields into a form: the last writer of a field wins. `seen` is the version this tab has read, so
    that it is told what another tab wrote since.
    """
    case.silent = True
    owner = _owner(case)
    found = _found(case, owner, form_id, lock=True)
    _allowed(case, found.noun)
    if found.placed_id is not None:
        raise Refused(
            "form", f"it was sent already (number {found.placed_id}): open a new one",
            f"این فرم پیش‌تر فرستاده شده است (شمارهٔ {found.placed_id}): فرم تازه باز کنید",
        )  # fmt: skip
    wanted = _checked(found, changes)
    theirs = {name for name, version in found.written.items() if version > seen}
    others = {name: found.values[name] for name in sorted(theirs)}
    lost = tuple(name for name in others if name in wanted and wanted[name] != others[name])
    if wanted:
        forms.write(case.c, found, wanted, now=case.now)
    return Written(_found(case, owner, form_id), others, lost)


@question("form.show")
def show(case: Case, form_id: int) -> Form:
    """Return a form of the person who asks; anybody else's is unknown."""
    return _found(case, _owner(case), form_id)


@question("form.list")
def listed(case: Case, noun: str) -> tuple[Form, ...]:
    """Return the open forms of the person who asks, the one written last first."""
    return tuple(forms.still_open(case.c, _owner(case, noun), noun, limit=FORMS_MAX))


@use_case("form.drop", right="view")
def drop(case: Case, form_id: int) -> None:
    """Throw an open form away."""
    case.silent = True
    if not forms.drop(case.c, _owner(case), form_id):
        raise _unknown()


def _owner(case: Case, noun: str | None = None) -> Owner:
    who = case.who
    if who.account_id is None or who.user_id is None:
        raise Refused(
            "form", "a form belongs to somebody who signed in", "فرم از آنِ کسی است که وارد شده باشد"
        )
    if noun is not None:
        _allowed(case, noun)
    return Owner(who.account_id, who.user_id)


def _allowed(case: Case, noun: str) -> None:
    if noun not in NOUNS:
        raise Refused(
            "noun", f"use one of {', '.join(NOUNS)}", f"یکی از این‌ها را بنویسید: {persian.listed(NOUNS)}"
        )
    if not rights.may(case.who.role, NOUNS[noun]):
        raise NotAllowed(NOUNS[noun], case.who.role)


def _found(case: Case, owner: Owner, form_id: int, *, lock: bool = False) -> Form:
    found = forms.find(case.c, owner, form_id, lock=lock)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Refused:
    return Refused("form", "there is no such form", "چنین فرمی نیست")


def _checked(found: Form, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as they are kept: plain JSON, and no more of it than a form may hold."""
    for name in changes:
        if not 0 < len(name) <= NAME_CHARS_MAX:
            raise Refused(
                "form", f"the name of a field has 1 to {NAME_CHARS_MAX} characters",
                f"نام فیلد ۱ تا {NAME_CHARS_MAX} نویسه دارد",
            )  # fmt: skip
    whole = found.values | dict(changes)
    try:
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused("form", "a field holds plain JSON", "مقدار فیلد باید JSON ساده باشد") from error
    if size > BYTES_MAX or len(whole) > FIELDS_MAX:
        raise Refused(
            "form", f"a form holds at most {BYTES_MAX:,} bytes in {FIELDS_MAX} fields; it has {size:,}",
            f"فرم حداکثر {BYTES_MAX:,} بایت در {FIELDS_MAX} فیلد دارد؛ اکنون {size:,} بایت است",
        )  # fmt: skip
    return dict(changes)
