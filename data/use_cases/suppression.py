"""Who must not be written to: list, count, add, take back, read a list in, take it away.

Every owner has his own list; the operator of the installation keeps one for everybody besides. Entries take
effect at the next claim, also in runs that are under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.errors import Refused
from data.records import suppression, suppression_imports
from data.records.suppression import Cause, Ending, Entry, Filter, Tally
from data.records.suppression_imports import Import, NewImport
from data.rules import jalali
from data.rules.msisdn_columns import parse_column
from data.rules.purposes import SUPPRESSION_KINDS
from data.settings import settings
from data.use_cases import whose
from data.use_cases.floor import Case, question, use_case

__all__ = [
    "Added", "Entry", "Filter", "Head", "Import", "ListFile", "Page", "Proof", "Removed", "add",
    "begin_import", "continue_import", "export", "finish_import", "head", "imports", "listing", "remove",
    "remove_found",
]  # fmt: skip
TYPED_MAX = 5_000  # numbers of one add, and of one piece of an import: the store's writers wait for it
WHY_CHARS_MAX, NAME_CHARS_MAX = 300, 200
PROOF_BYTES_MAX = 2 * 2**20
REJECTS_KEPT = 100
ANY = Filter()
EXPORT_COLUMNS = {
    "msisdn": pl.UInt64(), "kind": pl.String(), "line": pl.String(), "why": pl.String(),
    "source": pl.String(), "actor": pl.String(), "at": pl.Datetime("us", "UTC"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries in force, newest first; `next_after` goes on below them, None: these were the last."""

    entries: tuple[Entry, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """How many people are suppressed, how many entries since the month began (Jalali), and by kind."""

    people: int
    this_month: int
    kinds: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A text that is no mobile number: its place from 1, and a key of `data.rules.msisdn.REASONS`."""

    line: int
    input: str
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """What came of some numbers: added + existing people, and the texts that are none."""

    added: int
    existing: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """How many people came back, and how many of the numbers were not on that list."""

    removed: int
    unknown: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a person wants messages again: a file as it came, or words without a name."""

    content: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of numbers: what they become, why, its name, and the SHA-256 of its bytes."""

    kind: str
    why: str
    name: str
    sha256: str


@question("suppression.list")
def listing(
    case: Case, wanted: Filter = ANY, *, account: str | None = None, limit: int = 50,
    after: int | None = None,
) -> Page:  # fmt: skip
    """Return a page of the owner's entries in force; of an account nobody but it sees any."""
    if wanted.kind is not None:
        _kind(wanted.kind)
    limit = max(1, min(limit, suppression.LISTED_MAX))
    found = suppression.search(case.c, whose.owner(case, account), wanted, limit=limit, after=after)
    return Page(tuple(found), found[-1].id if len(found) == limit else None)


@question("suppression.head")
def head(case: Case, *, account: str | None = None) -> Head:
    """Return what stands above the list."""
    people, kinds = suppression.tally(case.c, whose.owner(case, account), since=_month_begin(case.now))
    return Head(people, sum(one.new for one in kinds), tuple(kinds))


@question("suppression.imports")
def imports(case: Case, *, account: str | None = None, limit: int = 50) -> tuple[Import, ...]:
    """Return the lists that were read in, newest first."""
    return tuple(suppression_imports.listing(case.c, whose.owner(case, account), limit=limit))


@use_case("suppression.add", right="send")
def add(
    case: Case, numbers: Sequence[str], *, why: str, kind: str = "blacklist", account: str | None = None
) -> Added:
    """Suppress numbers written in any form; those that are suppressed so already are counted, not changed."""
    owner, reason, wanted = whose.owner(case, account), _why(why), _kind(kind)
    good, rejected = _read(numbers)
    cause = Cause(actor=case.who.name, note=reason)
    added = suppression.add(
        case.c, good, account_id=owner, why=wanted, source=case.who.door, now=case.now, cause=cause
    )
    case.note(wanted, account_id=owner, added=added, existing=len(good) - added)
    return Added(added, len(good) - added, rejected)


@use_case("suppression.remove", right="send")
def remove(
    case: Case, numbers: Sequence[str], *, why: str, kind: str = "blacklist", proof: Proof | None = None,
    account: str | None = None,
) -> Removed:  # fmt: skip
    """Take numbers off the owner's blacklist; off the opt-outs only with a proof, which is kept."""
    owner, reason, wanted = whose.owner(case, account), _why(why), _kind(kind)
    if wanted == "operator" and not case.who.is_operator:
        raise Refused(
            "kind", "the operator lifts its block when the person asks it to; it cannot be taken back here",
            "این مسدودی را اپراتور به خواست مشترک برمی‌دارد؛ از اینجا نمی‌شود",
        )  # fmt: skip
    good, rejected = _read(numbers)
    kept = _keep_proof(case, owner, proof) if wanted == "opt_out" else None
    removed = suppression.lift(
        case.c, good, account_id=owner, now=case.now, kinds=(wanted,),
        ending=Ending(case.who.name, reason, proof_id=kept),
    )  # fmt: skip
    if kept and not removed:
        raise Refused("numbers", "none of these opted out", "هیچ‌یک از این شماره‌ها لغو نکرده است")
    case.note(wanted, account_id=owner, removed=removed, proof=kept)
    return Removed(removed, len(good) - removed, rejected)


@use_case("suppression.remove_found", right="send")
def remove_found(case: Case, wanted: Filter, *, why: str, account: str | None = None) -> int:
    """Take everybody that a filter finds off the owner's blacklist, TYPED_MAX at most; return how many."""
    owner, ending = whose.owner(case, account), Ending(case.who.name, _why(why))
    found = suppression.search(case.c, owner, replace(wanted, kind="blacklist"), limit=TYPED_MAX)
    numbers, kinds = [one.msisdn for one in found], ("blacklist",)
    removed = suppression.lift(case.c, numbers, account_id=owner, now=case.now, kinds=kinds, ending=ending)
    case.note("blacklist", account_id=owner, removed=removed)
    return removed


@use_case("suppression.export", right="export")
def export(case: Case, wanted: Filter = ANY, *, account: str | None = None) -> pl.DataFrame:
    """Return all entries that are looked for as columns (EXPORT_COLUMNS), newest first."""
    owner, after, pieces = whose.owner(case, account), None, list[pl.DataFrame]()
    while True:
        found = suppression.search(case.c, owner, wanted, limit=suppression.LISTED_MAX, after=after)
        rows = [(e.msisdn, e.kind, e.line, e.note, e.source, e.actor, e.at) for e in found]
        pieces.append(pl.DataFrame(rows, schema=EXPORT_COLUMNS, orient="row"))
        if len(found) < suppression.LISTED_MAX:
            break
        after = found[-1].id
    case.note(wanted.kind, account_id=owner, rows=sum(piece.height for piece in pieces))
    return pl.concat(pieces)


@use_case("suppression.import", right="send")
def begin_import(case: Case, given: ListFile, *, account: str | None = None) -> int:
    """Open a list that is about to be read in pieces; return its id."""
    owner = whose.owner(case, account)
    new = NewImport(
        owner, _kind(given.kind), _why(given.why), given.name[:NAME_CHARS_MAX], given.sha256, case.who.name
    )
    import_id = suppression_imports.begin(case.c, new, now=case.now)
    case.note(import_id, account_id=owner, kind=given.kind)
    return import_id


@use_case("suppression.import_some", right="send")
def continue_import(
    case: Case, import_id: int, numbers: Sequence[int], *, account: str | None = None
) -> None:
    """Suppress the next numbers (98…, at most TYPED_MAX) of a list: they hold from now on, for to be left out
    too early harms nobody.
    """
    assert len(numbers) <= TYPED_MAX, len(numbers)
    owner = whose.owner(case, account)
    its = suppression_imports.running(case.c, import_id, account_id=owner)
    cause = Cause(its.actor, its.note, import_id=its.id)
    accepted = suppression.add(
        case.c, numbers, account_id=owner, why=its.kind, source="import", now=case.now, cause=cause
    )
    suppression_imports.count(case.c, import_id, accepted=accepted, existing=len(set(numbers)) - accepted)
    case.silent = True


@use_case("suppression.import_done", right="send")
def finish_import(
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


def _read(numbers: Sequence[str]) -> tuple[list[int], tuple[Rejected, ...]]:
    """Return the numbers once each, and the texts that are none."""
    if not 0 < len(numbers) <= TYPED_MAX:
        raise Refused(
            "numbers", f"give 1 to {TYPED_MAX:,} numbers; a longer list is imported from a file",
            f"از ۱ تا {TYPED_MAX:,} شماره بنویسید؛ فهرست بلندتر را از فایل وارد کنید",
        )  # fmt: skip
    read = parse_column(pl.Series("numbers", list(numbers), pl.String), settings().region)
    good = read["msisdn"].drop_nulls().unique(maintain_order=True).to_list()
    told = read.with_columns(input=pl.Series(list(numbers))).with_row_index("line", offset=1)
    bad = told.filter(pl.col("msisdn").is_null()).select("line", "input", "reason")
    rejected = tuple(Rejected(*row) for row in bad.iter_rows())
    if not good:
        raise Refused(
            "numbers", f"none of these is a mobile number: {rejected[0].input[:40]!r} ({rejected[0].reason})",
            f"هیچ‌یک شمارهٔ همراه نیست: «{rejected[0].input[:40]}»",
        )  # fmt: skip
    return good, rejected


def _keep_proof(case: Case, owner: int | None, proof: Proof | None) -> int:
    if proof is None or not proof.content.strip():
        raise Refused(
            "proof", "who opted out comes back by sending 12, or with a written proof: words or a file",
            "کسی که لغو کرده با فرستادن ۱۲ بازمی‌گردد، یا با سند نوشته: سند را بدهید (متن یا فایل)",
        )  # fmt: skip
    if len(proof.content) > PROOF_BYTES_MAX:
        raise Refused(
            "proof", f"the proof has {len(proof.content):,} bytes; use at most {PROOF_BYTES_MAX:,}",
            f"سند {len(proof.content):,} بایت است؛ حداکثر {PROOF_BYTES_MAX:,}",
        )  # fmt: skip
    name, actor = proof.name[:NAME_CHARS_MAX], case.who.name
    return suppression_imports.keep_proof(
        case.c, name, proof.content, account_id=owner, actor=actor, now=case.now
    )


def _kind(kind: str) -> str:
    if kind not in SUPPRESSION_KINDS:
        choices = ", ".join(SUPPRESSION_KINDS)
        raise Refused("kind", f"use one of {choices}", f"یکی از این‌ها را بنویسید: {choices}")
    return kind


def _why(why: str) -> str:
    reason = why.strip()
    if not reason or len(reason) > WHY_CHARS_MAX:
        raise Refused(
            "why", f"say why in 1 to {WHY_CHARS_MAX} characters",
            f"دلیل را در ۱ تا {WHY_CHARS_MAX} نویسه بنویسید",
        )  # fmt: skip
    return reason


def _month_begin(now: datetime) -> datetime:
    """The first moment of the Jalali month, where the home lives."""
    zone = ZoneInfo(settings().timezone)
    year, month, _ = jalali.to_jalali(now.astimezone(zone).date())
    return datetime.combine(jalali.from_jalali(year, month, 1), time(), zone)
