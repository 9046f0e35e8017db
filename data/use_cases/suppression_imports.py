"""Lists of numbers that are read into suppression, piece by piece, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.records import suppression, suppression_imports
from data.records.suppression import Cause
from data.records.suppression_imports import Import, NewImport
from data.rules.inputs.suppression import given_reason, known_kind
from data.use_cases import whose
from data.use_cases.floor import Case, Who, question, use_case

__all__ = ["Import", "ListFile", "Page", "begin", "finish", "found", "go_on", "listing"]
PIECE_MAX = 5_000  # numbers of one transaction: the store's writers wait for it
NAME_CHARS_MAX = 200
REJECTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Some lists that were read in, newest first, how many in all, and the id below which more stand."""

    rows: tuple[Import, ...]
    total: int
    after: int | None


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of numbers: what they become, why, its name, and the SHA-256 of its bytes."""

    kind: str
    why: str
    name: str
    sha256: str


@question("suppression.imports")
def listing(
    case: Case, *, account: str | None = None, limit: int = 50, after: int | None = None
) -> Page:
    """Return a page of the lists that were read in."""
    owner, limit = whose.owner(case, account), max(1, min(limit, suppression_imports.LISTED_MAX))
    found = suppression_imports.listing(case.c, owner, limit=limit, after=after)
    total = suppression_imports.total(case.c, owner)
    return Page(tuple(found), total, found[-1].id if len(found) == limit else None)


def found(who: Who, _: None = None, *, limit: int = 50, after: int | None = None) -> Page:
    """Return a page of the own lists: nothing is looked for among them."""
    return listing(who, limit=limit, after=after)


@use_case("suppression.import", right="send")
def begin(case: Case, given: ListFile, *, account: str | None = None) -> int:
    """Open a list that is about to be read in pieces; return its id."""
    owner, kind, why = whose.owner(case, account), known_kind(given.kind), given_reason(given.why)
    new = NewImport(owner, kind, why, given.name[:NAME_CHARS_MAX], given.sha256, case.who.name)
    import_id = suppression_imports.begin(case.c, new, now=case.now)
    case.note(import_id, account_id=owner, kind=given.kind)
    return import_id


@use_case("suppression.import_some", right="send")
def go_on(
    case: Case, import_id: int, numbers: Sequence[int], *, account: str | None = None
) -> None:
    """Suppress the next numbers (98…, at most PIECE_MAX) of a list: they hold from now on, for to be left out
    too early harms nobody.
    """
    assert len(numbers) <= PIECE_MAX, len(numbers)
    owner = whose.owner(case, account)
    its = suppression_imports.running(case.c, import_id, account_id=owner)
    cause = Cause(its.actor, its.note, import_id=its.id)
    accepted = suppression.add(
        case.c, numbers, account_id=owner, why=its.kind, source="import", now=case.now, cause=cause
    )
    suppression_imports.count(case.c, import_id, accepted=accepted, existing=len(set(numbers)) - accepted)
    case.silent = True


@use_case("suppression.import_done", right="send")
def finish(
    case: Case, import_id: int, *, repeated: int, rejects: Sequence[dict[str, Any]], rejected: int,
    account: str | None = None,
) -> Import:  # fmt: skip
    """Say that a list was read to its end, with the first REJECTS_KEPT of what is no number."""
    its = suppression_imports.running(case.c, import_id, account_id=whose.owner(case, account))
    rows = its.accepted + its.existing + repeated + rejected
    counts = {"rows": rows, "repeated": repeated, "rejected": rejected, "rejects": rejects[:REJECTS_KEPT]}
    suppression_imports.finish(case.c, import_id, now=case.now, **counts)
    case.note(import_id, account_id=its.account_id, accepted=its.accepted, existing=its.existing)
    return suppression_imports.get(case.c, import_id)
