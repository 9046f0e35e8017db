"""`chapar suppression …`: who must not be written to; without --account or --as, by anybody here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands import add, group, paged, record_id, who
from flows.commands.documents import read_bytes

if TYPE_CHECKING:
    from data.use_cases.suppression import Entry, Proof, Rejected

KINDS = ("blacklist", "opt_out", "operator")


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "suppression", "who must not be written to")
    put = add(sub, "add", _add, "suppress numbers, from the next batch that is handed over")
    take = add(sub, "remove", _remove, "take numbers off again; off the opt-outs only with a proof")
    take.add_argument("--proof", metavar="FILE", help="what shows that the person wants messages again")
    listing = add(sub, "list", _list, "the entries in force, newest first")
    listing.add_argument("--number", metavar="N", help="one number, in any writing")
    listing.add_argument("--import", dest="import_id", type=record_id, metavar="ID", help="from one file")
    paged(listing, record_id)
    read = add(sub, "import", _import, "suppress the numbers of a file")
    read.add_argument("file", metavar="FILE", help="CSV, one number to a row, or - for standard input")
    read.add_argument("--column", help="header or place of the column that holds the numbers")
    for one in (put, take):
        one.add_argument("numbers", nargs="+", metavar="NUMBER")
    for one in (put, take, read):
        one.add_argument("--why", required=True, metavar="TEXT", help="kept beside each entry")
        one.add_argument("--kind", choices=KINDS, default=KINDS[0])
    listing.add_argument("--kind", choices=KINDS)
    for one in (put, take, listing, read):
        one.add_argument("--account", metavar="A", help="whose list (default: everybody's)")


def _add(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import suppression

    done = suppression.add(who(), given.numbers, why=given.why, kind=given.kind, account=given.account)
    return {"added": done.added, "existing": done.existing, "rejected": _rejected(done.rejected)}


def _remove(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import suppression

    done = suppression.remove(
        who(), given.numbers, why=given.why, kind=given.kind, proof=_proof(given.proof), account=given.account
    )
    return {"removed": done.removed, "unknown": done.unknown, "rejected": _rejected(done.rejected)}


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import suppression

    wanted = suppression.Filter(given.kind, _number(given.number), given.import_id)
    page = suppression.listing(
        who(), wanted, account=given.account, limit=given.limit, after=given.after
    )
    head = suppression.head(who(), account=given.account)
    return {
        "suppressed": [_told(one) for one in page.rows], "after": page.after, "people": head.people,
        "this_month": head.this_month,
    }  # fmt: skip


def _import(given: argparse.Namespace) -> dict[str, Any]:
    from data.settings import settings
    from targeting.suppression_file import Wish, import_file

    raw = read_bytes(given.file, field="file", most=settings().uploads.max_bytes)
    wish = Wish(given.why, given.kind, given.account, given.column, Path(given.file).name)
    done = import_file(who(), raw, wish)
    return {
        "import_id": done.id, "rows": done.rows, "added": done.accepted, "existing": done.existing,
        "repeated": done.repeated, "rejected": done.rejected, "rejects": done.rejects,
    }  # fmt: skip


def _proof(name: str | None) -> Proof | None:
    if name is None:
        return None
    from data.use_cases.suppression import PROOF_BYTES_MAX, Proof

    return Proof(read_bytes(name, field="proof", most=PROOF_BYTES_MAX), Path(name).name)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    from data.errors import Refused
    from data.rules.msisdn import NumberRefused, parse
    from data.settings import settings

    try:
        return parse(text, settings().region)
    except NumberRefused as error:
        raise Refused(
            "number", f"{text!r} is not a mobile number ({error.reason})", "این شمارهٔ موبایل نیست"
        ) from error


def _told(one: Entry) -> dict[str, Any]:
    return {
        "id": one.id, "number": one.msisdn, "kind": one.kind, "line": one.line, "why": one.note,
        "source": one.source, "by": one.actor, "at": one.at,
    }  # fmt: skip


def _rejected(rows: tuple[Rejected, ...]) -> list[dict[str, Any]]:
    return [{"line": one.line, "input": one.input, "reason": one.reason} for one in rows]
