"""Build a population: read, check, synthesise if no people are given, sort, write, check again, publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.errors import Refused
from data.records import processes
from data.store import operations
from data.store import population as store
from targeting.population.country import Country, Source
from targeting.population.rejects import with_rejects
from targeting.population.report import BuildRequest, Report, report_of, show
from targeting.population.write import About, Progress, write_snapshot

if TYPE_CHECKING:
    from targeting.population.synthesise import Wanted

__all__ = ["build_population", "show"]
SYNTHETIC_MAX = 40_000_000


def build_population(request: BuildRequest, *, progress: Progress | None = None) -> Report:
    """Build and publish a snapshot.

    Raises Refused (with the field to mend) for raw tables or wishes that cannot be used, Broken if the
    finished file does not keep its promises; either way nothing is published and the old snapshot stays.
    The lists of rejected rows are kept when it is refused too, for they say what to mend.
    """
    step = progress or _silent
    _check(request)
    name = store.new_name(request.region, request.now)
    with store.building(name) as folder:
        rejected = folder / "rejected"
        rejected.mkdir()
        try:
            country, people, source = _gather(request, rejected, step)
        except Refused as refused:
            raise with_rejects(refused, rejected, name) from refused
        about = About(source.as_of, request.now, _salt(), _seed(request, source), source)
        write_snapshot(folder / "new.duckdb", country, people, about=about, progress=step)
        step("publish", 0, 1)
        snapshot = store.publish(folder / "new.duckdb", name, rejected=rejected)
    step("publish", 1, 1)
    return report_of(snapshot, store.rejected_folder(name))


def _gather(request: BuildRequest, rejected: Path, step: Progress) -> tuple[Country, pl.DataFrame, Source]:
    """Return the country, its subscribers in the order they are to be stored, and where these came from."""
    if request.raw is None:
        from targeting.population.iran import iran

        country = iran()
        return country, _iranians(country, request, step), synthetic_source(request)
    from targeting.population.given import read_country

    step("read", 0, 1)
    given = read_country(request.raw, request.region, rejected)
    step("read", 1, 1)
    if "subscribers" in given.files:
        from targeting.population.subscribers import given_subscribers

        people, source = given_subscribers(given, request.today)
        if people.is_empty():
            raise _nobody(given.rejects["subscribers"])
        return given.country, people, source
    if request.synthetic is None:
        raise _needs_people()
    if request.region == "IR":
        return given.country, _iranians(given.country, request, step), synthetic_source(request)
    from targeting.population.elsewhere import synthesise_elsewhere

    step("synthesise", 0, request.synthetic)
    people = synthesise_elsewhere(given, _wanted(request))
    return given.country, people, synthetic_source(request)


def _iranians(country: Country, request: BuildRequest, step: Progress) -> pl.DataFrame:
    """Invent people of Iran; its own divisions carry the census, so a folder's cities and provinces do not
    count.
    """
    from targeting.population.iran import iran
    from targeting.population.synthesise import synthesise_iran

    shipped = iran()
    for name in ("provinces", "cities", "prefixes"):
        if not country.table(name).equals(shipped.table(name)):
            country.put(name, shipped.table(name), shipped.sources[name])
            country.sources[name].flags.append("raw_ignored")
    step("synthesise", 0, int(request.synthetic or 0))
    return synthesise_iran(country, _wanted(request))


def _wanted(request: BuildRequest) -> Wanted:
    from targeting.population.synthesise import Wanted

    return Wanted(int(request.synthetic or 0), request.today, request.seed, _province(request))


def synthetic_source(request: BuildRequest) -> Source:
    """What a snapshot says of invented people."""
    how = (
        "census of 2016, numbering plan and chance" if request.region == "IR" else "numbering plan and chance"
    )
    return Source(f"synthetic: {how}", request.today, ["synthetic"])


def _nobody(rejected: int) -> Refused:
    return Refused(
        "raw.subscribers",
        f"no subscriber is left: {rejected:,} of {rejected:,} rows were rejected; see docs/population.md",
        f"هیچ مشترکی نماند: همه {rejected:,} سطر رد شد؛ docs/population.md را ببینید",
    )  # fmt: skip


def _needs_people() -> Refused:
    return Refused(
        "synthetic",
        "the folder has no subscribers table: add one, or say how many people to invent (--synthetic N)",
        "پوشه جدول مشترکان ندارد: آن را بیفزایید یا شمار افراد ساختگی را بگویید (--synthetic N)",
    )  # fmt: skip


def _province(request: BuildRequest) -> str | None:
    from targeting.population.iran import province_code

    if request.province is None:
        return None
    code = province_code(request.province)
    if code is None:
        raise Refused(
            "province",
            f"there is no province {request.province!r}: give its code or its Persian or English name",
            f"استانی به نام «{request.province}» نیست: کد یا نام فارسی یا انگلیسی آن را بدهید",
        )
    return code


def _check(request: BuildRequest) -> None:
    if not (len(request.region) == 2 and request.region.isascii() and request.region.isupper()):
        raise Refused(
            "region",
            f"{request.region!r} is not a country's two capital letters (ISO 3166), such as IR or SR",
            f"«{request.region}» نشان دوحرفی کشور نیست؛ مانند IR یا SR",
        )  # fmt: skip
    if request.region != "IR" and request.raw is None:
        raise Refused(
            "raw",
            "only Iran is shipped with the product: give a folder of raw tables of another country (--raw)",
            "تنها ایران همراه محصول است: برای کشور دیگر پوشهٔ جدول‌های خام را بدهید (--raw DIR)",
        )  # fmt: skip
    if request.province is not None and (request.region != "IR" or request.synthetic is None):
        raise Refused(
            "province", "a province can be chosen only for synthetic people of Iran",
            "استان را تنها برای جمعیت ساختگی ایران می‌توان برگزید",
        )  # fmt: skip
    if request.raw is None and request.synthetic is None:
        raise Refused(
            "raw",
            "give a folder of raw tables (--raw DIR), or how many people to invent (--synthetic N)",
            "پوشهٔ جدول‌های خام (--raw DIR) یا شمار افراد ساختگی (--synthetic N) را بدهید",
        )
    if request.synthetic is not None and not 1 <= request.synthetic <= SYNTHETIC_MAX:
        raise Refused(
            "synthetic",
            f"the number of people must be between 1 and {SYNTHETIC_MAX:,}",
            f"شمار افراد باید میان ۱ و {SYNTHETIC_MAX:,} باشد",
        )


def _seed(request: BuildRequest, source: Source) -> int | None:
    return request.seed if "synthetic" in source.flags else None


def _salt() -> bytes:
    """Return the home's secret: who comes first stays so, whatever population is built next."""
    operations.migrate()
    with operations.reading() as c:
        return processes.order_salt(c)


def _silent(label: str, done: int, total: int) -> None:
    """Show nothing."""
    del label, done, total
