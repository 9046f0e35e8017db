"""A file of numbers that must not be written to: read by the one reader of files, taken in piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.rules import inputs
from data.rules.inputs.suppression import SuppressionImport
from data.settings import settings
from data.use_cases import suppression_imports
from data.use_cases.floor import Who, needing
from data.use_cases.suppression_imports import PIECE_MAX, REJECTS_KEPT, Import, ListFile
from targeting import uploads
from targeting.importer import read_numbers


@dataclass(frozen=True, slots=True)
class Wish:
    """What the numbers of a file become, and why; `column` is a header or a number counted from 1."""

    why: str
    kind: str = "blacklist"
    account: str | None = None
    column: str | None = None
    name: str = ""  # of the file


@needing("send")
def import_given(who: Who, values: Mapping[str, Any]) -> Import:
    """Take in what a form gives: `values` are those of `inputs.suppression.SuppressionImport`."""
    asked = inputs.accept(SuppressionImport, values)
    wish = Wish(asked.why, asked.kind, column=asked.column or None, name=asked.file.name)
    return import_file(who, asked.file.content, wish)


def import_file(who: Who, raw: bytes, wish: Wish) -> Import:
    """Take a file's numbers into a suppression list; return what came of every row.

    Pieces are transactions of their own, so that nobody waits long. Whoever was stopped in between does it
    again: what is in already is counted as existing.
    """
    uploads.refuse_large(raw, "file")
    read = read_numbers(raw, column=wish.column, region=settings().region)
    numbers, rejects = read.accepted["msisdn"], read.rejected.head(REJECTS_KEPT).to_dicts()
    file = ListFile(wish.kind, wish.why, wish.name, hashlib.sha256(raw).hexdigest())
    import_id = suppression_imports.begin(who, file, account=wish.account)
    for piece in numbers.to_frame().iter_slices(PIECE_MAX):
        suppression_imports.go_on(who, import_id, piece["msisdn"].to_list(), account=wish.account)
    return suppression_imports.finish(
        who, import_id, repeated=read.duplicates, rejects=rejects, rejected=read.rejected.height,
        account=wish.account,
    )  # fmt: skip
