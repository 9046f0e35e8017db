"""Numbers of an uploaded file, whose other columns become merge fields (R1.59-R1.62, decisions 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from targeting.criterion import OwnNumbers
from targeting.uploads import read_upload

if TYPE_CHECKING:
    from targeting.places import Places


@dataclass(frozen=True, slots=True)
class File:
    """`upload` is the SHA-256 of a file of this account; `column` is a header, or a number counted from 1."""

    kind: ClassVar[str] = "file"
    own: ClassVar[bool] = True

    upload: str
    column: str | None = None

    def check(self, places: Places) -> None:
        """A file needs no place."""

    def numbers_of(self, account_id: int | None, region: str) -> OwnNumbers:
        """Return the numbers and merge fields; raise Refused where the file is gone or unreadable."""
        from targeting.importer import first_rejects, read_numbers

        raw = read_upload(account_id, self.upload)
        read = read_numbers(raw, column=self.column, region=region, field="upload")
        if read.accepted.is_empty():
            en, fa = first_rejects(read.rejected)
            raise Refused(
                "upload",
                f"no row holds a mobile number: {en or 'the file is empty'}",
                f"هیچ سطری شمارهٔ همراه ندارد: {fa or 'فایل خالی است'}",
            )
        return OwnNumbers(read.accepted.drop("line"), read.rejected.height, read.notices)
