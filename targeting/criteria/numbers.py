"""Numbers typed by hand (R1.30); how many a quick send takes is the send kind's rule, not the criterion's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.settings import settings
from targeting.criterion import OwnNumbers

if TYPE_CHECKING:
    from targeting.places import Places


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in any of the usual writings."""

    kind: ClassVar[str] = "numbers"
    own: ClassVar[bool] = True

    numbers: tuple[str, ...]

    def check(self, places: Places) -> None:
        """Numbers need no place."""

    def numbers_of(self, account_id: int | None, region: str) -> OwnNumbers:  # noqa: ARG002
        """Return the numbers; raise Refused for the first that is none, and for more than a file may hold."""
        from targeting.importer import REASONS, read_typed

        read = read_typed(list(self.numbers), region)
        if read.rejected.height:
            line, typed, reason = read.rejected.row(0)
            en, fa = REASONS[reason]
            raise Refused(f"numbers.{line - 1}", f"{typed!r}: {en}", f"«{typed}»: {fa}")
        most = settings().uploads.max_rows
        if read.accepted.height > most:
            raise Refused(
                "numbers", f"give at most {most:,} numbers at once",
                f"حداکثر {most:,} شماره در هر بار بدهید",
            )  # fmt: skip
        return OwnNumbers(read.accepted.select("msisdn", "times"), 0, read.notices)
