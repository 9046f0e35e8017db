"""Numbers of an uploaded file, whose other columns become merge fields (R1.59-R1.62, decisions 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from targeting.criterion import OwnNumbers
from targeting.uploads import upload_path

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
        from targeting.importer import first_rejects, read_file

        path = upload_path(account_id, self.upload)
        if not path.exists():
            raise Refused(
                "upload",
                "this account has no such upload; upload the file again",
                "این فایل در حساب نیست؛ دوباره بارگذاری کنید",
            )
        read = read_file(path, column=self.column, region=region, field="upload")
        if read.accepted.is_empty():
            en, fa = first_rejects(read.rejected)
            raise Refused(
                "upload",
                f"no row holds a mobile number: {en or 'the file is empty'}",
                f"هیچ سطری شمارهٔ همراه ندارد: {fa or 'فایل خالی است'}",
            )
        return OwnNumbers(read.accepted.drop("line"), read.rejected.height, read.notices)
