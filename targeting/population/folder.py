"""A folder of raw tables while it is read: what was found of it so far, and where its rejects go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from data.settings import settings
from targeting.population import checks, quality
from targeting.population.areas import Areas
from targeting.population.checks import Checked
from targeting.population.country import Country, Source

POSTCODE_POINTS = {"postcode": pl.String, "lon": pl.Float64, "lat": pl.Float64}
IN_SNAPSHOT = {"postcodes": "postcode_areas"}  # raw tables that have another name there


@dataclass(slots=True)
class Given:
    """A folder being read: where its files are, the country so far, the folder for rejects."""

    files: dict[str, Path]
    country: Country
    rejected: Path
    stated: dict[str, tuple[str, date | None]]  # table → source and date as sources.csv says
    areas: Areas | None = None
    postcode_points: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POSTCODE_POINTS))
    rejects: dict[str, int] = field(default_factory=dict)

    def source(self, table: str, *flags: str, as_of: date | None = None) -> Source:
        """Say where a table came from: sources.csv, else the file's name and the date that its rows bear.

        The day a file was copied here says nothing about its people: without a stated date it is unknown.
        """
        said, stated = self.stated.get(table, ("", None))
        day = stated or as_of
        flagged = [*flags] if day else [*flags, quality.NO_AS_OF]
        return Source(said or self.files[table].name, day, flagged, self.rejects.get(table, 0))

    def keep(self, table: str, checked: Checked) -> pl.DataFrame:
        """Write the rejects of a table, count them, and return the rows to use."""
        if not checked.rejected.is_empty():
            checked.rejected.write_csv(self.rejected / f"{IN_SNAPSHOT.get(table, table)}.csv")
        self.rejects[table] = checked.rejected.height
        return checked.rows

    def near_country(self, checked: Checked) -> tuple[Checked, list[str]]:
        """Reject rows with a position too far outside the country; flag those a little outside."""
        outline = self.country.outline
        placed = checked.rows.filter(pl.col("lon").is_not_null())
        if outline is None or placed.is_empty():
            return checked, []
        at = placed.with_columns(pl.col("lon", "lat").cast(pl.Float64))
        far, near = checks.far_outside(at["lon"], at["lat"], outline, settings().population.outside_km)
        lost = placed.filter(far)["line"].implode()
        second = checks.sort_out(checked.rows, [("outside_country", pl.col("line").is_in(lost))])
        return checks.and_then(checked, second), [f"outside_outline:{near}"] if near else []
