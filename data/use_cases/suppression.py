"""Who must not be written to: list, count, add, take back, take the list away.

Every owner has his own list; the operator of the installation keeps one for everybody besides. Entries take
effect at the next claim, also in runs that are under way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.errors import Refused
from data.records import suppression, suppression_imports
from data.records.suppression import Cause, Ending, Entry, Filter, Tally
from data.rules import inputs, jalali, msisdn
from data.rules.inputs import File
from data.rules.inputs.suppression import Suppression, apart, given_reason, known_kind
from data.rules.msisdn_columns import parse_column
from data.rules.purposes import SUPPRESSION_KINDS
from data.settings import settings
from data.use_cases import whose
from data.use_cases.floor import Case, Who, needing, question, use_case

__all__ = [
    "Added", "Entry", "Filter", "Head", "Page", "Proof", "Removed", "add", "bring_back", "enter", "export",
    "head", "listing", "remove", "remove_found", "sought", "take_off",
]  # fmt: skip
TYPED_MAX = 5_000  # numbers of one add or one piece of more: the store's writers wait for it
PIECES_MAX = 10_000
NAME_CHARS_MAX = 200
PROOF_BYTES_MAX = 2 * 2**20
NOBODY = 0  # a number that nobody has
ANY = Filter()
EXPORT_COLUMNS = {
    "msisdn": pl.UInt64(), "kind": pl.String(), "line": pl.String(), "why": pl.String(),
    "source": pl.String(), "actor": pl.String(), "at": pl.Datetime("us", "UTC"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries in force, newest first, how many there are in all, and the id below which more stand."""

    rows: tuple[Entry, ...]
    total: int
    after: int | None


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
    """What came of some numbers: added + existing people, the texts that are none, the newest entry's id."""

    added: int
    existing: int
    rejected: tuple[Rejected, ...]
    newest: int | None = None


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

@question("suppression.list")
def listing(
    case: Case, wanted: Filter = ANY, *, account: str | None = None, limit: int = 50,
    after: int | None = None,
) -> Page:  # fmt: skip
    """Return a page of the owner's entries in force; of an account nobody but it sees any."""
    if wanted.kind is not None:
        known_kind(wanted.kind)
    owner, limit = whose.owner(case, account), max(1, min(limit, suppression.LISTED_MAX))
    found = suppression.search(case.c, owner, wanted, limit=limit, after=after)
    total = suppression.count(case.c, owner, wanted)
    return Page(tuple(found), total, found[-1].id if len(found) == limit else None)


@question("suppression.head")
def head(case: Case, *, account: str | None = None) -> Head:
    """Return what stands above the list."""
    people, kinds = suppression.tally(case.c, whose.owner(case, account), since=_month_begin(case.now))
    return Head(people, sum(one.new for one in kinds), tuple(kinds))


@use_case("suppression.add", right="send")
def add(
    case: Case, numbers: Sequence[str], *, why: str, kind: str = "blacklist", account: str | None = None
) -> Added:
    """Suppress numbers written in any form; those that are suppressed so already are counted, not changed."""
    owner, reason, wanted = whose.owner(case, account), given_reason(why), known_kind(kind)
    good, rejected = _read(numbers)
    cause = Cause(actor=case.who.name, note=reason)
    added = suppression.add(
        case.c, good, account_id=owner, why=wanted, source=case.who.door, now=case.now, cause=cause
    )
    case.note(wanted, account_id=owner, added=added, existing=len(good) - added)
    newest = suppression.search(case.c, owner, Filter(wanted), limit=1) if added else []
    return Added(added, len(good) - added, rejected, newest[0].id if newest else None)


@needing("send")
def enter(who: Who, values: Mapping[str, Any]) -> Added:
    """Suppress what a form gives: `values` are those of `inputs.suppression.Suppression`."""
    asked = inputs.accept(Suppression, values)
    return add(who, apart(asked.numbers), why=asked.why, kind=asked.kind)


