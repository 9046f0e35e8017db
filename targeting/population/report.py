"""What a build is asked for, and what it answers (the JSON of cli.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from data.store import population as store
from targeting.criterion import Notice
from targeting.population.quality import NO_AS_OF


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """A population to build. Without `raw` the shipped tables of Iran are the country."""

    today: date  # as-of date of what is invented, and the day ages are counted to
    now: datetime  # names the snapshot; UTC
    region: str = "IR"
    raw: Path | None = None
    synthetic: int | None = None  # people to invent where no subscribers table is given
    seed: int = 1
    province: str | None = None  # code or name: everybody lives there (synthetic Iran only)


@dataclass(frozen=True, slots=True)
class Report:
    """What is published: counts, provenance, rows left out."""

    snapshot: str
    subscribers: int
    tables: dict[str, dict[str, Any]]
    rejected: dict[str, int]
    region: str
    as_of: date | None
    built_at: datetime
    rejected_folder: Path | None = None
    flags: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as cli.md prints it."""
        return {
            "snapshot": self.snapshot,
            "subscribers": self.subscribers,
            "tables": self.tables,
            "rejected": self.rejected,
            "region": self.region,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "built_at": self.built_at.isoformat(),
            "rejected_folder": str(self.rejected_folder) if self.rejected_folder else None,
            "flags": self.flags,
            "notices": [notice.to_json() for notice in self._notices()],
        }

    def _notices(self) -> list[Notice]:
        """Say in words what the missing dates mean, and how to mend them."""
        undated = [name for name, table in self.tables.items() if table["as_of"] is None]
        if not undated:
            return []
        return [
            Notice(
                NO_AS_OF,
                f"the date of these tables is unknown: {', '.join(undated)}; "
                "state it in sources.csv (table, source, as_of) and build again",
                f"تاریخ این جدول‌ها دانسته نیست: {'، '.join(undated)}؛ "
                "آن را در sources.csv (ستون‌های table، source، as_of) بنویسید و دوباره بسازید",
            )
        ]


def report_of(snapshot: store.Snapshot, rejected_folder: Path) -> Report:
    """Describe a snapshot."""
    flags = sorted(
        {f"{name}: {flag}" for name, table in snapshot.provenance.items() for flag in table["flags"]}
    )
    return Report(
        snapshot=snapshot.name,
        subscribers=snapshot.subscribers,
        tables=snapshot.provenance,
        rejected=snapshot.rejected,
        region=snapshot.region,
        as_of=snapshot.as_of,
        built_at=snapshot.built_at,
        rejected_folder=rejected_folder if rejected_folder.exists() else None,
        flags=flags,
    )


def show() -> Report:
    """Describe the published snapshot; raises Refused where there is none."""
    snapshot = store.current()
    if snapshot is None:
        raise store.nothing_published()
    return report_of(snapshot, store.rejected_folder(snapshot.name))
