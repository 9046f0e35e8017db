"""The country as raw tables give it: read, checked, rejects written, provenance kept; Iran's own tables fill
the gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl
import shapely

from data.errors import Refused
from data.rules.operators import prefixes as shipped_plan
from data.settings import settings
from targeting.population import checks, plan, quality, tables
from targeting.population.areas import Areas, read_areas
from targeting.population.checks import Checked
from targeting.population.country import Country, Source
from targeting.population.iran import iran, plan_frame
from targeting.population.raw import locate
from targeting.population.readers import BEYOND, read_table

IN_SNAPSHOT = {"postcodes": "postcode_areas"}  # raw tables that have another name there


@dataclass(slots=True)
class Given:
    """A folder being read: where its files are, the country so far, the folder for rejects."""

    files: dict[str, Path]
    country: Country
    rejected: Path
    stated: dict[str, tuple[str, date | None]]  # table → source and date as sources.csv says
    areas: Areas | None = None
    postcode_points: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=tables.POSTCODE_POINTS))
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


def read_country(folder: Path, region: str, rejected: Path) -> Given:
    """Read every raw table but the subscribers into a Country.

    Raises Refused for a folder or file that cannot be used.
    """
    files = locate(folder, region)
    country = iran() if region == "IR" else Country(region, plan.timezone_of(region), None)
    given = Given(files, country, rejected, _stated(files))
    if "areas" in files:
        _areas(given)
    for table in ("provinces", "prefixes", "cities", "postcodes", "towers", "districts", "occupations"):
        if table in files:
            getattr(tables, table)(given, read_table(table, files[table]))
    _fill(given)
    return given


def _areas(given: Given) -> None:
    """Areas are provinces and the outline of a country that we do not ship; in Iran they are districts only.
    """
    found = given.areas = read_areas(given.files["areas"])
    given.keep("areas", Checked(found.frame, found.rejected))
    flags = [f"repaired:{found.repaired}"] if found.repaired else []
    source = given.source("areas", *flags)
    given.country.sources["areas"] = replace(source, rows=found.frame.height)
    source = replace(source, rejected=0)  # rejects are counted once
    if given.country.region != "IR":
        given.country.outline = shapely.make_valid(found.outline)
        given.country.put("provinces", found.frame, source)
    given.country.put("districts", found.frame, source)


def _fill(given: Given) -> None:
    """Take the shipped numbering plan and trades where the folder has none."""
    country = given.country
    if "prefixes" not in country.tables and shipped_plan(country.region):
        shipped = Source("numbering plan of libphonenumber", date(2026, 1, 1))
        country.put("prefixes", plan_frame(country.region), shipped)
    if "occupations" not in country.tables:
        trades = iran()
        country.put("occupations", trades.table("occupations"), trades.sources["occupations"])


def _stated(files: dict[str, Path]) -> dict[str, tuple[str, date | None]]:
    if "sources" not in files:
        return {}
    frame = checks.with_columns(read_table("sources", files["sources"]), "as_of")
    days = frame["as_of"].str.to_date("%Y-%m-%d", strict=False)
    _refuse_unread(files["sources"].name, frame, days)
    return {
        row["table"]: (row["source"] or "", day)
        for row, day in zip(frame.iter_rows(named=True), days, strict=True)
        if row["table"]
    }


def _refuse_unread(name: str, frame: pl.DataFrame, days: pl.Series) -> None:
    """Refuse a row of sources whose date is no date, or that has a cell past the header."""
    beyond = frame.filter(pl.col(BEYOND).is_not_null()) if BEYOND in frame.columns else frame.clear()
    if not beyond.is_empty():
        line = beyond["line"][0]
        raise Refused(
            "raw.sources",
            f'{name}, line {line}: it has more cells than the header: put what holds a comma between "…"',
            f"{name}، سطر {line}: خانه‌های آن بیش از سرستون است: آنچه ویرگول دارد میان \"…\" بنویسید",
        )
    wrong = frame.filter(frame["as_of"].is_not_null() & days.is_null())
    if not wrong.is_empty():
        line, given = wrong.select("line", "as_of").row(0)
        raise Refused(
            "raw.sources",
            f"{name}, line {line}: {given!r} is no day: write as_of as YYYY-MM-DD, such as 2026-03-20, or "
            "leave it empty",
            f"{name}، سطر {line}: «{given}» تاریخ نیست: as_of را به شکل YYYY-MM-DD بنویسید، مانند "
            "2026-03-20، یا خالی بگذارید",
        )


def count_flags(postcodes: pl.DataFrame) -> list[str]:
    """Flag a table of postcodes whose own column of counts is (nearly) the same for all codes of a place
    (R1.51).
    """
    counted = postcodes.filter(pl.col("count").is_not_null())
    place = pl.coalesce("city", "province", pl.lit(""))
    return quality.suspect_flags(
        counted.select(place=place, code="postcode", count=pl.col("count").cast(pl.Int64))
    )