@use_case("suppression.remove", right="send")
def remove(
    case: Case, numbers: Sequence[str], *, why: str, kind: str = "blacklist", proof: Proof | None = None,
    account: str | None = None,
) -> Removed:  # fmt: skip
    """Take numbers off the owner's blacklist; off the opt-outs only with a proof, which is kept."""
    owner, reason, wanted = whose.owner(case, account), given_reason(why), known_kind(kind)
    _may_end(case, wanted)
    good, rejected = _read(numbers)
    kept = _keep_proof(case, owner, proof) if wanted == "opt_out" else None
    ending = Ending(case.who.name, reason, proof_id=kept)
    removed = _end(case, owner, good, kind=wanted, ending=ending)
    if kept and not removed:
        raise Refused("numbers", "none of these opted out", "هیچ‌یک از این شماره‌ها لغو نکرده است")
    return Removed(removed, len(good) - removed, rejected)


def remove_found(
    who: Who, wanted: Filter, *, why: str, proof: Proof | None = None, account: str | None = None
) -> int:
    """Take everybody that a filter finds off the list of its kind, TYPED_MAX a transaction; return how many.

    Without a kind it is the blacklist; opt-outs end only with a proof, which is kept.
    """
    removed = 0
    for _ in range(PIECES_MAX):
        looked_at, some = _remove_some(who, wanted, why=why, proof=proof, account=account)
        removed += some
        if looked_at < TYPED_MAX:
            break
    return removed


@use_case("suppression.remove_found", right="send")
def _remove_some(
    case: Case, wanted: Filter, *, why: str, proof: Proof | None, account: str | None
) -> tuple[int, int]:
    """Return how many entries were looked at, and how many people came back."""
    owner, reason = whose.owner(case, account), given_reason(why)
    kind = known_kind(wanted.kind or "blacklist")
    _may_end(case, kind)
    found = suppression.search(case.c, owner, replace(wanted, kind=kind), limit=TYPED_MAX)
    kept = _keep_proof(case, owner, proof) if kind == "opt_out" else None
    ending = Ending(case.who.name, reason, proof_id=kept)
    return len(found), _end(case, owner, [one.msisdn for one in found], kind=kind, ending=ending)


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


def sought(filters: Mapping[str, str], ids: Sequence[str] = ()) -> Filter:
    """Return what the words of an address look for: `kind`, `number` in any writing, the `ids` of entries.

    A number that is none finds nobody; without a known kind it is the opt-outs.
    """
    kind, typed = filters.get("kind", ""), filters.get("number", "").strip()
    number = _number(typed) if typed else None
    own = kind if kind in SUPPRESSION_KINDS else SUPPRESSION_KINDS[0]
    return Filter(own, number, ids=tuple(int(one) for one in ids if one.isdigit()) or None)


@needing("send")
def take_off(who: Who, wanted: Filter, *, why: str) -> int:
    """Take everybody that a filter finds off the blacklist; return how many."""
    return remove_found(who, replace(wanted, kind="blacklist"), why=why)


@needing("send")
def bring_back(who: Who, wanted: Filter, *, why: str, said: str, proof: File | None) -> int:
    """End the opt-outs that a filter finds, on a proof: a file, else words; return how many came back."""
    kept = Proof(proof.content, proof.name) if proof else Proof(said.encode())
    return remove_found(who, replace(wanted, kind="opt_out"), why=why, proof=kept)


def _number(typed: str) -> int:
    try:
        return msisdn.parse(typed, settings().region)
    except msisdn.NumberRefused:
        return NOBODY


def _may_end(case: Case, kind: str) -> None:
    if kind == "operator" and not case.who.is_operator:
        raise Refused(
            "kind", "the operator lifts its block when the person asks it to; it cannot be taken back here",
            "این مسدودی را اپراتور به خواست مشترک برمی‌دارد؛ از اینجا نمی‌شود",
        )  # fmt: skip


def _end(
    case: Case, owner: int | None, numbers: Sequence[int], *, kind: str, ending: Ending
) -> int:
    removed = suppression.lift(
        case.c, numbers, account_id=owner, now=case.now, kinds=(kind,), ending=ending
    )
    case.note(kind, account_id=owner, removed=removed, proof=ending.proof_id)
    return removed


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


def _month_begin(now: datetime) -> datetime:
    """The first moment of the Jalali month, where the home lives."""
    zone = ZoneInfo(settings().timezone)
    year, month, _ = jalali.to_jalali(now.astimezone(zone).date())
    return datetime.combine(jalali.from_jalali(year, month, 1), time(), zone)
