"""Numbers of an uploaded file, whose other columns become merge fields (R1.59-R1.62, decisions 12)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from data.errors import Refused
from targeting.criterion import Ground, Own, OwnNumbers
from targeting.uploads import read_upload

PLACES_KEPT = 256


@dataclass(frozen=True, slots=True)
class File:
    """`upload` is the SHA-256 of a file of this account; `column` is a header, or a number counted from 1."""

    kind: ClassVar[str] = "file"
    own: ClassVar[bool] = True

    upload: str
    column: str | None = None

    def understood(self, ground: Ground) -> Own:
        """Return the numbers and merge fields; a column is the same by header, by number or left to us."""
        form = {"upload": self.upload, "column": self._place(ground)}
        return Own(self.kind, form, lambda: self._read(ground))

    def _place(self, ground: Ground) -> int:
        """Return the place of the column. The file is named by its content, so what was found stays true."""
        known = _places_found(ground.account_id, self.upload, self.column, ground.region)
        if not known:
            self._read(ground)
        return known[0]

    def _read(self, ground: Ground) -> OwnNumbers:
        """Read the file; raise Refused, about this upload, where it is gone or unreadable."""
        try:
            return self._read_whole(ground)
        except Refused as refused:
            refused.about["upload"] = self.upload
            raise

    def _read_whole(self, ground: Ground) -> OwnNumbers:
        from targeting.importer import first_rejects, read_numbers

        raw = read_upload(ground.account_id, self.upload)
        read = read_numbers(raw, column=self.column, region=ground.region, field="upload")
        if read.accepted.is_empty():
            en, fa = first_rejects(read.rejected)
            raise Refused(
                "upload",
                f"no row holds a mobile number: {en or 'the file is empty'}",
                f"هیچ سطری شمارهٔ همراه ندارد: {fa or 'فایل خالی است'}",
            )
        known = _places_found(ground.account_id, self.upload, self.column, ground.region)
        known[:] = [read.place]
        return OwnNumbers(read.accepted.drop("line"), read.rejected.height, read.notices)


@lru_cache(maxsize=PLACES_KEPT)
def _places_found(account_id: int | None, upload: str, column: str | None, region: str) -> list[int]:
    """Return the box that holds the place of a column, empty until the file was read once."""
    assert account_id is None or upload or column or region
    return []
