"""Numbers typed by hand (R1.30); how many a quick send takes is the send kind's rule, not the criterion's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from data.errors import Refused
from data.settings import settings
from targeting.criterion import Ground, Own, OwnNumbers


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in any of the usual writings."""

    kind: ClassVar[str] = "numbers"
    own: ClassVar[bool] = True

    numbers: tuple[str, ...]

    def understood(self, ground: Ground) -> Own:
        """Return the numbers, however they were written."""
        read = self._read(ground.region)
        return Own(self.kind, {"numbers": sorted(read.frame["msisdn"].to_list())}, lambda: read)

    def _read(self, region: str) -> OwnNumbers:
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
