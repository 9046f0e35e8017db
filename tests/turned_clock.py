"""The product's one clock, turned by hand through the file that CHAPAR_CLOCK names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass
class Clock:
    """The product's one clock, turned by hand; child processes see it too."""

    file: Path

    def set(self, seconds: float) -> None:
        """Make the product's clocks differ from the real ones by so many seconds."""
        spare = self.file.with_suffix(".new")
        spare.write_text(repr(float(seconds)), encoding="ascii")
        spare.replace(self.file)  # a reader never sees half a number

    def advance(self, **duration: float) -> None:
        """Let time pass: `advance(hours=3)`."""
        from data.clock import offset_seconds

        self.set(offset_seconds() + timedelta(**duration).total_seconds())

    def at(self, moment: datetime) -> None:
        """Make it this very moment (timezone-aware); time goes on from there."""
        from data.clock import now, offset_seconds

        self.set(offset_seconds() + (moment - now()).total_seconds())
