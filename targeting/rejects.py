"""The rows of an upload that were not taken as numbers, for whoever mends the file and brings it again."""

from __future__ import annotations

import polars as pl

from data.settings import settings
from data.use_cases.floor import Case, Who, use_case
from targeting.importer import read_numbers
from targeting.uploads import read_upload


# Whoever may send may bring files, and sees there what is wrong with them: this is the same, written whole.
# No row of it is a number that could be written to.
@use_case("upload.rejects", right="send")
def give(case: Case, upload: str) -> bytes:
    """Return an upload of the account, and write down who takes its rejected rows; any other is unknown."""
    raw = read_upload(case.who.account_id, upload)
    case.note(upload)
    return raw


def rejected(who: Who, upload: str) -> pl.DataFrame:
    """Return line, input and reason (a key of `importer.REASONS`) of every row that was rejected."""
    read = read_numbers(give(who, upload), region=settings().region, field="upload")
    return read.rejected.select("line", "input", "reason")
