"""The country as raw tables give it: read, checked, rejects written, provenance kept; Iran's own tables fill
the gaps.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import shapely

from data.errors import Refused
from data.rules.operators import prefixes as shipped_plan
from targeting.population import checks, plan, tables
from targeting.population.areas import read_areas
from targeting.population.checks import Checked
from targeting.population.country import Country, Source
from targeting.population.folder import Given
from targeting.population.iran import iran, plan_frame
from targeting.population.raw import locate
from targeting.population.readers import BEYOND, read_table


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
